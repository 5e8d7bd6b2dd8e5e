import NIOCore
import NIOPosix
import Testing

@testable import budget_load

/// Connections of the load tool to a tiny server, all on one event loop.
@Suite struct PoolTests {
    /// How many calls each connection has carried that the server has seen, after `work` and a little more.
    private static func calls(connections: Int, _ work: @escaping @Sendable (ConnectionPool) -> Void) async throws -> [Int] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let shared = try await loop.submit { NIOLoopBound(TinyServer.Shared(), eventLoop: loop) }.get()
        let server = try await TinyServer.start(shared, on: loop)
        let settings = try Example.settings(port: server.localAddress?.port ?? 0, connections: connections)
        let pool = try await loop.submit { NIOLoopBound(ConnectionPool(settings, on: loop), eventLoop: loop) }.get()
        try await loop.flatSubmit { pool.value.open() }.get()
        try await loop.submit { work(pool.value) }.get()
        try await Task.sleep(for: .milliseconds(100))
        let calls = try await loop.submit { shared.value.calls }.get()
        try await loop.submit { pool.value.close() }.get()
        try await server.close()
        return calls
    }

    private static func submit(to pool: ConnectionPool) {
        guard var maker = try? RequestMaker(Example.settings(port: 1)) else { return }
        pool.submit(Call(verb: .reserve, request: LoadRequest(&maker), due: 0))
    }

    @Test func aCallTakesTheConnectionUsedLast() async throws {
        let calls = try await Self.calls(connections: 3) { pool in
            var left = 6
            pool.onEnd = { _, _, _ in
                left -= 1
                if left > 0 { Self.submit(to: pool) }
            }
            Self.submit(to: pool)
        }
        #expect(calls.sorted() == [0, 0, 6])
    }

    @Test func whatIsIdleForLongIsOpenedAnewAThirdAtATime() async throws {
        let calls = try await Self.calls(connections: 10) { $0.renewIdle(at: ConnectionPool.now + LoadLimits.idle + 1) }
        #expect(calls.count == 14)
    }

    @Test func whatWasUsedOfLateIsLeftAlone() async throws {
        let calls = try await Self.calls(connections: 10) { $0.renewIdle(at: ConnectionPool.now) }
        #expect(calls.count == 10)
    }

    @Test func aRenewedConnectionTakesThePlaceOfTheOldOne() async throws {
        let calls = try await Self.calls(connections: 1) { pool in
            pool.renewIdle(at: ConnectionPool.now + LoadLimits.idle + 1)
            Self.submit(to: pool)
        }
        #expect(calls == [0, 1])
    }
}
