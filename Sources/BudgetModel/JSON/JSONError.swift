/// Why a JSON text was refused, and where.
package struct JSONError: Error, Hashable, Sendable {
    /// The class of mistake; it becomes the problem's `code`.
    package enum Kind: String, Sendable {
        case malformed = "malformed_json"
        case unknownField = "unknown_field"
        case duplicateField = "duplicate_field"
        case missingField = "missing_field"
        case invalid = "invalid_field"
        /// A number that is well formed but above 2^53 - 1: unusable rather than malformed.
        case amountTooLarge = "amount_too_large"
        case inconsistentUsage = "usage_inconsistent"
    }
    package var kind: Kind
    package var detail: String
    /// RFC 6901 pointer of the field; empty for the document.
    package var pointer: String

    package init(_ kind: Kind, _ detail: String, pointer: String = "") {
        self.kind = kind
        self.detail = detail
        self.pointer = pointer
    }

    /// A step of a pointer, escaped as RFC 6901 asks.
    package static func step(_ key: String) -> String {
        guard key.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return "/" + key }
        var escaped = "/"
        for character in key {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
