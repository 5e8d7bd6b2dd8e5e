import BudgetStore
import Foundation
import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing

/// What the connection does when the other side misbehaves, down to the bytes.
@Suite struct ConnectionTests {
    private static let loop = MultiThreadedEventLoopGroup.singleton.next()

    private func connect(_ server: FaultyServer, stall: TimeAmount = .milliseconds(200)) async throws -> BudgetStores {
        var settings = BudgetStores.Settings(address: server.address)
        settings.limits.commandDeadline = .milliseconds(400)
        settings.limits.stall = stall
        settings.limits.sweepInterval = .hours(1)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let stores = try await BudgetStores.start(settings, group: Self.loop, logger: logger)
        try await waitUntilReady(stores)
        return stores
    }

    private func waitUntilReady(_ stores: BudgetStores) async throws {
        try await eventually("a connection") {
            try await Self.loop.submit { stores.store(on: Self.loop).connection.isReady }.get()
        }
    }

    private func ask(_ stores: BudgetStores, _ words: String...) async -> Result<Reply, StoreFault> {
        await withCheckedContinuation { continuation in
            Self.loop.execute {
                var arguments = Command()
                for word in words { arguments.append(word) }
                stores.store(on: Self.loop).connection.send(arguments) { continuation.resume(returning: $0) }
            }
        }
    }

    @Test func aSilentServerCostsADeadlineAndNoMore() async throws {
        try await FaultyServer.run([.silence]) { server in
            let stores = try await connect(server)
            let started = ContinuousClock.now
            #expect(await ask(stores, "GET", "a") == .failure(.timedOut))
            #expect(ContinuousClock.now - started >= .milliseconds(390))
            try await stores.close()
        }
    }

    @Test func aLateAnswerNeverReachesTheNextCommand() async throws {
        try await FaultyServer.run([.late("+late\r\n"), .reply("+mine\r\n")]) { server in
            let stores = try await connect(server, stall: .hours(1))
            #expect(await ask(stores, "GET", "a") == .failure(.timedOut))
            let next = await ask(stores, "GET", "b")
            #expect(next == .success(.status("mine")))
            try await stores.close()
        }
    }

    @Test(arguments: ["%1\r\n", "\0\0\0", "hello\r\n", "*1073741824\r\n"])
    func garbageEndsTheConnectionAndTheNextOneIsClean(bytes: String) async throws {
        try await FaultyServer.run([.reply(bytes), .reply("+OK\r\n")]) { server in
            let stores = try await connect(server)
            if case .success(let reply) = await ask(stores, "GET", "a") { Issue.record("\(reply)") }
            try await eventually("another connection") { server.accepted >= 2 }
            try await waitUntilReady(stores)
            #expect(await ask(stores, "GET", "b") == .success(.status("OK")))
            try await stores.close()
        }
    }

    @Test func aConnectionBrokenInMidAnswerFailsItsCommandsAndIsMadeAgain() async throws {
        try await FaultyServer.run([.breakOff("$100\r\nhalf"), .reply(":7\r\n")]) { server in
            let stores = try await connect(server)
            if case .failure(.unavailable) = await ask(stores, "GET", "a") {} else { Issue.record("the command did not fail") }
            try await waitUntilReady(stores)
            #expect(await ask(stores, "GET", "b") == .success(.integer(7)))
            try await stores.close()
        }
    }

    @Test func aBlackHoleIsGivenUpAndLeft() async throws {
        try await FaultyServer.run([.silence, .reply("+again\r\n")]) { server in
            let stores = try await connect(server)
            #expect(await ask(stores, "GET", "a") == .failure(.timedOut))
            try await eventually("another connection") { server.accepted >= 2 }
            try await waitUntilReady(stores)
            #expect(await ask(stores, "GET", "b") == .success(.status("again")))
            try await stores.close()
        }
    }

    @Test func aFaultyServerLeavesNothingBehind() async throws {
        var path = ""
        try await FaultyServer.run([]) { server in
            path = server.path
            #expect(FileManager.default.fileExists(atPath: path))
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func nobodyListeningIsSaidAtOnce() async throws {
        var settings = BudgetStores.Settings(address: StoreAddress(unixSocket: "/tmp/nobody-\(UUID().uuidString.prefix(6))"))
        settings.limits.sweepInterval = .hours(1)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let stores = try await BudgetStores.start(settings, group: Self.loop, logger: logger)
        if case .failure(.unavailable) = await ask(stores, "PING") {} else { Issue.record("the command did not fail") }
        try await stores.close()
    }

    @Test(arguments: [
        ("redis://h:1/3", "redis://h:1/3"), ("redis://u:secret@h", "redis://h:6379/0"), ("rediss://:s@[::1]:7/", "rediss://::1:7/0"),
        ("unix:///a/b.sock?db=2", "unix:///a/b.sock?db=2"),
    ])
    func anAddressShowsNoPassword(url: String, shown: String) throws {
        #expect(try StoreAddress(url: url).description == shown)
    }

    @Test(arguments: ["http://h", "redis://", "redis://h/x", "redis://h?timeout=1", "unix://a", "", "redis://h:99999999"])
    func aBadAddressIsRefused(url: String) {
        #expect(throws: StoreAddress.Malformed.self) { try StoreAddress(url: url) }
    }
}
