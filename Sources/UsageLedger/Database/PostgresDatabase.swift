import Synchronization

/// PostgreSQL, for a ledger that several nodes share: a connection that writes and a few that read.
struct PostgresDatabase: SQLDatabase {
    let dialect = SQLDialect.postgres
    private let writer: PostgresConnection
    private let readers: [PostgresConnection]
    private let pool: ReaderPool

    private static let readerCount = 4
    /// Any number that no other program takes: `token-budget` writers of one database wait for each other by it.
    private static let writerLock = 0x746F_6B65_6E62

    init(url: String) async throws {
        writer = PostgresConnection(url: url)
        readers = (0..<Self.readerCount).map { _ in PostgresConnection(url: url) }
        pool = ReaderPool(readers)
        try await writer.perform { try $0.require() }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await writer.perform { connection in
            try connection.transaction("BEGIN") {
                try connection.run("SELECT pg_advisory_xact_lock(\(Self.writerLock))")
                return try body(connection)
            }
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        let reader = await pool.take()
        defer { pool.giveBack(reader) }
        return try await reader.perform { connection in
            try connection.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") { try body(connection) }
        }
    }

    func probe() async throws {
        try await writer.perform { connection in
            do {
                try connection.require()
                try connection.run("SELECT 1")
            } catch {
                // It may only be this connection that was lost.
                connection.finish()
                try connection.require()
                try connection.run("SELECT 1")
            }
        }
    }

    func interrupt() {
        for connection in readers + [writer] { connection.interrupt() }
    }

    func close() async throws {
        interrupt()
        for connection in readers + [writer] { await connection.close() }
    }
}

/// Connections that wait for a reader; readers that wait for a connection, in the order they came.
private final class ReaderPool: Sendable {
    private struct State {
        var idle: [PostgresConnection]
        var waiting: [CheckedContinuation<PostgresConnection, Never>] = []
    }

    private let state: Mutex<State>

    init(_ connections: [PostgresConnection]) { state = Mutex(State(idle: connections)) }

    func take() async -> PostgresConnection {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if let connection = state.idle.popLast() {
                    continuation.resume(returning: connection)
                } else {
                    state.waiting.append(continuation)
                }
            }
        }
    }

    func giveBack(_ connection: PostgresConnection) {
        state.withLock { state in
            if state.waiting.isEmpty {
                state.idle.append(connection)
            } else {
                state.waiting.removeFirst().resume(returning: connection)
            }
        }
    }
}
