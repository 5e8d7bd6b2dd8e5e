import Yams

/// A node of the document with its path: every check starts from one, every error comes from one.
struct PolicyNode {
    let file: String
    let path: String
    let node: Node

    /// Where it begins, both from 1.
    var position: (line: Int, column: Int) { (node.mark?.line ?? 1, node.mark?.column ?? 1) }

    func refusal(_ problem: String, _ advice: String) -> PolicyError {
        let (line, column) = position
        return PolicyError(file: file, line: line, column: column, path: path, problem: problem, advice: advice)
    }

    func child(_ key: String, _ node: Node) -> PolicyNode {
        PolicyNode(file: file, path: path + pathStep(key, isFirst: path.isEmpty), node: node)
    }

    func child(_ index: Int, _ node: Node) -> PolicyNode {
        PolicyNode(file: file, path: "\(path)[\(index)]", node: node)
    }

    var isMapping: Bool { node.mapping != nil }
    var isList: Bool { node.sequence != nil }

    /// The text of a scalar of any kind, unchecked.
    var rawText: String? { node.scalar?.string }
    /// The scalar keys of a mapping, unchecked, each with its value if that is a scalar, too.
    var rawEntries: [(key: String, value: String?)] {
        guard case .mapping(let mapping) = node else { return [] }
        return mapping.compactMap { key, value in key.scalar.map { ($0.string, value.scalar?.string) } }
    }

    /// The same place with a key's text as a plain scalar: in JSON a key that is a number has to be in quotes.
    func unquoted(_ text: String) -> PolicyNode {
        PolicyNode(file: file, path: path, node: .scalar(.init(text, .implicit, .plain, node.mark)))
    }

    /// What stands here, for an error about its type.
    var kind: String {
        switch node {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        case .scalar(let scalar) where scalar.style != .plain: "the text \(quoted(scalar.string))"
        case .scalar(let scalar):
            switch PlainKind(scalar.string) {
            case .null: "empty"
            case .boolean: "\(scalar.string), a truth value"
            case .number: "\(scalar.string), a number"
            case .text: "the text \(quoted(scalar.string))"
            }
        }
    }

    /// The scalar here; `advice` says what to write if it is something else.
    func scalar(_ advice: String) throws(PolicyError) -> Node.Scalar {
        guard case .scalar(let scalar) = node else { throw refusal("is \(kind)", advice) }
        let tag = scalar.tag.rawValue
        guard tag.isEmpty || (tag == Tag.Name.str.rawValue && scalar.style != .plain) else { throw tagged(tag) }
        return scalar
    }

    /// The items of a list.
    func items(_ advice: String) throws(PolicyError) -> [PolicyNode] {
        guard case .sequence(let sequence) = node else { throw refusal("is \(kind)", advice) }
        guard [Tag.Name.implicit, .seq].contains(.init(rawValue: sequence.tag.rawValue)) else {
            throw tagged(sequence.tag.rawValue)
        }
        return sequence.enumerated().map { child($0, $1) }
    }

    /// The entries of a mapping, in their order.
    func entries(_ advice: String) throws(PolicyError) -> [PolicyEntry] {
        guard case .mapping(let mapping) = node else { throw refusal("is \(kind)", advice) }
        guard [Tag.Name.implicit, .map].contains(.init(rawValue: mapping.tag.rawValue)) else {
            throw tagged(mapping.tag.rawValue)
        }
        var entries: [PolicyEntry] = []
        for (key, value) in mapping { entries.append(try entry(key, value)) }
        return entries
    }

    private func entry(_ key: Node, _ value: Node) throws(PolicyError) -> PolicyEntry {
        let place = PolicyNode(file: file, path: path, node: key)
        guard case .scalar(let scalar) = key else { throw place.refusal("a key is \(place.kind)", "write a word") }
        guard [Tag.Name.implicit, .str].contains(.init(rawValue: scalar.tag.rawValue)) else {
            throw place.tagged(scalar.tag.rawValue)
        }
        if scalar.string == "<<", scalar.style == .plain {
            throw place.refusal("merge keys are not read here", "write the values out where they are used")
        }
        return PolicyEntry(name: scalar.string, key: child(scalar.string, key), value: child(scalar.string, value))
    }

    private func tagged(_ tag: String) -> PolicyError {
        refusal("has the tag \(quoted(tag))", "write the value without a tag")
    }
}

/// A key as a step of a path: `.limit`, or `["a.b"]` for a name that would be read as something else.
func pathStep(_ key: String, isFirst: Bool) -> String {
    let plain = key.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
    return plain && !key.isEmpty ? (isFirst ? key : "." + key) : "[\(quoted(key))]"
}

/// One key of a mapping with its value.
struct PolicyEntry {
    let name: String
    let key: PolicyNode
    let value: PolicyNode

    func unknown(_ known: [String]) -> PolicyError {
        key.refusal("unknown field \(quoted(name))", adviceOnSpelling(of: name, among: known))
    }

    /// The key as the name of a tier, feature, model or destination.
    func identifier(_ what: String) throws(PolicyError) -> Identifier {
        try key.checked(Identifier(name), what)
    }
}

/// A mapping whose fields are all known.
struct PolicyFields {
    let owner: PolicyNode
    let values: [String: PolicyNode]

    init(_ owner: PolicyNode, _ known: [String], _ what: String) throws(PolicyError) {
        self.owner = owner
        var values: [String: PolicyNode] = [:]
        for entry in try owner.entries("write \(what) with fields such as \(oneOf(Array(known.prefix(3))))") {
            guard known.contains(entry.name) else { throw entry.unknown(known) }
            values[entry.name] = entry.value
        }
        self.values = values
    }

    subscript(name: String) -> PolicyNode? { values[name] }

    func required(_ name: String, _ example: String) throws(PolicyError) -> PolicyNode {
        guard let value = values[name] else { throw owner.refusal("has no \(name)", "write \(name): \(example)") }
        return value
    }
}
