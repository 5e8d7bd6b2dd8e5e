import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// What is plain is decided and settled by a short way through the scripts, the rest by a longer one: nobody may tell which.
@Suite struct PlainWayTests {
    private let noon = OpsExample.noon

    /// So many allowances, the user's own and shared ones by turns.
    private func policy(_ count: Int) -> String {
        let units = ["tokens", "usd", "requests", "input_tokens", "output_tokens", "in_flight"]
        let own = (0..<count).filter { $0 % 2 == 0 }, shared = (0..<count).filter { $0 % 2 == 1 }
        func line(_ index: Int, _ per: String) -> String {
            let unit = units[index % units.count]
            let window = unit == "in_flight" ? "" : ", window: day"
            return "{name: a\(index), unit: \(unit), limit: 5000\(window)\(per)}"
        }
        return """
            default_tier: free
            allowances: [\(shared.map { line($0, ", per: []") }.joined(separator: ", "))]
            tiers: {free: {allowances: [\(own.map { line($0, "") }.joined(separator: ", "))]}}
            prices: {m: {input: 1, output: 1, max_output_tokens: 100}}
            """
    }

    private func request(_ key: String? = nil) -> ReserveRequest {
        var request = OpsExample.request(100)
        request.maximumOutput = 50
        request.idempotencyKey = key
        return request
    }

    /// What `count` calls of 90 + 40 tokens have used of an allowance.
    private func used(_ unit: AllowanceUnit, calls count: Int64) -> Int64 {
        switch unit {
        case .tokens: 130 * count
        case .inputTokens: 90 * count
        case .outputTokens: 40 * count
        case .usd: 13_000 * count
        case .requests: count
        case .inFlight: 0
        }
    }

    @Test(arguments: 1...9)
    func everyCounterMovesHoweverManyThereAre(count: Int) async throws {
        let store = try await TestStore(policy(count), at: noon)
        // The first call begins the counters, which is not plain; the second finds them.
        let first = try await store.reserve(request()).get()
        let second = try await store.reserve(request()).get()
        #expect(second.allowances.count == count)
        #expect(second.allowances.map(\.name) == first.allowances.map(\.name))
        #expect(second.allowances.map(\.held) == first.allowances.map { $0.held * 2 })
        #expect((second.model, second.maximumOutput, second.held) == (first.model, first.maximumOutput, first.held))
        #expect(second.kind == .allow && second.reason == nil && second.expiresAt == first.expiresAt)

        for (calls, decision) in [(Int64(1), first), (2, second)] {
            let commit = OpsExample.commit(decision.reservation, input: 90, output: 40)
            let settled = try await store.commit(commit).get()
            #expect(settled.allowances.map(\.name) == first.allowances.map(\.name))
            #expect(settled.allowances.map(\.used) == settled.allowances.map { used($0.unit, calls: calls) })
            #expect(!settled.overHold && !settled.replayed)
            let again = try await store.commit(commit).get()
            #expect(again.replayed && again.charged == settled.charged)
            #expect(again.allowances == settled.allowances)
        }
        #expect(try await store.events().map(\.counters.count) == Array(repeating: countOfMoved(count), count: 2))
    }

    /// `in_flight` books nothing.
    private func countOfMoved(_ count: Int) -> Int { (0..<count).count { $0 % 6 != 5 } }

    @Test func aRepeatOfAPlainAllowGetsItsAnswer() async throws {
        let store = try await TestStore(policy(4), at: noon)
        _ = try await store.reserve(request()).get()
        let held = try await store.reserve(request("k")).get()
        let again = try await store.reserve(request("k")).get()
        #expect(again == held)
        var other = request("k")
        other.inputTokens = 99
        #expect(await store.reserve(other) == .failure(.idempotencyKeyReused))
        _ = try await store.commit(OpsExample.commit(held.reservation, input: 90, output: 40)).get()
        #expect(await store.reserve(request("k")) == .failure(.reservationEnded))
        #expect(await store.reserve(other) == .failure(.idempotencyKeyReused))
    }

    @Test func aPlainHoldThatHasEndedGivesBackWhatItTook() async throws {
        let store = try await TestStore(policy(4), at: noon)
        _ = try await store.reserve(request()).get()
        let before = try await store.reserve(request()).get()
        let held = try await store.reserve(request()).get()
        _ = try await store.release(held.reservation?.text ?? "").get()
        let after = try await store.reserve(request()).get()
        #expect(after.allowances.map(\.held) == before.allowances.map { $0.held / 2 * 3 })
    }
}
