import Dispatch
import Foundation
import GRDB

/// SQLite in a file, through GRDB: a write-ahead log, so that reports read beside the writer.
struct SQLiteDatabase: SQLDatabase {
    let dialect = SQLDialect.sqlite
    private let pool: DatabasePool
    private let path: String
    /// Of the file that was opened.
    private let inode: ino_t?

    /// Page cache of one connection, KiB: with eight readers and a writer at most 144 MB.
    private static let cache = 16 * 1_024
    private static let readers = 8
    /// Pages of the write-ahead log (4 KiB each) before they are moved into the file. A batch touches as many pages as it has users:
    /// what several batches touch is moved once.
    private static let logPages = 8_192
    /// How long a writer waits for another process' transaction, seconds.
    private static let patience: TimeInterval = 30
    /// How long a stop waits for another process' readers, milliseconds.
    private static let lastPatience = 1_000

    /// Opening a file and taking up what its log still has may take a while: on a thread of its own.
    static func open(path: String) async throws -> SQLiteDatabase { try await aside { try SQLiteDatabase(path: path) } }

    private init(path: String) throws {
        var configuration = Configuration()
        configuration.label = "ledger"
        configuration.busyMode = .timeout(Self.patience)
        configuration.maximumReaderCount = Self.readers
        configuration.prepareDatabase { db in
            // FULL: a batch that was confirmed survives the loss of power, not only of the process.
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA cache_size = -\(Self.cache); PRAGMA temp_store = FILE")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.logPages)")
        }
        do {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            Self.keepToOwner(path)
            pool = try DatabasePool(path: path, configuration: configuration)
            self.path = path
            inode = Self.inode(of: path)
        } catch {
            throw LedgerError.unreachable("\(path): \(error)")
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try requireFile()
        return try await translated {
            try await pool.writeWithoutTransaction { db in
                var value: Value?
                // IMMEDIATE: whoever reads first and writes later would meet another writer's changes half way.
                try db.inTransaction(.immediate) {
                    value = try body(SQLiteConnection(db: db, keepsStatements: true))
                    return .commit
                }
                guard let value else { throw LedgerError.failed("a transaction ended without a result") }
                return value
            }
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await translated { try await pool.read { db in try body(SQLiteConnection(db: db, keepsStatements: false)) } }
    }

    func probe() async throws {
        try requireFile()
        try await translated { try await pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA schema_version") } }
    }

    /// Makes the file its owner's alone before SQLite opens it, which gives log and index the mode the file has then: they name users,
    /// all three.
    private static func keepToOwner(_ path: String) {
        // Only a new file is opened here: closing one that this process has open already would give up SQLite's locks on it. Whatever
        // is wrong with the path SQLite says itself.
        let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { Foundation.close(descriptor) }
        for suffix in ["", "-wal", "-shm"] { chmod(path + suffix, 0o600) }
    }

    private func requireFile() throws {
        guard Self.inode(of: path) == inode else {
            throw LedgerError.unreachable("\(path) was moved or replaced: put it back, or start the service anew")
        }
    }

    /// nil when there is no such file.
    private static func inode(of path: String) -> ino_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_ino : nil
    }

    func interrupt() { pool.interrupt() }

    func close() async throws {
        interrupt()
        try await Self.aside {
            // The file alone is whole then. Where another process reads or writes, the log stays as it is and is taken up later.
            try? pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA busy_timeout = \(Self.lastPatience)")
                try db.checkpoint(.truncate)
            }
            try pool.close()
        }
    }

    /// Blocks none of the few threads that tasks share.
    private static func aside<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try work() }) }
        }
    }

    private func translated<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as DatabaseError {
            let passing: [ResultCode] = [
                .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_INTERRUPT,
            ]
            throw passing.contains(error.resultCode) ? LedgerError.unreachable("\(error)") : LedgerError.failed("\(error)")
        }
    }
}

private struct SQLiteConnection: SQLConnection {
    let db: Database
    /// Writers have few statements and run them often: each is prepared once. Reports come in any number of shapes, and preparing one
    /// takes nothing beside reading.
    let keepsStatements: Bool

    private func statement(_ sql: String) throws -> GRDB.Statement {
        try keepsStatements ? db.cachedStatement(sql: sql) : db.makeStatement(sql: sql)
    }

    func run(_ sql: String, _ values: [SQLValue]) throws {
        let statement = try statement(sql)
        try statement.execute(arguments: Self.arguments(values))
    }

    func query(_ sql: String, _ values: [SQLValue], _ each: (any SQLRow) throws -> Void) throws {
        let statement = try statement(sql)
        let rows = try Row.fetchCursor(statement, arguments: Self.arguments(values))
        while let row = try rows.next() { try each(SQLiteRow(row: row)) }
    }

    private static func arguments(_ values: [SQLValue]) -> StatementArguments {
        // As optional values: GRDB reads those without a key path, which costs more than the rest of a binding.
        StatementArguments(
            values.map { value -> (any DatabaseValueConvertible)? in
                switch value {
                case .null: nil
                case .integer(let integer): integer
                case .text(let text): text
                case .bytes(let bytes): Data(bytes)
                }
            })
    }
}

private struct SQLiteRow: SQLRow {
    let row: Row

    func integer(_ column: Int) -> Int64? { row[column] }
    func text(_ column: Int) -> String? { row[column] }
    func bytes(_ column: Int) -> [UInt8]? { (row[column] as Data?).map { Array($0) } }
}
