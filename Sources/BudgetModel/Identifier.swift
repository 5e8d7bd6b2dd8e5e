/// An id of a user, feature, model and so on, compared by its bytes.
///
/// Swift's own `String ==` calls the NFC and NFD forms of a name equal; Redis does not, so neither may we.
package struct Identifier: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    /// Longest id in bytes of UTF-8.
    package static let maximumLength = 256

    package init(_ text: String) { self.text = text }

    package var description: String { text }

    package static func == (a: Identifier, b: Identifier) -> Bool {
        a.text.withBytes { a in
            b.text.withBytes { b in
                guard a.count == b.count else { return false }
                for index in a.indices where a[index] != b[index] { return false }
                return true
            }
        }
    }

    package func hash(into hasher: inout Hasher) {
        text.withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// 1-256 bytes without control characters (Unicode Cc: U+0000-001F and U+007F-009F).
    package var isValid: Bool {
        text.withBytes { utf8 in
            guard 1...Self.maximumLength ~= utf8.count else { return false }
            var previous: UInt8 = 0
            for byte in utf8 {
                if byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0) { return false }
                previous = byte
            }
            return true
        }
    }
}

extension Identifier: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}
