import BudgetModel
import BudgetStore
import TestSupport

/// Users who do everything that moves counters, from a seed.
struct RandomSpending {
    let store: TestStore
    var random: SeededGenerator
    private var open: [String] = []
    private var ended: [String] = []
    static let users: [Identifier] = ["ann", "bob", "c:d", "{", "eve"]

    static let policy = """
        default_tier: free
        allowances:
          - {name: company, unit: usd, limit: 100000, window: month, per: []}
          - {name: teams, unit: tokens, limit: 90000000, window: day, per: [team]}
        tiers:
          free:
            allowances:
              - {name: daily, unit: tokens, limit: 9000000, window: day}
              - {name: chat, unit: tokens, limit: 9000000, window: hour, per: [user, feature]}
              - {name: money, unit: usd, limit: 90000, window: {rolling: 2h}}
              - {name: burst, unit: tokens, limit: 900000, window: {refill: hour}}
              - {name: parallel, unit: in_flight, limit: 500}
              - {name: calls, unit: requests, limit: 900000, window: week}
              - {name: run, unit: tokens, limit: 9000000, window: lifetime, per: [session]}
              - {name: life, unit: output_tokens, limit: 90000000, window: lifetime}
        prices:
          m: {input: 1.25, output: 10, max_output_tokens: 1000}
          n: {input: 0.15, output: 0.60, max_output_tokens: 1000}
        """

    init(_ store: TestStore, seed: UInt64) {
        self.store = store
        random = SeededGenerator(seed: seed)
    }

    mutating func step() async throws {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<8: try await reserve()
        case 8..<13: await settle(takeOpen(), final: true)
        case 13..<15: await settle(open.randomElement(using: &random), final: false)
        case 15: await settle(takeEnded(), final: true)
        case 16: if let id = takeOpen() { _ = await store.release(id) }
        case 17: await record()
        case 18: _ = try await store.reset("daily", of: pickUser())
        default: try await store.grant(GrantRequest("daily", "1000"), to: pickUser())
        }
    }

    /// Everything that was open is over: it can still be committed late.
    mutating func expire() {
        ended += open
        open = []
    }

    private mutating func pickUser() -> Identifier { Self.users[Int.random(in: 0..<Self.users.count, using: &random)] }

    private mutating func takeOpen() -> String? {
        open.isEmpty ? nil : open.remove(at: Int.random(in: 0..<open.count, using: &random))
    }

    private mutating func takeEnded() -> String? {
        ended.isEmpty ? nil : ended.remove(at: Int.random(in: 0..<ended.count, using: &random))
    }

    private mutating func reserve() async throws {
        var request = ReserveRequest(user: pickUser(), model: "m", inputTokens: Int64.random(in: 0...2_000, using: &random))
        request.maximumOutput = Int64.random(in: 0...500, using: &random)
        request.attribution.team = Bool.random(using: &random) ? "red" : nil
        request.attribution.session = Bool.random(using: &random) ? "s1" : nil
        if let id = try await store.reserve(request).get().reservation { open.append(id.text) }
    }

    private mutating func settle(_ id: String?, final: Bool) async {
        guard let id else { return }
        var request = CommitRequest(reservation: id)
        request.final = final
        // Now and then more than was held.
        request.usage = Usage(
            inputTokens: Int64.random(in: 0...2_500, using: &random), outputTokens: Int64.random(in: 0...600, using: &random))
        // Now and then another model than was held, or than the last checkpoint said.
        if request.usage?.inputTokens.isMultiple(of: 2) == true { request.model = "n" }
        _ = await store.commit(request)
    }

    private mutating func record() async {
        let attribution = Attribution(user: pickUser())
        let key = "k\(Int.random(in: 0..<1_000, using: &random))"
        let what: RecordRequest.What =
            Bool.random(using: &random)
            ? .tokens(Usage(inputTokens: 700, outputTokens: 30), model: "m") : .cost(12_345, component: "gpu")
        _ = await store.record(RecordRequest(attribution: attribution, what: what, idempotencyKey: key))
    }
}
