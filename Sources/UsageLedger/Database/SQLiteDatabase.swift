import Dispatch
import Foundation
import GRDB
import GRDBSQLite

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

    func run(_ sql: String, _ values: [SQLValue]) throws { try statement(sql, values).execute() }

    func query(_ sql: String, _ values: [SQLValue], _ each: (any SQLRow) throws -> Void) throws {
        let rows = try Row.fetchCursor(statement(sql, values))
        while let row = try rows.next() { try each(SQLiteRow(row: row)) }
    }

    private func statement(_ sql: String, _ values: [SQLValue]) throws -> GRDB.Statement {
        let statement = try keepsStatements ? db.cachedStatement(sql: sql) : db.makeStatement(sql: sql)
        // To GRDB there is nothing to bind: it would box each value twice and check its name, which takes longer than to write it.
        statement.setUncheckedArguments(StatementArguments())
        guard values.count == sqlite3_bind_parameter_count(statement.sqliteStatement) else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "\(values.count) values", sql: sql)
        }
        for (index, value) in values.enumerated() {
            let code = value.bind(to: statement.sqliteStatement, at: CInt(index + 1))
            guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code), sql: sql) }
        }
        return statement
    }
}

extension SQLValue {
    /// - Returns: SQLite's result code.
    fileprivate func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        // SQLite's own macro, which Swift cannot read: copy the value now.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        return switch self {
        case .null: sqlite3_bind_null(statement, index)
        case .integer(let integer): sqlite3_bind_int64(statement, index, integer)
        case .text(let text): text.withCString { sqlite3_bind_text(statement, index, $0, CInt(text.utf8.count), copied) }
        // Nothing at no address would be NULL.
        case .bytes(let bytes) where bytes.isEmpty: sqlite3_bind_zeroblob(statement, index, 0)
        case .bytes(let bytes): sqlite3_bind_blob(statement, index, bytes, CInt(bytes.count), copied)
        }
    }
}

private struct SQLiteRow: SQLRow {
    let row: Row

    func integer(_ column: Int) -> Int64? { row[column] }
    func text(_ column: Int) -> String? { row[column] }
    func bytes(_ column: Int) -> [UInt8]? { (row[column] as Data?).map { Array($0) } }
}
