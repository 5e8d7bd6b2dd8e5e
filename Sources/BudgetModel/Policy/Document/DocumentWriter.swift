/// Writes a document's contents as text, in one of its two syntaxes.
struct DocumentWriter {
    let isJSON: Bool
    /// What ends a line here: an edited document keeps its own.
    var lineBreak = "\n"
    /// From this column on a collection goes over several lines; shorter than the limit of most editors, with room for a comment.
    private static let widest = 100
    /// A collection in a collection still reads well on one line: an allowance is one.
    private static let deepestOnOneLine = 2

    /// The whole document, with a line break at its end.
    func document(_ value: JSONValue) -> String {
        (isJSON ? spread(value, indentation: 0) : block(value, indentation: 0)) + lineBreak
    }

    // MARK: On one line

    /// `{limit: 5, per: [user]}`, or as JSON.
    func inline(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): scalar(text)
        case .array(let items): "[" + items.map(inline).joined(separator: ", ") + "]"
        case .object(let fields): "{" + fields.map { key($0.key) + inline($0.value) }.joined(separator: ", ") + "}"
        }
    }

    /// `name: `
    func key(_ name: String) -> String { (isJSON || !isPlain(name) ? jsonString(name) : name) + ": " }

    /// Plain where nobody could take it for something else.
    private func scalar(_ text: String) -> String {
        isJSON || !isPlain(text) || PlainKind(text) != .text ? jsonString(text) : text
    }

    func fitsOneLine(_ value: JSONValue, column: Int) -> Bool {
        switch value {
        case .array(let items) where items.isEmpty: true
        case .object(let fields) where fields.isEmpty: true
        case .array, .object:
            value.depth <= Self.deepestOnOneLine && !value.listsObjects
                && column + inline(value).unicodeScalars.count <= Self.widest
        default: true
        }
    }

    // MARK: Over several lines

    /// In flow style (which JSON is), its first line without indentation.
    func spread(_ value: JSONValue, indentation: Int) -> String {
        if fitsOneLine(value, column: indentation) { return inline(value) }
        let inner = indentation + 2
        func lines(_ open: String, _ items: [String], _ close: String) -> String {
            let indented = items.map { lineBreak + spaces(inner) + $0 }
            return open + indented.joined(separator: ",") + lineBreak + spaces(indentation) + close
        }
        switch value {
        case .array(let items): return lines("[", items.map { spread($0, indentation: inner) }, "]")
        case .object(let fields): return lines("{", fields.map { key($0.key) + spread($0.value, indentation: inner) }, "}")
        default: return inline(value)
        }
    }

    /// In block style, its first line without indentation.
    private func block(_ value: JSONValue, indentation: Int) -> String {
        let lines: [String]
        switch value {
        case .object(let fields) where !fields.isEmpty: lines = fields.map { entry($0.key, $0.value, indentation: indentation) }
        case .array(let items) where !items.isEmpty: lines = items.map { item($0, indentation: indentation) }
        default: return inline(value)
        }
        return lines.joined(separator: lineBreak + spaces(indentation))
    }

    /// `name: value` of a block mapping.
    func entry(_ name: String, _ value: JSONValue, indentation: Int) -> String {
        let key = key(name)
        if fitsOneLine(value, column: indentation + key.unicodeScalars.count) { return key + inline(value) }
        return key.dropLast() + lineBreak + spaces(indentation + 2) + block(value, indentation: indentation + 2)
    }

    /// `- value` of a block sequence.
    func item(_ value: JSONValue, indentation: Int) -> String {
        fitsOneLine(value, column: indentation + 2) ? "- " + inline(value) : "- " + block(value, indentation: indentation + 2)
    }
}

func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

/// Whether YAML reads these characters without quotes as themselves, anywhere: letters, digits and a few signs.
private func isPlain(_ text: String) -> Bool {
    func isWordly(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
    guard let first = text.utf8.first, let last = text.utf8.last, isWordly(first), last != UInt8(ascii: " ") else { return false }
    return text.utf8.allSatisfy { isWordly($0) || " -./%+".utf8.contains($0) }
}

extension JSONValue {
    /// How many collections stand in one another; 0 is a scalar.
    fileprivate var depth: Int {
        switch self {
        case .array(let items): 1 + (items.map(\.depth).max() ?? 0)
        case .object(let fields): 1 + (fields.map(\.value.depth).max() ?? 0)
        default: 0
        }
    }

    fileprivate var listsObjects: Bool {
        guard case .array(let items) = self else { return false }
        return items.contains { if case .object = $0 { true } else { false } }
    }
}

extension JSONValue {
    /// Compact JSON that YAML reads as the same, too.
    package var jsonText: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): jsonString(text)
        case .array(let items): "[" + items.map(\.jsonText).joined(separator: ",") + "]"
        case .object(let fields):
            "{" + fields.map { jsonString($0.key) + ":" + $0.value.jsonText }.joined(separator: ",") + "}"
        }
    }
}
