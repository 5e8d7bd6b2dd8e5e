import Yams

/// Limits on the text of documents.
package enum PolicyText {
    /// Longest policy in bytes: thousands of allowances, yet parsed in well under a second.
    package static let maximumPolicy = 1 << 20
    /// Longest catalogue in bytes: our canonical form of a policy's prices must always be readable again.
    package static let maximumCatalogue = 4 << 20
}

/// Parses YAML (or JSON) without judging its contents. Scalars stay text: `on`, `no` and `1.10` mean what their field says.
func parsePolicyText(_ text: String, file: String, maximum: Int) throws(PolicyError) -> PolicyNode {
    func refusal(_ problem: String, _ advice: String) -> PolicyError {
        PolicyError(file: file, line: 1, column: 1, path: "", problem: problem, advice: advice)
    }
    guard text.utf8.count <= maximum else {
        throw refusal("the document has \(text.utf8.count) bytes", "write at most \(maximum)")
    }
    let text = joiningSurrogates(text)
    if let unanchored = withoutAnchors(text) { _ = try compose(unanchored, file: file) }
    guard let root = try compose(text, file: file), !root.isNull else {
        throw refusal("the document is empty", "write at least {}, or sections such as tiers, allowances and prices")
    }
    return PolicyNode(file: file, path: "", node: root)
}

extension Node {
    /// An empty plain scalar, or one of YAML's words for nothing.
    fileprivate var isNull: Bool {
        guard case .scalar(let scalar) = self, scalar.style == .plain else { return false }
        return PlainKind(scalar.string) == .null
    }
}

/// The text with every possible anchor turned into an alias, or nil when it has neither `&` nor `*`.
///
/// Aliases can make a small text expand without bound, inside the parser even, so it must never see an anchor. Both marks
/// mean nothing but themselves inside scalars and comments, so parsing this text first fails at the first real anchor or
/// alias, as an alias nobody defined, and at nothing else.
private func withoutAnchors(_ text: String) -> String? {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "*") }) else { return nil }
    // A quote never stands before an anchor; sparing what follows one keeps the keys "&a" and "*a" apart.
    let quotes: [UInt8] = [UInt8(ascii: "\""), UInt8(ascii: "'")]
    var bytes = Array(text.utf8)
    for index in bytes.indices where bytes[index] == UInt8(ascii: "&") {
        if index == 0 || !quotes.contains(bytes[index - 1]) { bytes[index] = UInt8(ascii: "*") }
    }
    return String(decoding: bytes, as: UTF8.self)
}

private func compose(_ text: String, file: String) throws(PolicyError) -> Node? {
    do {
        return try parse(text)
    } catch {
        throw policyError(from: error, text: text, file: file)
    }
}

/// Without resolver rules, `1` and `"1"` are one key, and the environment has no say in the encoding.
private func parse(_ text: String) throws -> Node? {
    try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
}

private func policyError(from error: any Error, text: String, file: String) -> PolicyError {
    func refusal(_ mark: Mark?, _ problem: String, _ advice: String) -> PolicyError {
        PolicyError(
            file: file, line: mark?.line ?? 1, column: mark?.column ?? 1, path: "", problem: problem, advice: advice)
    }
    switch error as? YamlError {
    case .composer(_, "found undefined alias", let mark, _):
        return refusal(mark, "anchors and aliases are not read here", "write the values out where they are used")
    case .composer(_, "but found another document", let mark, _):
        return refusal(mark, "a second document starts here", "write one document")
    case .composer(let context, let problem, let mark, _), .scanner(let context, let problem, let mark, _),
        .parser(let context, let problem, let mark, _):
        guard !problem.hasPrefix("Maximum nesting level") else {
            return refusal(mark, "the document is nested too deeply", "write it flatter: no section needs ten levels")
        }
        let inside = context.map { " \($0.text) (line \($0.mark.line))" } ?? ""
        return refusal(mark, "this is no valid YAML: \(problem)\(inside)", "check the quotes, brackets and indentation")
    case .reader(let problem, let offset, _, _):
        let line = text.prefix(offset ?? 0).count { $0.isNewline } + 1
        return PolicyError(
            file: file, line: line, column: 1, path: "", problem: "this is no readable text: \(problem)",
            advice: "write UTF-8 without control characters")
    case .duplicatedKeysInMapping(let names, let context):
        return duplicateKey(names.first ?? "", first: context.mark, text: text, file: file)
    default:
        return refusal(nil, "this is no valid YAML", "check the quotes, brackets and indentation")
    }
}

// MARK: Keys that are there twice

/// The parser names a key and its first place only. Renaming it there lets the rest be parsed and shows path and second place.
private func duplicateKey(_ name: String, first: Mark, text: String, file: String) -> PolicyError {
    let mark = "first-of-two-"
    let found = (try? parse(inserting(mark, into: text, at: first))).flatMap { $0 }.flatMap {
        secondKey(name, renamed: mark + name, in: PolicyNode(file: file, path: "", node: $0))
    }
    if let found { return found.refusal("\(quoted(name)) is there twice, first on line \(first.line)", "keep one of them") }
    return PolicyError(
        file: file, line: first.line, column: first.column, path: name,
        problem: "\(quoted(name)) is there more than once", advice: "keep one of them")
}

private func inserting(_ word: String, into text: String, at mark: Mark) -> String {
    var scalars = text.unicodeScalars
    var place = scalars.startIndex
    for _ in 1..<max(1, mark.line) {
        place = scalars[place...].firstIndex(of: "\n").map(scalars.index(after:)) ?? scalars.endIndex
    }
    place = scalars.index(place, offsetBy: max(0, mark.column - 1), limitedBy: scalars.endIndex) ?? scalars.endIndex
    if place < scalars.endIndex, scalars[place] == "\"" || scalars[place] == "'" { place = scalars.index(after: place) }
    scalars.insert(contentsOf: word.unicodeScalars, at: place)
    return String(scalars)
}

private func secondKey(_ name: String, renamed: String, in place: PolicyNode) -> PolicyNode? {
    switch place.node {
    case .mapping(let mapping):
        let keys = mapping.compactMap { $0.key.scalar }
        if keys.contains(where: { $0.string == renamed }), let second = keys.first(where: { $0.string == name }) {
            return place.child(name, .scalar(second))
        }
        return mapping.lazy.compactMap { pair in
            pair.key.scalar.flatMap { secondKey(name, renamed: renamed, in: place.child($0.string, pair.value)) }
        }.first
    case .sequence(let sequence):
        return sequence.enumerated().lazy.compactMap { secondKey(name, renamed: renamed, in: place.child($0, $1)) }.first
    case .scalar, .alias:
        return nil
    }
}
