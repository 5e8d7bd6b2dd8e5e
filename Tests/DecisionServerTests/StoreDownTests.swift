import TestSupport
import BudgetStore
import Testing

/// Nobody listens where Redis should be.
@Suite("Store down", .timeLimit(.minutes(1)))
struct StoreDownTests {
    private static let setting = Listener.Setting(store: StoreAddress(unixSocket: "/nonexistent/redis.sock"))

    @Test("every verb answers 503 with a time to retry, soon")
    func unavailable() async throws {
        try await Listener.run(Self.setting) { listener in
            let settle: JSON = ["reservation_id": .string(Self.wellFormedID), "usage": Example.usage]
            let calls: [(String, JSON)] = [
                ("reserve", Example.reserve), ("check", Example.reserve), ("commit", settle),
                ("record", ["user": "u", "model": "gpt-4o", "idempotency_key": "k", "usage": Example.usage]),
            ]
            for (verb, body) in calls {
                let start = ContinuousClock.now
                let answer = try await listener.post("/v1/\(verb)", body)
                #expect(answer.status == 503, "\(verb): \(answer.json)")
                #expect(answer.code == "store_unavailable")
                #expect(answer["retry-after"].flatMap { Int($0) } ?? 0 >= 1)
                // Commands have ten seconds here.
                #expect(ContinuousClock.now - start < .seconds(9))
            }
            #expect(try await listener.get("/v1/users/u").status == 503)
        }
    }

    @Test("what would change nothing is in no doubt, what would is")
    func doubt() async throws {
        try await Listener.run(Self.setting) { listener in
            let user = try await listener.get("/v1/users/u").json["detail"]?.text
            let check = try await listener.post("/v1/check", Example.reserve).json["detail"]?.text
            let reserve = try await listener.post("/v1/reserve", Example.reserve).json["detail"]?.text
            #expect(user == "Redis did not answer in time; nothing was changed." && check == user)
            #expect(reserve == "Redis did not answer in time; whether it acted is unknown.")
        }
    }

    @Test("a request that fails twice inside is answered once")
    func oneAnswer() async throws {
        try await Listener.run(Self.setting) { listener in
            try await listener.wire { wire in
                try await wire.send(Listener.request("GET", "/v1/users/u") + Listener.request("GET", "/livez"))
                #expect(try await wire.answer().status == 503)
                #expect(try await wire.answer().status == 200)
            }
        }
    }

    @Test("the process lives but is not ready")
    func health() async throws {
        try await Listener.run(Self.setting) { listener in
            #expect(try await listener.get("/livez").status == 200)
            let ready = try await listener.get("/readyz")
            #expect(ready.status == 503)
            #expect(ready.code != nil)
        }
    }

    @Test("a malformed request is still told so")
    func malformed() async throws {
        try await Listener.run(Self.setting) { listener in
            let malformed = try await listener.post("/v1/reserve", ["user": 5])
            #expect(malformed.status == 400)
            let nowhere = try await listener.get("/v1/nowhere")
            #expect(nowhere.status == 404)
        }
    }

    /// Made by a service with this policy in its tests: user u_42, model gpt-4o.
    private static let wellFormedID = "tb1_AaH78l3EAAAAAAAAAAAApL5NfcBcaFPcCwR1XzQyDi5aMDQ0ZWtLNkFDd0FRBmdwdC00bw"
}
