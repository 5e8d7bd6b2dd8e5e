import CommandSupport
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import budget_load

/// Loads a tiny server of the test's own. Bounds on time are lower bounds, which hold on slow machines as well.
@Suite struct StallTests {
    private static func record(
        pauseAfter requests: Int, _ length: TimeAmount, _ change: (inout LoadSettings) throws -> Void
    ) async throws -> RunRecord {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let shared = try await loop.submit { NIOLoopBound(TinyServer.Shared(pauseAfter: requests, length), eventLoop: loop) }.get()
        let server = try await TinyServer.start(shared, on: loop)
        var settings = try Example.settings(port: server.localAddress?.port ?? 0)
        try change(&settings)
        let record = try await LoadRun.record(settings) { _ in }
        try await server.close()
        return record
    }

    @Test func aStallShowsInEveryRequestDueMeanwhile() async throws {
        let record = try await Self.record(pauseAfter: 40, .milliseconds(200)) { settings in
            settings.stretches = [Stretch(start: 0, end: 1_000_000_000, rate: 500)]
            settings.connections = 1
        }
        let reserve = record.figures[.reserve]
        #expect(record.figures.errors.isEmpty)
        #expect(reserve.total.count == 500)
        // 100 requests were due in the 200 ms. Whoever measures from the sending sees one slow answer for each connection.
        let over50 = 100 - 100 * 75.0 / 500
        #expect(reserve.total.percentile(over50) >= 50_000_000, "requests due in the first 150 ms of the stall waited 50 ms or more")
        #expect(reserve.total.percentile(100) >= 190_000_000)
        #expect(record.books.users.reduce(0) { $0 + $1.charged } == 2_500)
    }

    @Test func aClosedLoopSendsOneAfterTheOther() async throws {
        let record = try await Self.record(pauseAfter: 40, .milliseconds(200)) { settings in
            settings.shape = .closed(1)
            settings.connections = 1
            settings.maxRequests = 500
            settings.stretches = [Stretch(start: 0, end: 20_000_000_000, rate: 1)]
        }
        #expect(record.figures[.reserve].total.count == 500)
        #expect(record.figures.offered == 500)
    }

    @Test func aRequestThatIsNeverSettledLeavesItsHold() async throws {
        let record = try await Self.record(pauseAfter: -1, .zero) { settings in
            settings.traffic.lost = 1
            settings.maxRequests = 7
        }
        #expect(record.figures.fates == [.lost: 7])
        #expect(record.figures[.commit].total.count == 0)
        let held = record.books.users.indices.compactMap { record.books.held(by: $0, at: ConnectionPool.now) }.reduce(0, +)
        #expect(held == 35)
    }

    @Test func noServerIsAnErrorAtOnce() async throws {
        let settings = try Example.settings(port: 1)
        await #expect(throws: (any Error).self) { try await LoadRun.record(settings) { _ in } }
    }
}
