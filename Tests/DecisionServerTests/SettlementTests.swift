import TestSupport
import Testing

/// Commit, release and extend: shapes, and what follows what.
@Suite("Settlement over HTTP", .timeLimit(.minutes(1)))
struct SettlementTests {
    @Test("a commit answers what was charged and what went back")
    func commit() async throws {
        try await Listener.run { listener in
            let id = try await listener.reserve(Example.reserve)
            let answer = try await listener.post(
                "/v1/commit",
                [
                    "reservation_id": .string(id), "usage": Example.usage, "model": "gpt-4o-2024-11-20", "final": true,
                    "latency_ms": 812, "status": "ok",
                ])
            #expect(answer.status == 200)
            let json = answer.json
            #expect(
                json.keys == ["reservation_id", "state", "charged", "released", "late", "over_hold", "replayed", "allowances"])
            #expect(json["reservation_id"] == .string(id))
            #expect(json["state"] == "committed")
            #expect(json["charged"] == ["tokens": 1_821, "cost_usd": 0.00571])
            #expect(json["released"] == ["tokens": 179, "cost_usd": 0.00304])
            #expect(json["late"] == false)
            #expect(json["over_hold"] == false)
            #expect(json["replayed"] == false)
            let daily = try #require(json["allowances"]?[0])
            #expect(daily["used"] == 1_821)
            #expect(daily["held"] == 0)
            #expect(json["allowances"]?[1]?["used"] == 0.00571)
        }
    }

    @Test("the same commit again is replayed, another body is a conflict")
    func commitTwice() async throws {
        try await Listener.run { listener in
            let id = try await listener.reserve(Example.reserve)
            let body: JSON = ["reservation_id": .string(id), "usage": Example.usage]
            let first = try await listener.post("/v1/commit", body)
            let second = try await listener.post("/v1/commit", body)
            #expect(second.status == 200)
            #expect(second.json["replayed"] == true)
            #expect(second.json["charged"] == first.json["charged"])
            #expect(second.json["released"] == first.json["released"])
            let other = try await listener.post("/v1/commit", body.with(["usage": ["input_tokens": 1_500, "output_tokens": 322]]))
            #expect(other.status == 409)
            #expect(other.code == "already_committed")
            #expect(try await listener.allowance("daily-tokens", of: "u_42")?["used"] == 1_821)
        }
    }

    @Test("one hundred copies of a commit at once have one effect")
    func manyCopies() async throws {
        try await Listener.run { listener in
            let id = try await listener.reserve(Example.reserve)
            let body: JSON = ["reservation_id": .string(id), "usage": Example.usage]
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<100 { group.addTask { try await listener.post("/v1/commit", body) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.map(\.status) == Array(repeating: 200, count: 100))
            #expect(answers.count { $0.json["replayed"] == false } == 1)
            #expect(answers.allSatisfy { $0.json["charged"] == ["tokens": 1_821, "cost_usd": 0.00571] })
            let daily = try await listener.allowance("daily-tokens", of: "u_42")
            #expect(daily?["used"] == 1_821)
            #expect(daily?["held"] == 0)
        }
    }

    @Test("one hundred different commits at once: one is taken, the others conflict")
    func manyRivals() async throws {
        try await Listener.run { listener in
            let id = try await listener.reserve(Example.reserve)
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for output in 0..<100 {
                    let usage: JSON = ["input_tokens": 1_500, "output_tokens": .number(Double(output))]
                    group.addTask { try await listener.post("/v1/commit", ["reservation_id": .string(id), "usage": usage]) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let taken = answers.filter { $0.status == 200 }
            #expect(taken.count == 1)
            #expect(answers.count { $0.status == 409 && $0.code == "already_committed" } == 99)
            let used = try await listener.allowance("daily-tokens", of: "u_42")?["used"]
            #expect(used == taken.first?.json["charged"]?["tokens"])
        }
    }

    @Test("more than was held is booked in full")
    func overHold() async throws {
        try await Listener.run { listener in
            let id = try await listener.reserve(Example.reserve)
            let json = try await listener.post(
                "/v1/commit", ["reservation_id": .string(id), "usage": ["input_tokens": 1_500, "output_tokens": 20_000]]
            ).json
            #expect(json["charged"]?["tokens"] == 21_500)
            #expect(json["over_hold"] == true)
            #expect(json["released"]?["tokens"] == 0)
            let daily = try await listener.allowance("daily-tokens", of: "u_42")
            #expect(daily?["used"] == 21_500)
            #expect(daily?["remaining"] == 0)
        }
    }

    @Test("a commit without usage is charged the input estimate", arguments: [[:], ["usage": nil]] as [JSON])
    func withoutUsage(_ extra: JSON) async throws {
        try await Listener.run { listener in
            let id = try await listener.reserve(Example.reserve)
            let json = try await listener.post("/v1/commit", extra.with(["reservation_id": .string(id)])).json
            #expect(json["charged"] == ["tokens": 1_500, "cost_usd": 0.00375])
            #expect(json["estimated"] == true)
        }
    }

    @Test("a checkpoint books what is used so far and keeps the rest held")
    func checkpoint() async throws {
        try await Listener.run { listener in
            let id = try await listener.reserve(Example.reserve)
            let body: JSON = ["reservation_id": .string(id), "final": false, "usage": ["input_tokens": 1_500, "output_tokens": 100]]
            let json = try await listener.post("/v1/commit", body).json
            #expect(json["state"] == "active")
            #expect(json["stop"] == false)
            let daily = try await listener.allowance("daily-tokens", of: "u_42")
            #expect(daily?["used"] == 1_600)
            #expect(daily?["held"] == 400)
            let full = try await listener.post("/v1/commit", body.with(["usage": ["input_tokens": 1_500, "output_tokens": 500]])).json
            #expect(full["stop"] == true)
            let last = try await listener.post("/v1/commit", ["reservation_id": .string(id), "usage": Example.usage]).json
            #expect(last["state"] == "committed")
            #expect(last["charged"]?["tokens"] == 1_821)
            #expect(try await listener.allowance("daily-tokens", of: "u_42")?["used"] == 1_821)
        }
    }

    @Test("release gives everything back, also twice; a commit after it is late and booked in full")
    func release() async throws {
        try await Listener.run { listener in
            let id = try await listener.reserve(Example.reserve)
            let json = try await listener.post("/v1/release", ["reservation_id": .string(id)]).json
            #expect(json.keys.isSuperset(of: ["state", "released", "replayed"]))
            #expect(json["state"] == "released")
            #expect(json["released"] == ["tokens": 2_000, "cost_usd": 0.00875])
            #expect(json["replayed"] == false)
            #expect(try await listener.allowance("daily-tokens", of: "u_42")?["held"] == 0)
            let again = try await listener.post("/v1/release", ["reservation_id": .string(id)])
            #expect(again.status == 200)
            #expect(again.json["replayed"] == true)
            let body: JSON = ["reservation_id": .string(id), "usage": Example.usage]
            let late = try await listener.post("/v1/commit", body).json
            #expect(late["late"] == true)
            #expect(late["charged"]?["tokens"] == 1_821)
            let replay = try await listener.post("/v1/commit", body).json
            #expect(replay["replayed"] == true)
            #expect(try await listener.allowance("daily-tokens", of: "u_42")?["used"] == 1_821)
        }
    }

    @Test("after a commit there is nothing to release or extend")
    func afterCommit() async throws {
        try await Listener.run { listener in
            let id = try await listener.reserve(Example.reserve)
            _ = try await listener.post("/v1/commit", ["reservation_id": .string(id), "usage": Example.usage])
            let release = try await listener.post("/v1/release", ["reservation_id": .string(id)])
            #expect(release.status == 409)
            #expect(release.code == "already_committed")
            let extend = try await listener.post("/v1/extend", ["reservation_id": .string(id), "ttl_seconds": 60])
            #expect(extend.status == 409)
            #expect(extend.code == "reservation_ended")
        }
    }

    @Test("extend moves the expiry")
    func extend() async throws {
        try await Listener.run { listener in
            let reserve = try await listener.post("/v1/reserve", Example.reserve.with(["ttl_seconds": 60])).json
            let id = try #require(reserve["reservation_id"])
            let answer = try await listener.post("/v1/extend", ["reservation_id": id, "ttl_seconds": 86_400])
            #expect(answer.status == 200)
            let (before, after) = (reserve["expires_at"]?.text, answer.json["expires_at"]?.text)
            #expect(try #require(after) > #require(before))
        }
    }
}
