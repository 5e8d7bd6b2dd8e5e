import TestSupport
import Foundation
import Testing

/// The service with a redis-server of its own.
@Suite("Embedded Redis", .timeLimit(.minutes(1)))
struct EmbeddedRedisTests {
    private static let policy = """
        default_tier: free
        tiers:
          free:
            allowances:
              - {name: own, unit: tokens, limit: 1000, window: lifetime, per: [user]}
        """
    private static let record: JSON = [
        "user": "u", "model": "m", "idempotency_key": "k", "usage": ["input_tokens": 10, "output_tokens": 5],
    ]
    private static let reserve: JSON = ["user": "u", "model": "m", "input_tokens": 100, "max_output_tokens": 0]

    @Test("what was booked and held is there after a restart, and nothing is left running", arguments: [SIGTERM, SIGINT])
    func restart(_ signal: Int32) async throws {
        try await ServiceHost.run { host in
            let policy = try host.file("policy.yaml", Self.policy)
            let data = host.path("data")
            let first = try await host.serve("--policy", policy, "--data", data)
            _ = try await first.post("/v1/record", Self.record)
            let id = try #require(try await first.post("/v1/reserve", Self.reserve).json["reservation_id"])
            let redis = try #require(try await host.redis(in: data))
            first.signal(signal)
            try await first.waitForExit()
            #expect(first.exitCode == 0)
            #expect(!Self.isAlive(redis))
            let second = try await host.serve("--policy", policy, "--data", data)
            let own = try await second.allowance("own", of: "u")
            #expect(own?["used"] == 15)
            #expect(own?["held"] == 100)
            let commit = try await second.post("/v1/commit", ["reservation_id": id])
            #expect(commit.json["charged"]?["tokens"] == 100)
            #expect(try await second.post("/v1/record", Self.record).json["replayed"] == true)
            #expect(try await second.stop() == 0)
        }
    }

    @Test("a store's first policy is answered when decisions can be asked for")
    func firstPolicy() async throws {
        try await ServiceHost.run { host in
            let service = try await host.serve("--data", host.path("data"))
            #expect(try await service.post("/v1/reserve", Self.reserve).status == 503)
            let put = try await service.put("/v1/policy", yaml: Self.policy)
            #expect(put.status == 200, "\(put)")
            #expect(try await service.post("/v1/reserve", Self.reserve).json["decision"] == "allow")
            #expect(try await service.stop() == 0)
        }
    }

    @Test("a second service on the same directory is refused with a reason, and the first goes on")
    func sameDirectory() async throws {
        try await ServiceHost.run { host in
            let policy = try host.file("policy.yaml", Self.policy)
            let data = host.path("data")
            let first = try await host.serve("--policy", policy, "--data", data)
            let redis = try await host.redis(in: data)
            let second = try await host.run(
                "serve", "--listen", "127.0.0.1:0", "--control-listen", "127.0.0.1:0", "--policy", policy, "--data", data)
            #expect(second.exitCode != 0)
            #expect(second.errorText.contains(data))
            #expect(second.errorText.contains("--data"))
            #expect(second.outputText.isEmpty)
            #expect(try await host.redis(in: data) == redis)
            #expect(try await first.post("/v1/reserve", Self.reserve).json["decision"] == "allow")
        }
    }

    @Test("the redis-server of a killed service is taken over, and stopped at the end")
    func takeOver() async throws {
        try await ServiceHost.run { host in
            let policy = try host.file("policy.yaml", Self.policy)
            let data = host.path("data")
            let first = try await host.serve("--policy", policy, "--data", data)
            _ = try await first.post("/v1/record", Self.record)
            let redis = try #require(try await host.redis(in: data))
            first.signal(SIGKILL)
            try await first.waitForExit()
            let second = try await host.serve("--policy", policy, "--data", data)
            #expect(try await host.redis(in: data) == redis)
            #expect(try await second.allowance("own", of: "u")?["used"] == 15)
            let start = ContinuousClock.now
            #expect(try await second.stop() == 0)
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(!Self.isAlive(redis))
        }
    }

    @Test("a redis-server that dies is started anew with its data")
    func redisDies() async throws {
        try await ServiceHost.run { host in
            let policy = try host.file("policy.yaml", Self.policy)
            let data = host.path("data")
            let service = try await host.serve("--policy", policy, "--data", data)
            _ = try await service.post("/v1/record", Self.record)
            // What is not on disk yet may go with a killed Redis: it writes once a second.
            try await Task.sleep(for: .milliseconds(1_300))
            let redis = try #require(try await host.redis(in: data))
            kill(redis, SIGKILL)
            var own: JSON?
            try await eventually("another Redis") {
                own = try await service.allowance("own", of: "u")
                return own != nil
            }
            #expect(own?["used"] == 15)
            #expect(try await service.stop() == 0)
        }
    }

    @Test("a data path too long for a socket's name works")
    func longPath() async throws {
        try await ServiceHost.run { host in
            let policy = try host.file("policy.yaml", Self.policy)
            let parent = host.directory.appending(path: String(repeating: "long-", count: 40)).appending(path: "with space and é 😀")
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            let data = parent.appending(path: "data").path
            let service = try await host.serve("--policy", policy, "--data", data)
            #expect(try await service.post("/v1/reserve", Self.reserve).json["decision"] == "allow")
            #expect(try await service.stop() == 0)
        }
    }

    @Test("without redis-server installed the service says what to do")
    func notInstalled() async throws {
        try await ServiceHost.run { host in
            let service = try host.start(
                ["serve", "--listen", "127.0.0.1:0", "--control-listen", "127.0.0.1:0", "--data", host.path("data")],
                environment: ["PATH": "/nonexistent"])
            try await service.waitForExit()
            #expect(service.exitCode != 0)
            #expect(service.errorText.contains("redis-server is not installed"))
            #expect(service.errorText.contains("--redis-url"))
        }
    }

    @Test("a data directory that cannot be made is named")
    func unusableDirectory() async throws {
        try await ServiceHost.run { host in
            let file = try host.file("occupied", "")
            for data in [file, host.path("occupied/data"), "/proc/nonexistent/data"] {
                let service = try await host.run(
                    "serve", "--listen", "127.0.0.1:0", "--control-listen", "127.0.0.1:0", "--data", data)
                #expect(service.exitCode != 0)
                #expect(service.errorText.contains(data))
            }
        }
    }

    /// A zombie is over, even if nobody has looked.
    private static func isAlive(_ process: pid_t) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        return !status.contains(") Z ")
    }
}
