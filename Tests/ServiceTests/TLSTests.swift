import Foundation
import TestSupport
import Testing

/// Certificates of the service and of its clients, on both listeners.
@Suite("TLS", .timeLimit(.minutes(1)))
struct TLSTests {
    /// What `/livez` answers on both listeners, asked with `tls`.
    private static func live(_ service: Service, _ tls: ClientTLS?) async throws -> [Int] {
        var statuses: [Int] = []
        for port in [service.port, service.controlPort] {
            let answer = try await Wire.open(port: port, tls: tls) { wire in
                try await wire.send(Service.request("/livez"))
                return try await wire.answer()
            }
            statuses.append(answer.status)
        }
        return statuses
    }

    private static func isRefused(_ service: Service, _ tls: ClientTLS?) async -> Bool {
        for port in [service.port, service.controlPort] {
            let answer = try? await Wire.open(port: port, tls: tls) { wire in
                try await wire.send(Service.request("/livez"))
                return try await wire.answer()
            }
            guard answer == nil else { return false }
        }
        return true
    }

    @Test("both listeners show the certificate, and speak nothing but TLS")
    func served() async throws {
        try await ServiceHost.run { host in
            let authority = try Authority("authority", in: host.directory)
            let own = try authority.issue("service")
            let service = try await host.serve(
                "--redis-url", ServiceHost.freshRedis(), "--tls-cert", own.certificate, "--tls-key", own.key)
            #expect(service.outputText.contains("https://127.0.0.1"))
            #expect(try await Self.live(service, ClientTLS(trusting: authority)) == [200, 200])
            #expect(await Self.isRefused(service, nil))
            let stranger = try Authority("stranger", in: host.directory)
            #expect(try await Self.isRefused(service, ClientTLS(trusting: stranger)))
        }
    }

    @Test("with client authorities nobody is answered without a certificate of theirs, not even about health")
    func clients() async throws {
        try await ServiceHost.run { host in
            let authority = try Authority("authority", in: host.directory)
            let (own, client) = (try authority.issue("service"), try authority.issue("client"))
            let stranger = try Authority("stranger", in: host.directory)
            let service = try await host.serve(
                "--redis-url", ServiceHost.freshRedis(), "--tls-cert", own.certificate, "--tls-key", own.key,
                environment: ["TOKEN_BUDGET_TLS_CLIENT_CA": authority.certificate])
            #expect(try await Self.live(service, ClientTLS(trusting: authority, showing: client)) == [200, 200])
            #expect(try await Self.isRefused(service, ClientTLS(trusting: authority)))
            let foreign = try ClientTLS(trusting: authority, showing: stranger.issue("foreigner"))
            #expect(await Self.isRefused(service, foreign))
        }
    }

    @Test("a renewed certificate is shown to new connections; files that do not fit change nothing")
    func renewed() async throws {
        try await ServiceHost.run { host in
            let (old, new) = (try Authority("old", in: host.directory), try Authority("new", in: host.directory))
            let (own, renewed) = (try old.issue("service"), try new.issue("renewed"))
            let service = try await host.serve(
                "--redis-url", ServiceHost.freshRedis(), "--tls-cert", own.certificate, "--tls-key", own.key)
            func replace(_ path: String, _ other: String) throws {
                _ = try host.file(URL(fileURLWithPath: path).lastPathComponent, String(contentsOfFile: other, encoding: .utf8))
            }
            try replace(own.certificate, renewed.certificate)
            try await service.waitForLog("do not belong together")
            #expect(try await Self.live(service, ClientTLS(trusting: old)) == [200, 200])
            try replace(own.key, renewed.key)
            try await service.waitForLog("certificate read again")
            #expect(try await Self.live(service, ClientTLS(trusting: new)) == [200, 200])
            #expect(try await Self.isRefused(service, ClientTLS(trusting: old)))
        }
    }

    @Test("a command trusts and shows what it is told, and says why where that is not enough")
    func commands() async throws {
        try await ServiceHost.run { host in
            let authority = try Authority("authority", in: host.directory)
            let (own, client) = (try authority.issue("service"), try authority.issue("client"))
            let service = try await host.serve(
                "--redis-url", ServiceHost.freshRedis(), "--tls-cert", own.certificate, "--tls-key", own.key,
                "--tls-client-ca", authority.certificate)
            let show = ["policy", "history", "--server", "https://127.0.0.1:\(service.controlPort)"]
            let trusting = show + ["--server-ca", authority.certificate]
            func run(_ words: [String], _ environment: [String: String] = [:]) async throws -> Service {
                let command = try host.start(words, environment: environment)
                try await command.waitForExit()
                return command
            }
            let known = try await run(trusting + ["--client-cert", client.certificate, "--client-key", client.key])
            #expect(known.exitCode == 0, "\(known.errorText)")
            let variables = ["CLIENT_CERT": client.certificate, "CLIENT_KEY": client.key, "SERVER_CA": authority.certificate]
            let told = try await run(show, Dictionary(uniqueKeysWithValues: variables.map { ("TOKEN_BUDGET_" + $0, $1) }))
            #expect(told.exitCode == 0, "\(told.errorText)")
            let refusals = [
                (show, "no authority that is trusted here"), (trusting, "asks for a client's certificate"),
                (trusting + ["--client-cert", client.certificate], "belong together"),
            ]
            for (words, why) in refusals {
                let refused = try await run(words)
                #expect(refused.exitCode == 1 && refused.errorText.contains(why), "\(refused.errorText)")
            }
        }
    }

    @Test("files that cannot be used are named at the start")
    func unusable() async throws {
        try await ServiceHost.run { host in
            let authority = try Authority("authority", in: host.directory)
            let (own, other) = (try authority.issue("service"), try authority.issue("other"))
            let bad = try host.file("bad.pem", "nothing")
            let mistakes: [([String], String)] = [
                (["--tls-cert", bad, "--tls-key", own.key], "bad.pem"), (["--tls-cert", own.certificate, "--tls-key", bad], "bad.pem"),
                (["--tls-cert", own.certificate, "--tls-key", other.key], "belong together"),
                (["--tls-cert", own.certificate, "--tls-key", own.key, "--tls-client-ca", bad], "bad.pem"),
                (["--tls-cert", own.certificate], "--tls-key"), (["--tls-client-ca", own.certificate], "--tls-cert"),
            ]
            for (flags, word) in mistakes {
                let service = try host.start(["serve", "--redis-url", ServiceHost.freshRedis()] + flags)
                try await service.waitForExit()
                #expect(service.exitCode != 0)
                #expect(service.errorText.contains(word), "\(flags): \(service.errorText)")
                #expect(service.outputText.isEmpty)
            }
        }
    }
}
