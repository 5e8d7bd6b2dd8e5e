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

    struct Late: Error {}

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
            try await bookings.drained()
            try await body(bookings)
        }
    }

    func spend(_ user: Identifier, _ model: Identifier, _ change: (inout Attribution) -> Void = { _ in }) async throws {
        var request = ReserveRequest(user: user, model: model, inputTokens: 1_000)
        request.maximumOutput = 100
        change(&request.attribution)
        let asked = request
        let decision = try await node.stores.ask { $0.reserve(asked, $1) }
        var commit = CommitRequest(reservation: decision.reservation?.text ?? "")
        commit.usage = Usage(inputTokens: 1_000, outputTokens: 100)
        let settled = commit
        _ = try await node.stores.ask { $0.commit(settled, environment: nil, $1) }
    }

    private func drained() async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while await node.ledger?.status.booked != 3 {
            guard ContinuousClock.now < deadline else { throw Late() }
            try await Task.sleep(for: .milliseconds(5))
        }
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
