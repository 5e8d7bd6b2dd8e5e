/// Writes JSON text into bytes: what answers and stored documents are made of.
package struct JSONText: ~Copyable {
    private var text: ByteWriter
    private var needsComma = false

    package init(capacity: Int = ByteWriter.page) { text = ByteWriter(capacity: capacity) }

    private init(into text: consuming ByteWriter) { self.text = text }

    /// - Returns: an object with the members that `write` writes.
    package static func object(capacity: Int = ByteWriter.page, _ write: (inout JSONText) -> Void) -> [UInt8] {
        bytes(capacity: capacity) { $0.object(write) }
    }

    /// Members without the object around them, for ``raw(_:)``.
    static func members(_ write: (inout JSONText) -> Void) -> [UInt8] { bytes(capacity: 128, write) }

    private static func bytes(capacity: Int, _ write: (inout JSONText) -> Void) -> [UInt8] {
        ByteWriter.bytes(capacity: capacity) { text in
            var json = JSONText(into: text)
            write(&json)
            text = json.text
        }
    }

    package var bytes: [UInt8] { text.bytes }
    package var string: String { text.text }

    package mutating func object(_ write: (inout JSONText) -> Void) {
        open(UInt8(ascii: "{"))
        write(&self)
        close(UInt8(ascii: "}"))
    }

    package mutating func array(_ write: (inout JSONText) -> Void) {
        open(UInt8(ascii: "["))
        write(&self)
        close(UInt8(ascii: "]"))
    }

    package mutating func key(_ name: StaticString) {
        quote(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), then: UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func key(_ name: String) {
        string(name)
        text.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func integer(_ value: Int64) {
        separate()
        text.append(decimal: value)
        needsComma = true
    }

    /// Microcents as decimal dollars.
    package mutating func dollars(_ microcents: Int64) {
        separate()
        text.append(dollars: microcents)
        needsComma = true
    }

    package mutating func bool(_ value: Bool) { word(value ? "true" : "false") }
    package mutating func null() { word("null") }

    package mutating func string(_ value: String) {
        value.withBytes { utf8 in
            if utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
                quote(utf8)
            } else {
                separate()
                text.append(UInt8(ascii: "\""))
                for byte in utf8 { append(character: byte) }
                text.append(UInt8(ascii: "\""))
            }
        }
        needsComma = true
    }

    /// Bytes that need no escape, in quotes.
    package mutating func plain(_ write: (inout ByteWriter) -> Void) {
        open(UInt8(ascii: "\""))
        write(&text)
        close(UInt8(ascii: "\""))
    }

    /// JSON that is written already: a value, or members of the object that is open; nothing if there is none.
    package mutating func raw(_ json: [UInt8]) {
        guard !json.isEmpty else { return }
        separate()
        text.append(json)
        needsComma = true
    }

    private mutating func append(character byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append([UInt8(ascii: "\\"), byte])
        case 0x0A: text.append("\\n")
        case 0..<0x20: text.append(utf8: "\\u00" + hexadecimal([byte]))
        default: text.append(byte)
        }
    }

    private mutating func word(_ word: StaticString) {
        separate()
        text.append(word)
        needsComma = true
    }

    /// In quotes, in one piece with the comma before and the byte after them.
    private mutating func quote(_ utf8: UnsafeBufferPointer<UInt8>, then last: UInt8? = nil) {
        let (before, after) = (needsComma ? 1 : 0, last == nil ? 0 : 1)
        text.append(length: before + 1 + utf8.count + 1 + after) { output in
            output[0] = UInt8(ascii: ",")
            let quoted = output + before
            quoted[0] = UInt8(ascii: "\"")
            if let source = utf8.baseAddress { UnsafeMutableRawPointer(quoted + 1).copyMemory(from: source, byteCount: utf8.count) }
            quoted[1 + utf8.count] = UInt8(ascii: "\"")
            if let last { quoted[2 + utf8.count] = last }
        }
    }

    private mutating func open(_ byte: UInt8) {
        separate()
        text.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        text.append(byte)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { text.append(UInt8(ascii: ",")) }
    }
}
