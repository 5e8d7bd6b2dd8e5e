import Yams

/// A document's contents without layout: what its JSON form says, and what an edit changes.
extension JSONValue {
    /// YAML as the JSON that says the same.
    package init(yaml text: String) throws { self = try Yams.compose(yaml: text).map { JSONValue($0) } ?? .null }

    /// A plain scalar that is a number, a truth value or nothing becomes one, as it is written; anything in quotes is text.
    init(_ node: Node) {
        switch node {
        case .mapping(let mapping): self = .object(mapping.map { ($0.key.scalar?.string ?? "", JSONValue($0.value)) })
        case .sequence(let sequence): self = .array(sequence.map { JSONValue($0) })
        case .scalar(let scalar) where scalar.style == .plain: self = .init(plain: scalar.string)
        case .scalar(let scalar): self = .string(scalar.string)
        case .alias: self = .null
        }
    }

    private init(plain text: String) {
        switch PlainKind(text) {
        case .null: self = .null
        case .boolean: self = .bool(text.lowercased() == "true")
        // YAML has numbers that JSON has not, such as 0x10: no field of a policy takes one.
        case .number: self = (try? JSONValue(parsing: text.utf8)) ?? .string(text)
        case .text: self = .string(text)
        }
    }

    /// The same contents for the policy's reader, which then needs no text; places are all line 1, column 1.
    var node: Node {
        switch self {
        case .null: Node("", .implicit, .plain)
        case .bool(let value): Node(value ? "true" : "false", .implicit, .plain)
        case .number(let text): Node(text, .implicit, .plain)
        case .string(let text): Node(text, .implicit, .doubleQuoted)
        case .array(let items): Node(items.map(\.node))
        case .object(let fields): Node(fields.map { (Node($0.key, .implicit, .doubleQuoted), $0.value.node) })
        }
    }

    // MARK: Fields by name

    /// By bytes, as everything that ops name is compared.
    func field(_ name: Identifier) -> JSONValue? {
        guard case .object(let fields) = self else { return nil }
        return fields.first { Identifier($0.key) == name }?.value
    }

    /// The object with a field set in its place, added at the end or, with nil, removed; what is no object becomes one.
    package func setting(_ name: Identifier, to value: JSONValue?) -> JSONValue {
        var fields: [(key: String, value: JSONValue)] = []
        if case .object(let own) = self { fields = own }
        let place = fields.firstIndex { Identifier($0.key) == name }
        switch (place, value) {
        case (let place?, let value?): fields[place].value = value
        case (let place?, nil): fields.remove(at: place)
        case (nil, let value?): fields.append((name.text, value))
        case (nil, nil): break
        }
        return .object(fields)
    }

    // MARK: Sameness

    /// Whether both say the same: the order of fields is none, and `0.50` is `0.5`.
    func means(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.number(let a), .number(let b)): isSameNumber(a, b)
        case (.string(let a), .string(let b)): Identifier(a) == Identifier(b)
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.means($1) }
        case (.object(let a), .object(let b)): a.count == b.count && haveSameFields(a, b)
        default: false
        }
    }
}

private typealias Fields = [(key: String, value: JSONValue)]

private func isSameNumber(_ a: String, _ b: String) -> Bool {
    if a == b { return true }
    guard let first = DecimalNumber(a), let second = DecimalNumber(b) else { return false }
    return first == second
}

private func haveSameFields(_ a: Fields, _ b: Fields) -> Bool {
    if zip(a, b).allSatisfy({ Identifier($0.key) == Identifier($1.key) }) {
        return zip(a, b).allSatisfy { $0.value.means($1.value) }
    }
    let other = Dictionary(b.map { (Identifier($0.key), $0.value) }) { first, _ in first }
    return a.allSatisfy { other[Identifier($0.key)]?.means($0.value) ?? false }
}

extension Node {
    /// Whether all text in it is in double quotes, as in JSON.
    var isJSON: Bool {
        switch self {
        case .mapping(let mapping): mapping.allSatisfy { $0.key.isQuoted && $0.value.isJSON }
        case .sequence(let sequence): sequence.allSatisfy(\.isJSON)
        case .scalar(let scalar) where scalar.style == .plain: PlainKind(scalar.string) != .text
        case .scalar: isQuoted
        case .alias: false
        }
    }

    private var isQuoted: Bool { scalar?.style == .doubleQuoted }
}
