/// Why a policy is refused: where, what is wrong, and what to write instead. A policy is refused whole on its first error.
package struct PolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    package var file: String
    /// From 1.
    package var line: Int
    /// From 1, in Unicode scalars.
    package var column: Int
    /// Where in the document, such as `tiers.free.allowances[1].limit`; empty for the document itself.
    package var path: String
    package var problem: String
    package var advice: String

    package init(file: String, line: Int, column: Int, path: String, problem: String, advice: String) {
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.problem = problem
        self.advice = advice
    }

    /// The policy names a model that neither it nor the price document given has a price for.
    package var isUnknownModel: Bool { problem.hasPrefix(Self.unknownModel) }
    static let unknownModel = "unknown model"

    /// One line: `policy.yaml:12:9: tiers.free.allowances[1].limit: "-5" is negative; write ...`.
    package var description: String {
        "\(file):\(line):\(column): \(path.isEmpty ? "" : path + ": ")\(problem); \(advice)"
    }
}

/// A value of the document as it may stand in an error: in quotes, on one line, not endless.
func quoted(_ text: String) -> String {
    let longest = 64
    var result = "\""
    for scalar in text.unicodeScalars.prefix(longest) {
        switch scalar {
        case "\"", "\\": result += "\\\(scalar)"
        case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}": result += "\\u{\(String(scalar.value, radix: 16))}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + (text.unicodeScalars.count > longest ? "...\"" : "\"")
}
