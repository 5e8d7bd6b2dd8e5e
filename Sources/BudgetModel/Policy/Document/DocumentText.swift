import Yams

/// The text of a document in the parser's own measure: Unicode scalars and lines, so that its marks become offsets.
struct DocumentText {
    let scalars: [Unicode.Scalar]
    /// Where each line begins.
    private let lineStarts: [Int]

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        var starts = [0]
        for (offset, scalar) in scalars.enumerated() where isBreak(scalar) {
            // CR and LF are one break.
            if scalar == "\r", offset + 1 < scalars.count, scalars[offset + 1] == "\n" { continue }
            starts.append(offset + 1)
        }
        lineStarts = starts
    }

    var string: String { string(scalars.indices) }

    func string(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[range])
        return String(view)
    }

    /// What ends its lines.
    var lineBreak: String {
        zip(scalars, scalars.dropFirst()).contains { $0 == "\r" && $1 == "\n" } ? "\r\n" : "\n"
    }

    // MARK: Lines, from 0

    var lineCount: Int { lineStarts.count }

    /// One past the last line begins at the end.
    func start(ofLine line: Int) -> Int { line < lineStarts.count ? lineStarts[line] : scalars.count }

    /// The end of a line without its break.
    func end(ofLine line: Int) -> Int {
        var end = start(ofLine: line + 1)
        while end > start(ofLine: line), isBreak(scalars[end - 1]) { end -= 1 }
        return end
    }

    func line(at offset: Int) -> Int {
        var (low, high) = (0, lineStarts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    func column(of offset: Int) -> Int { offset - start(ofLine: line(at: offset)) }

    /// The first offset of a line that is no space; the line's end when it is blank.
    func content(ofLine line: Int) -> Int {
        let end = end(ofLine: line)
        return scalars[start(ofLine: line)..<end].firstIndex { !isSpace($0) } ?? end
    }

    func isFirstOnItsLine(_ offset: Int) -> Bool { content(ofLine: line(at: offset)) == offset }

    /// The leading blanks of the line `offset` stands in.
    func indentation(at offset: Int) -> String {
        let line = line(at: offset)
        return string(start(ofLine: line)..<content(ofLine: line))
    }

    /// One past the last of the lines from `first` on, before `limit`, that belong to a part of the document: blank lines, and
    /// comments that do not stand further in than the part itself, belong to what comes next.
    func ownEnd(from first: Int, to limit: Int, indentation: Int) -> Int {
        var end = max(limit, first + 1)
        while end - 1 > first, isTrailing(end - 1, indentation: indentation) { end -= 1 }
        return end
    }

    private func isTrailing(_ line: Int, indentation: Int) -> Bool {
        let content = content(ofLine: line)
        if content == end(ofLine: line) { return true }
        if scalars[content] == "#" { return content - start(ofLine: line) <= indentation }
        return string(content..<end(ofLine: line)) == "..."
    }

    /// The first of the comment lines right above a line, or the line itself.
    func firstCommentLine(above line: Int) -> Int {
        var line = line
        while line > 0, content(ofLine: line - 1) < end(ofLine: line - 1), scalars[content(ofLine: line - 1)] == "#" { line -= 1 }
        return line
    }

    // MARK: Nodes

    func offset(of mark: Mark?) -> Int? {
        guard let mark, mark.line >= 1, mark.line <= lineCount else { return nil }
        let offset = start(ofLine: mark.line - 1) + mark.column - 1
        return offset <= scalars.count ? offset : nil
    }

    func isFlow(_ node: Node) -> Bool {
        guard let start = offset(of: node.mark), start < scalars.count else { return false }
        return scalars[start] == "{" || scalars[start] == "["
    }

    /// From the first to the last character of a scalar or flow collection; nil where that cannot be told: in block style, for
    /// plain text over several lines, for what has a tag.
    func range(of node: Node) -> Range<Int>? {
        guard let start = offset(of: node.mark) else { return nil }
        let end: Int?
        switch node {
        case .scalar(let scalar): end = self.end(of: scalar, from: start)
        case .mapping(let mapping): end = flowEnd(from: start, last: Array(mapping).last?.value, "{", "}")
        case .sequence(let sequence): end = flowEnd(from: start, last: sequence.last, "[", "]")
        case .alias: end = nil
        }
        return end.map { start..<$0 }
    }

    private func end(of scalar: Node.Scalar, from start: Int) -> Int? {
        switch scalar.style {
        case .plain:
            let text = Array(scalar.string.unicodeScalars)
            return scalars[start...].starts(with: text) ? start + text.count : nil
        case .singleQuoted, .doubleQuoted: return quoteEnd(from: start)
        case .any, .literal, .folded: return nil
        }
    }

    private func flowEnd(from start: Int, last: Node?, _ open: Unicode.Scalar, _ close: Unicode.Scalar) -> Int? {
        guard start < scalars.count, scalars[start] == open else { return nil }
        var at = start + 1
        if let last {
            guard let range = range(of: last) else { return nil }
            at = range.upperBound
        }
        while at < scalars.count {
            switch scalars[at] {
            case close: return at + 1
            case "#": at = end(ofLine: line(at: at))
            case let scalar where isSpace(scalar) || isBreak(scalar) || scalar == ",": at += 1
            default: return nil
            }
        }
        return nil
    }

    /// One past the closing quote of the text in quotes that starts here.
    private func quoteEnd(from start: Int) -> Int? {
        guard start < scalars.count, scalars[start] == "\"" || scalars[start] == "'" else { return nil }
        let quote = scalars[start]
        var at = start + 1
        while at < scalars.count {
            if scalars[at] == "\\", quote == "\"" {
                at += 2
            } else if scalars[at] != quote {
                at += 1
            } else if quote == "'", at + 1 < scalars.count, scalars[at + 1] == "'" {
                at += 2
            } else {
                return at + 1
            }
        }
        return nil
    }

    // MARK: Comments

    /// Whether a comment stands in this part of the text, which must not begin inside text in quotes.
    func hasComment(in range: Range<Int>) -> Bool {
        var at = range.lowerBound
        while at < range.upperBound {
            let beginsWord = at == range.lowerBound || isSpace(scalars[at - 1]) || isBreak(scalars[at - 1])
            if scalars[at] == "#", beginsWord { return true }
            if beginsWord, let end = blockTextEnd(from: at) {
                at = end
                continue
            }
            let mayOpenQuotes = beginsWord || "[{,:".unicodeScalars.contains(scalars[at - 1])
            at = mayOpenQuotes ? quoteEnd(from: at) ?? at + 1 : at + 1
        }
        return false
    }

    /// The end of the text that a `|` or `>` at the end of a line begins: all lines further in than that one.
    private func blockTextEnd(from start: Int) -> Int? {
        let line = line(at: start)
        guard scalars[start] == "|" || scalars[start] == ">",
            scalars[start..<end(ofLine: line)].dropFirst().allSatisfy({ "+-0123456789 ".unicodeScalars.contains($0) })
        else { return nil }
        let indentation = indentation(at: start).unicodeScalars.count
        var next = line + 1
        while next < lineCount, content(ofLine: next) == end(ofLine: next) || column(of: content(ofLine: next)) > indentation {
            next += 1
        }
        return self.start(ofLine: next)
    }
}

private func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

/// What libYAML takes for a line break, as YAML 1.1 has it.
private func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
}
