import Foundation
import TestSupport
import Testing

/// `GET /metrics` of the program, after traffic whose counts are known.
@Suite struct MetricsTests {
    private static let policy = """
        default_tier: free
        features: {chat: {}}
        tiers:
          free:
            allowances:
              - {name: daily, unit: tokens, limit: 1000, window: day, per: [user]}
        prices:
          m: {input: 1, output: 2, max_output_tokens: 4096}
        """

    /// The document of a scrape, and its lines by what stands before the value.
    private struct Scrape {
        let text: String
        let values: [String: String]

        init(_ answer: Answer) {
            text = String(decoding: answer.body, as: UTF8.self)
            let samples = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
                line.lastIndex(of: " ").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
            }
            values = Dictionary(samples, uniquingKeysWith: { first, _ in first + " twice" })
        }

        subscript(name: String) -> String? { values["tokenbudget_" + name] }
    }

    private static func reserve(_ user: String, _ feature: String, input: Int) -> JSON {
        [
            "user": .string(user), "feature": .string(feature), "model": "m", "input_tokens": .number(Double(input)),
            "max_output_tokens": 100,
        ]
    }

    /// Three allowed, one rejected, one malformed; one committed, one recorded.
    private static func traffic(_ service: Service) async throws {
        let first = try await service.post("/v1/reserve", reserve("u1", "chat", input: 100))
        _ = try await service.post("/v1/reserve", reserve("u2", "chat", input: 100))
        _ = try await service.post("/v1/reserve", reserve("u3", "made-up", input: 100))
        _ = try await service.post("/v1/reserve", reserve("u1", "chat", input: 800))
        _ = try await service.post("/v1/reserve", ["user": "u1"])
        _ = try await service.post(
            "/v1/commit",
            ["reservation_id": first.json["reservation_id"] ?? .null, "usage": ["input_tokens": 100, "output_tokens": 20]])
        _ = try await service.post(
            "/v1/record", ["user": "u9", "model": "m", "idempotency_key": "k", "usage": ["input_tokens": 1, "output_tokens": 2]])
    }

    /// Scrapes until a metric has a value; gives the last scrape.
    private static func scrape(_ service: Service, until name: String, is value: String) async throws -> Scrape {
        var scrape = Scrape(try await service.control("/metrics"))
        for _ in 0..<500 where scrape[name] != value {
            try await Task.sleep(for: .milliseconds(10))
            scrape = Scrape(try await service.control("/metrics"))
        }
        #expect(scrape[name] == value)
        return scrape
    }

    private static func run(body: (Service) async throws -> Void) async throws {
        try await ServiceHost.run { host in
            let path = try host.file("policy.yaml", policy)
            let service = try await host.serve("--policy", path, "--redis-url", ServiceHost.freshRedis())
            try await body(service)
        }
    }

    @Test func aScrapeShowsWhatHasHappened() async throws {
        try await Self.run { service in
            try await Self.traffic(service)
            let answer = try await service.control("/metrics")
            #expect(answer.status == 200 && answer["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let scrape = Scrape(answer)
            func decided(_ decision: String, _ feature: String, _ reason: String) -> String? {
                scrape["decisions_total{decision=\"\(decision)\",tier=\"free\",feature=\"\(feature)\",reason=\"\(reason)\"}"]
            }
            #expect(decided("allow", "chat", "") == "2")
            #expect(decided("allow", "other", "") == "1")
            #expect(decided("reject", "chat", "limit") == "1")
            #expect(scrape["tokens_committed_total{direction=\"input\"}"] == "101")
            #expect(scrape["tokens_committed_total{direction=\"output\"}"] == "22")
            // 101 tokens at 1 and 22 at 2 dollars per million.
            #expect(scrape["charged_microcents_total"] == "14500")
            #expect(scrape["holds"] == "2")
            #expect(scrape["bypasses_total"] == "1")
            #expect(scrape["late_commits_total"] == "0")
            #expect(scrape["http_requests_total{listener=\"decision\",status=\"2xx\"}"] == "6")
            #expect(scrape["http_requests_total{listener=\"decision\",status=\"4xx\"}"] == "1")
            #expect(scrape["http_request_duration_seconds_count{listener=\"decision\"}"] == "7")
            #expect(scrape["connections{listener=\"control\"}"] == "1")
            #expect(scrape["ready"] == "1")
            #expect(scrape["policy_version"] == "1" && scrape["policy_follows"] == "1")
            #expect(scrape["config_last_reload_successful"] == "1")
            #expect(scrape.values.keys.contains { $0.hasPrefix("tokenbudget_store_info{redis_version=\"") })
        }
    }

    @Test func aCheckpointThatCorrectsItselfDoesNotLowerACounter() async throws {
        try await Self.run { service in
            let held = try await service.post("/v1/reserve", Self.reserve("u1", "chat", input: 100))
            var shown: [String?] = []
            for (output, final) in [(90, false), (60, false), (95, true)] {
                _ = try await service.post(
                    "/v1/commit",
                    [
                        "reservation_id": held.json["reservation_id"] ?? .null, "final": .bool(final),
                        "usage": ["input_tokens": 100, "output_tokens": .number(Double(output))],
                    ])
                shown.append(Scrape(try await service.control("/metrics"))["tokens_committed_total{direction=\"output\"}"])
            }
            #expect(shown == ["90", "90", "95"])
        }
    }

    @Test func nothingThatNamesAUserIsInAScrape() async throws {
        try await Self.run { service in
            try await Self.traffic(service)
            let text = Scrape(try await service.control("/metrics")).text
            for name in ["u1", "u9", "made-up"] { #expect(!text.contains("\"\(name)\"")) }
        }
    }

    @Test func aScraperThatAsksGetsOpenMetrics() async throws {
        try await Self.run { service in
            let answer = try await service.control("/metrics", "accept: application/openmetrics-text;version=1.0.0")
            #expect(answer["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(String(decoding: answer.body, as: UTF8.self).hasSuffix("\n# EOF\n"))
        }
    }

    @Test func aPolicyFileThatCannotBeUsedShows() async throws {
        try await ServiceHost.run { host in
            let path = try host.file("policy.yaml", Self.policy)
            let service = try await host.serve("--policy", path, "--redis-url", ServiceHost.freshRedis())
            _ = try host.file("policy.yaml", "tiers: 7")
            service.signal(SIGHUP)
            try await service.waitForLog("policy not changed")
            #expect(Scrape(try await service.control("/metrics"))["config_last_reload_successful"] == "0")
            _ = try host.file("policy.yaml", Self.policy + "# again\n")
            service.signal(SIGHUP)
            try await service.waitForLog("policy file applied")
            let scrape = try await Self.scrape(service, until: "config_last_reload_successful", is: "1")
            #expect(scrape["policy_version"] == "2")
        }
    }

    @Test func whenRedisIsGoneAScrapeStillAnswersAndSaysSo() async throws {
        try await ServiceHost.run { host in
            let redis = try DedicatedRedis()
            defer { redis.stop() }
            let path = try host.file("policy.yaml", Self.policy)
            let service = try await host.serve("--policy", path, "--redis-url", "\(redis.address)")
            redis.stop()
            _ = try await Self.scrape(service, until: "ready", is: "0")
            #expect(try await service.post("/v1/reserve", Self.reserve("u1", "chat", input: 1)).status == 503)
            let scrape = try await Self.scrape(service, until: "policy_follows", is: "0")
            #expect(scrape["ready"] == "0")
            #expect(scrape["store_errors_total{kind=\"unavailable\"}"] == "1")
            #expect(scrape["http_requests_total{listener=\"decision\",status=\"5xx\"}"] == "1")
            #expect(scrape["policy_version"] == "1")
        }
    }

    @Test func aRedisThatLostItsDataShowsUntilItIsRebuiltAndAfterwards() async throws {
        try await ServiceHost.run { host in
            let redis = try DedicatedRedis()
            defer { redis.stop() }
            let path = try host.file("policy.yaml", Self.policy)
            let service = try await host.serve("--policy", path, "--redis-url", "\(redis.address)")
            let before = try await Self.scrape(service, until: "ledger_keeper", is: "1")
            #expect(before["store_lost_data"] == "0" && before["store_data_losses_total"] == "0")
            #expect(before["ledger_rebuilding"] == "0" && before["ledger_rebuilds_total{result=\"failed\"}"] == "0")
            try await TestStore(Self.policy, address: redis.address).redis("FLUSHALL")
            _ = try await Self.scrape(service, until: "store_lost_data", is: "1")
            let after = try await Self.scrape(service, until: "store_lost_data", is: "0")
            #expect(after["store_data_losses_total"] == "1" && after["ledger_rebuilding"] == "0")
            #expect(after["ledger_rebuilds_total{result=\"completed\"}"] == "1")
        }
    }

    @Test func aScraperNeedsAKeyThatMayRead() async throws {
        try await ServiceHost.run { host in
            let path = try host.file("policy.yaml", Self.policy)
            let keys = try host.file(
                "keys.yaml",
                // SHA-256 of "reader" and of "app".
                """
                - {key_sha256: 3d0941964aa3ebdcb00ccef58b1bb399f9f898465e9886d5aec7f31090a0fb30, role: read}
                - {key_sha256: a172cedcae47474b615c54d510a5d84a8dea3032e958587430b413538be3f333, role: app}
                """)
            let service = try await host.serve("--policy", path, "--keys", keys, "--redis-url", ServiceHost.freshRedis())
            #expect(try await service.control("/metrics").status == 401)
            #expect(try await service.control("/metrics", "authorization: Bearer app").status == 403)
            #expect(try await service.control("/metrics", "authorization: Bearer reader").status == 200)
        }
    }

    @Test(.enabled(if: Promtool.isThere)) func prometheusFindsNothingToComplainAbout() async throws {
        try await Self.run { service in
            try await Self.traffic(service)
            let text = Scrape(try await service.control("/metrics")).text
            let result = try await Promtool.run(["check", "metrics"], input: text)
            #expect(result.code == 0 && result.output == "", "\(result.output)")
        }
    }
}
