import BudgetModel
import BudgetStore
import TestSupport
import UsageLedger

/// What tests of reports start from: usage that was reserved, committed and has come into the ledger.
struct Bookings {
    let node: Node

    static let policy = """
        default_tier: free
        tiers:
          free: {allowances: [{name: daily, unit: tokens, limit: 10000000, window: day}]}
          pro: {allowances: [{name: daily, unit: tokens, limit: 90000000, window: day}]}
        prices:
          large: {input: 2.50, output: 10.00, max_output_tokens: 1000}
          small: {input: 0.15, output: 0.60, max_output_tokens: 1000}
        """

    /// 1,000 input and 100 output tokens: of `large` $0.0035, of `small` $0.00021.
    static func run(_ setting: (inout Node.Setting) -> Void = { _ in }, _ body: (Bookings) async throws -> Void) async throws {
        var asked = Node.Setting()
        asked.policy = policy
        asked.keepsLedger = true
        setting(&asked)
        try await Node.run(asked) { node in
            let bookings = Bookings(node: node)
            try await bookings.spend("ann", "large") { $0.feature = "chat" }
            try await bookings.spend("ann", "small") { $0.feature = "chat" }
            try await bookings.spend("bob", "large") {
                $0.feature = "=search"
                $0.team = "red"
                $0.plan = "team"
            }
            try await node.booked(3)
            try await body(bookings)
        }
    }

    func spend(_ user: Identifier, _ model: Identifier, _ change: (inout Attribution) -> Void = { _ in }) async throws {
        try await node.spend(user, model, maximumOutput: 100, change)
    }

    /// The answer to a question about everything there is.
    func usage(_ query: String) async throws -> Answer { try await node.get("/v1/usage?from=2020-01-01&\(query)") }

    /// `a b c` of every row.
    func rows(_ query: String, _ names: String...) async throws -> [String] {
        try await usage(query).json["rows"]?.items.map { row in
            names.map { name in
                switch row[name] {
                case .string(let text): text
                case .number(let number): "\(number)"
                default: "-"
                }
            }.joined(separator: " ")
        } ?? []
    }
}
