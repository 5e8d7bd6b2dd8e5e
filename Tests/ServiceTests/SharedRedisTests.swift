import Foundation
import TestSupport
import Testing

/// Two processes, one Redis: what they decide together.
@Suite("Two services on one Redis", .timeLimit(.minutes(1)))
struct SharedRedisTests {
    private static let policy = """
        default_tier: free
        allowances:
          - {name: company, unit: tokens, limit: 1000, window: lifetime, per: []}
        tiers:
          free: {}
        """

    private static func pair(_ policy: String, _ body: (Service, Service) async throws -> Void) async throws {
        try await ServiceHost.run { host in
            let file = try host.file("policy.yaml", policy)
            let redis = ServiceHost.freshRedis()
            let one = try await host.serve("--policy", file, "--redis-url", redis)
            let two = try await host.serve("--policy", file, "--redis-url", redis)
            try await body(one, two)
        }
    }

    private static func reserve(_ user: String, tokens: Int, ttl: Int = 120, feature: String = "f") -> JSON {
        [
            "user": .string(user), "model": "m", "input_tokens": .number(Double(tokens)), "max_output_tokens": 0,
            "feature": .string(feature), "ttl_seconds": .number(Double(ttl)),
        ]
    }

    @Test("two thousand parallel reserves of 7 tokens share 1,000: exactly 142 are allowed")
    func lastTokens() async throws {
        try await Self.pair(Self.policy) { one, two in
            let decisions = try await withThrowingTaskGroup(of: [JSON].self) { group in
                for index in 0..<64 {
                    let port = index % 2 == 0 ? one.port : two.port
                    let count = 2_000 / 64 + (index < 2_000 % 64 ? 1 : 0)
                    group.addTask {
                        try await Wire.open(port: port) { wire in
                            var requests = (0..<count).map {
                                Self.reserve("u", tokens: 7).with(["idempotency_key": .string("\(index)-\($0)")])
                            }
                            var decisions: [JSON] = []
                            // A busy machine answers some "not now": those are asked again, as callers do.
                            while !requests.isEmpty {
                                try await wire.send(requests.flatMap { Service.request("/v1/reserve", $0) })
                                var again: [JSON] = []
                                for request in requests {
                                    let answer = try await wire.answer()
                                    if answer.status == 503 { again.append(request) } else { decisions.append(answer.json) }
                                }
                                requests = again
                            }
                            return decisions
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let allowed = decisions.filter { $0["decision"] == "allow" }
            #expect(decisions.count == 2_000)
            #expect(allowed.count == 142)
            #expect(Set(allowed.compactMap { $0["reservation_id"]?.text }).count == 142)
            #expect(decisions.count { $0["decision"] == "reject" && $0["reason"] == "limit" } == 2_000 - 142)
            for service in [one, two] {
                let state = try await service.post("/v1/check", Self.reserve("u", tokens: 0)).json["allowances"]?[0]
                #expect(state?["held"] == 994)
                #expect(state?["remaining"] == 6)
            }
        }
    }

    @Test("a reservation made in one process is settled in the other, once")
    func otherProcess() async throws {
        try await Self.pair(Self.policy) { one, two in
            let id = try #require(try await one.post("/v1/reserve", Self.reserve("u", tokens: 100)).json["reservation_id"])
            let body: JSON = ["reservation_id": id, "usage": ["input_tokens": 60, "output_tokens": 10]]
            let extend = try await two.post("/v1/extend", ["reservation_id": id, "ttl_seconds": 300])
            #expect(extend.status == 200)
            let first = try await two.post("/v1/commit", body)
            #expect(first.json["charged"]?["tokens"] == 70)
            #expect(first.json["replayed"] == false)
            let second = try await one.post("/v1/commit", body)
            #expect(second.json["replayed"] == true)
            let release = try await one.post("/v1/release", ["reservation_id": id])
            #expect(release.status == 409)
            let state = try await one.post("/v1/check", Self.reserve("u", tokens: 0)).json["allowances"]?[0]
            #expect(state?["used"] == 70)
            #expect(state?["held"] == 0)
        }
    }

    @Test("an idempotency key holds in both processes")
    func keyInBoth() async throws {
        try await Self.pair(Self.policy) { one, two in
            let body = Self.reserve("u", tokens: 100).with(["idempotency_key": "k"])
            let first = try await one.post("/v1/reserve", body).json["reservation_id"]
            let second = try await two.post("/v1/reserve", body).json["reservation_id"]
            #expect(first != nil)
            #expect(first == second)
        }
    }

    @Test("an expired hold is given back unasked; a commit one second later is late and booked in full")
    func lateCommit() async throws {
        try await Self.pair(Self.policy) { one, two in
            let id = try #require(try await one.post("/v1/reserve", Self.reserve("u", tokens: 100, ttl: 1)).json["reservation_id"])
            try await eventually("the end of the hold") {
                try await two.post("/v1/check", Self.reserve("u", tokens: 0)).json["allowances"]?[0]?["held"] == 0
            }
            try await Task.sleep(for: .milliseconds(1_000))
            let extend = try await one.post("/v1/extend", ["reservation_id": id, "ttl_seconds": 60])
            #expect(extend.status == 409)
            #expect(extend.code == "reservation_ended")
            let release = try await one.post("/v1/release", ["reservation_id": id])
            #expect(release.json["state"] == "expired")
            let body: JSON = ["reservation_id": id, "usage": ["input_tokens": 60, "output_tokens": 10]]
            let late = try await two.post("/v1/commit", body)
            #expect(late.json["late"] == true)
            #expect(late.json["charged"]?["tokens"] == 70)
            let again = try await one.post("/v1/commit", body)
            #expect(again.json["replayed"] == true)
            #expect(again.json["late"] == true)
            let state = try await one.post("/v1/check", Self.reserve("u", tokens: 0)).json["allowances"]?[0]
            #expect(state?["used"] == 70)
            #expect(state?["held"] == 0)
        }
    }
}
