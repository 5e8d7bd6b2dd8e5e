import BudgetModel
import Testing

/// A policy that must be refused: where, and what the advice must contain.
struct Refusal: Sendable, CustomTestStringConvertible {
    let yaml: String
    let line: Int
    let path: String
    let says: String

    init(_ yaml: String, line: Int = 1, path: String, says: String) {
        self.yaml = yaml
        self.line = line
        self.path = path
        self.says = says
    }

    /// One allowance whose given fields replace those of a good one.
    init(allowance fields: String, field: String, says: String) {
        let good = ["name": "a", "unit": "tokens", "limit": "5", "window": "day"]
        let given = fields.split(separator: ", ").compactMap { $0.split(separator: ":").first.map(String.init) }
        let others = good.filter { !given.contains($0.key) }.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        self.init(
            "allowances:\n  - {\((others + [fields]).joined(separator: ", "))}", line: 2,
            path: field.isEmpty ? "allowances[0]" : "allowances[0].\(field)", says: says)
    }

    /// A tier with these fields.
    init(tier fields: String, path: String, says: String) {
        self.init("tiers:\n  free: {\(fields)}", line: 2, path: "tiers.free.\(path)", says: says)
    }

    var testDescription: String { "\(path): \(says)" }

    func check() {
        #expect("a policy was accepted") {
            _ = try Policy(yaml: yaml, file: "policy.yaml")
        } throws: { error in
            guard let error = error as? PolicyError else { return false }
            #expect(error.line == line, "\(error)")
            #expect(error.path == path, "\(error)")
            #expect("\(error.problem); \(error.advice)".contains(says), "\(error)")
            #expect(error.file == "policy.yaml")
            return true
        }
    }
}
