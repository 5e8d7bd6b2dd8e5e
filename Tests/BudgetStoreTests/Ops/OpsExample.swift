import BudgetModel
import BudgetStore
import TestSupport

/// What the tests of ops' changes start from.
enum OpsExample {
    static let policy = """
        default_tier: free
        allowances:
          - {name: company, unit: tokens, limit: 100000, window: day, per: []}
        tiers:
          free:
            allowances:
              - {name: daily, unit: tokens, limit: 1000, window: day}
              - {name: per-feature, unit: tokens, limit: 5000, window: {rolling: 5h}, per: [user, feature]}
              - {name: burst, unit: tokens, limit: 3000, window: {refill: hour}}
              - {name: money, unit: usd, limit: 5, window: {month: 1}}
              - {name: parallel, unit: in_flight, limit: 8}
          pro:
            allowances: [{name: daily, unit: tokens, limit: 9000, window: day}]
        prices: {m: {input: 1, output: 1, max_output_tokens: 100}}
        """
    static let noon = TestStore.noon
    static let midnight: Int64 = noon + 12 * 3_600_000

    static func request(_ input: Int64 = 100, user: Identifier = "u", feature: Identifier = "chat") -> ReserveRequest {
        var request = ReserveRequest(user: user, model: "m", inputTokens: input)
        request.attribution.feature = feature
        request.maximumOutput = 0
        return request
    }

    static func commit(_ reservation: ReservationID?, input: Int64, output: Int64 = 0, final: Bool = true) -> CommitRequest {
        var request = CommitRequest(reservation: reservation?.text ?? "")
        request.usage = Usage(inputTokens: input, outputTokens: output)
        request.final = final
        return request
    }
}

extension TestStore {
    /// Uses tokens up: a reserve and its commit.
    func spend(_ input: Int64, user: Identifier = "u", feature: Identifier = "chat") async throws {
        let decision = try await reserve(OpsExample.request(input, user: user, feature: feature)).get()
        _ = try await commit(OpsExample.commit(decision.reservation, input: input)).get()
    }

    /// Keys and members under a user's name.
    func traces(of user: String) async throws -> [String] {
        guard case .array(let keys) = try await redis("KEYS", "tb:{*") else { return [] }
        var found = keys.compactMap(\.text).filter { $0.hasSuffix("}:u:\(user)") || $0.contains("}:r:\(user):") }
        for case .bytes(let key) in keys where key.last == UInt8(ascii: "x") {
            let range = [Array("ZRANGE".utf8), key, Array("0".utf8), Array("-1".utf8)]
            guard case .array(let members) = try await redis(range) else { continue }
            found += members.compactMap(\.text).filter { $0.hasPrefix("\(user):") }
        }
        return found
    }
}
