/// JSON text laid out for reading. Only white space changes: the order of fields and the digits of numbers stay as sent,
/// which a decoder and an encoder in between would not promise.
package enum JSONLayout {
    /// - Parameter bytes: well-formed JSON.
    package static func indented(_ bytes: some Sequence<UInt8>) -> String {
        var layout = Layout()
        for byte in bytes { layout.add(byte) }
        return String(decoding: layout.text, as: UTF8.self)
    }

    private struct Layout {
        var text: [UInt8] = []
        private var depth = 0
        private var inString = false
        private var isEscaped = false
        /// An opening bracket waits: whether it closes at once decides its layout.
        private var isOpening = false

        mutating func add(_ byte: UInt8) {
            if inString { return addInString(byte) }
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): break
            case UInt8(ascii: "}"), UInt8(ascii: "]"): close(byte)
            default:
                if isOpening { breakLine() }
                isOpening = false
                addPlain(byte)
            }
        }

        private mutating func addInString(_ byte: UInt8) {
            text.append(byte)
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                inString = false
            }
        }

        private mutating func addPlain(_ byte: UInt8) {
            text.append(byte)
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                isOpening = true
            case UInt8(ascii: ","): breakLine()
            case UInt8(ascii: ":"): text.append(UInt8(ascii: " "))
            case UInt8(ascii: "\""): inString = true
            default: break
            }
        }

        private mutating func close(_ byte: UInt8) {
            depth = max(depth - 1, 0)
            if !isOpening { breakLine() }
            isOpening = false
            text.append(byte)
        }

        private mutating func breakLine() {
            text.append(UInt8(ascii: "\n"))
            text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
        }
    }
}
