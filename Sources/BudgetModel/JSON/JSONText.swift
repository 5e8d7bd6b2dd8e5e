/// Writes JSON text into bytes: what answers and stored documents are made of.
package struct JSONText {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(capacity: Int = 1_024) { bytes.reserveCapacity(capacity) }

    package var string: String { String(decoding: bytes, as: UTF8.self) }

    package mutating func object(_ write: (inout JSONText) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        write(&self)
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    package mutating func array(_ write: (inout JSONText) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        write(&self)
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    package mutating func key(_ name: StaticString) {
        let (length, comma) = (name.utf8CodeUnitCount, needsComma)
        bytes.append(addingCapacity: length + 4) { output in
            if comma { output.append(UInt8(ascii: ",")) }
            output.append(UInt8(ascii: "\""))
            for index in 0..<length { output.append(name.utf8Start[index]) }
            output.append(UInt8(ascii: "\""))
            output.append(UInt8(ascii: ":"))
        }
        needsComma = false
    }

    package mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func integer(_ value: Int64) {
        separate()
        appendDecimal(value, to: &bytes)
        needsComma = true
    }

    /// Microcents as decimal dollars.
    package mutating func dollars(_ microcents: Int64) {
        separate()
        Money.appendDollars(microcents, to: &bytes)
        needsComma = true
    }

    package mutating func bool(_ value: Bool) { word(value ? "true" : "false") }
    package mutating func null() { word("null") }

    package mutating func string(_ text: String) {
        let comma = needsComma
        var text = text
        text.withUTF8 { utf8 in
            guard utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) else {
                separate()
                bytes.append(UInt8(ascii: "\""))
                for byte in utf8 { append(character: byte) }
                return bytes.append(UInt8(ascii: "\""))
            }
            bytes.append(addingCapacity: utf8.count + 3) { output in
                if comma { output.append(UInt8(ascii: ",")) }
                output.append(UInt8(ascii: "\""))
                for byte in utf8 { output.append(byte) }
                output.append(UInt8(ascii: "\""))
            }
        }
        needsComma = true
    }

    /// Bytes that need no escape, in quotes.
    package mutating func plain(_ write: (inout [UInt8]) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        write(&bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// JSON that is written already: a value, or members of the object that is open; nothing if there is none.
    package mutating func raw(_ json: [UInt8]) {
        guard !json.isEmpty else { return }
        separate()
        bytes += json
        needsComma = true
    }

    private mutating func append(character byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
        case 0x0A: bytes += Array("\\n".utf8)
        case 0..<0x20: bytes += Array(("\\u00" + hexadecimal([byte])).utf8)
        default: bytes.append(byte)
        }
    }

    private mutating func word(_ text: StaticString) {
        separate()
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }
}
