import TestSupport
import Testing

/// Allowances of user, feature and company at once, with random holds, releases and commits from many connections.
@Suite("Stacked allowances", .timeLimit(.minutes(1)))
struct StackedAllowancesTests {
    private static let policy = """
        default_tier: free
        allowances:
          - {name: company, unit: tokens, limit: 3000, window: lifetime, per: []}
          - {name: by-feature, unit: tokens, limit: 1200, window: lifetime, per: [feature]}
        tiers:
          free:
            allowances:
              - {name: own, unit: tokens, limit: 500, window: lifetime, per: [user]}
              - {name: requests, unit: requests, limit: 40, window: lifetime, per: [user]}
              - {name: parallel, unit: in_flight, limit: 6, per: [user]}
        """
    private static let users = 8
    private static let features = 3

    /// What one connection did: tokens used and held, by user and feature; and the worst it saw.
    private struct Tally: Sendable {
        var used: [String: Int] = [:]
        var held: [String: Int] = [:]
        var over: [String] = []
        var allowed = 0
        var rejected = 0

        mutating func look(at answer: Answer) {
            for state in answer.json["allowances"]?.items ?? [] {
                let sum = (state["used"]?.number ?? 0) + (state["held"]?.number ?? 0)
                if sum > state["limit"]?.number ?? 0 { over.append("\(state)") }
            }
        }
    }

    private struct Hold {
        var id: JSON
        var tokens: Int
        var places: [String]
    }

    @Test("no counter ever passes its limit, and every sum is exact", arguments: [UInt64.random(in: 0..<1_000_000)])
    func random(_ seed: UInt64) async throws {
        try await ServiceHost.run { host in
            let file = try host.file("policy.yaml", Self.policy)
            let redis = ServiceHost.freshRedis()
            let one = try await host.serve("--policy", file, "--redis-url", redis)
            let two = try await host.serve("--policy", file, "--redis-url", redis)
            let tallies = try await withThrowingTaskGroup(of: Tally.self) { group in
                for index in 0..<32 {
                    let port = index % 2 == 0 ? one.port : two.port
                    group.addTask { try await Wire.open(port: port) { try await Self.work($0, seed &+ UInt64(index)) } }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(tallies.flatMap(\.over).isEmpty)
            #expect(tallies.reduce(0) { $0 + $1.allowed } > 100)
            #expect(tallies.reduce(0) { $0 + $1.rejected } > 100)
            let used = tallies.reduce(into: [:]) { $0.merge($1.used, uniquingKeysWith: +) }
            let held = tallies.reduce(into: [:]) { $0.merge($1.held, uniquingKeysWith: +) }
            for user in 0..<Self.users {
                for feature in 0..<Self.features {
                    let states = try await two.post("/v1/check", Self.request(user, feature, 0)).json["allowances"]
                    for (index, place) in Self.places(user, feature).enumerated() {
                        #expect(states?[index]?["used"] == .number(Double(used[place] ?? 0)), "\(place)")
                        #expect(states?[index]?["held"] == .number(Double(held[place] ?? 0)), "\(place)")
                    }
                }
            }
        }
    }

    private static func work(_ wire: Wire, _ seed: UInt64) async throws -> Tally {
        var (generator, tally, holds) = (SeededGenerator(seed: seed), Tally(), [Hold]())
        func call(_ verb: String, _ body: JSON) async throws -> Answer {
            try await wire.send(Service.request("/v1/\(verb)", body))
            return try await wire.answer()
        }
        for _ in 0..<40 {
            if holds.isEmpty || Int.random(in: 0..<5, using: &generator) < 3 {
                let (user, feature) = (Int.random(in: 0..<users, using: &generator), Int.random(in: 0..<features, using: &generator))
                let tokens = Int.random(in: 1...60, using: &generator)
                let answer = try await call("reserve", request(user, feature, tokens))
                tally.look(at: answer)
                if let id = answer.json["reservation_id"] {
                    holds.append(Hold(id: id, tokens: tokens, places: places(user, feature)))
                    tally.allowed += 1
                } else {
                    tally.rejected += 1
                }
            } else {
                let hold = holds.remove(at: Int.random(in: holds.indices, using: &generator))
                if Bool.random(using: &generator) {
                    let tokens = Int.random(in: 0...hold.tokens, using: &generator)
                    let usage: JSON = ["input_tokens": .number(Double(tokens)), "output_tokens": 0]
                    tally.look(at: try await call("commit", ["reservation_id": hold.id, "usage": usage]))
                    for place in hold.places { tally.used[place, default: 0] += tokens }
                } else {
                    tally.look(at: try await call("release", ["reservation_id": hold.id]))
                }
            }
        }
        for hold in holds { for place in hold.places { tally.held[place, default: 0] += hold.tokens } }
        return tally
    }

    /// The counters in tokens, in policy order.
    private static func places(_ user: Int, _ feature: Int) -> [String] { ["company", "feature \(feature)", "user \(user)"] }

    private static func request(_ user: Int, _ feature: Int, _ tokens: Int) -> JSON {
        [
            "user": .string("u\(user)"), "feature": .string("f\(feature)"), "model": "m",
            "input_tokens": .number(Double(tokens)), "max_output_tokens": 0,
        ]
    }
}
