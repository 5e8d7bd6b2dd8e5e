import BudgetModel
import CPQ
import Dispatch
import Synchronization

/// One connection through libpq, the only file that knows it. It connects when it is first needed, and again when it was lost.
///
/// Unchecked, because all that changes is touched on `queue` alone: `perform` is the only way in.
final class PostgresConnection: SQLConnection, @unchecked Sendable {
    private let url: String
    private let queue = DispatchQueue(label: "ledger.postgres")
    private var handle: OpaquePointer?
    /// Names of prepared statements by their text.
    private var prepared: [String: String] = [:]
    private var isClosed = false
    /// The work under way, until it has been told to stop.
    private var call: Call?
    /// Where libpq's ticket for ending a statement lies, which any thread may use; 0 while not connected.
    private let ticket = Mutex<UInt>(0)

    init(url: String) { self.url = url }

    deinit { finish() }

    /// Runs `work` on the connection's own thread, which it may block. A task that is cancelled ends the statement under way.
    func perform<Value: Sendable>(_ work: @escaping @Sendable (PostgresConnection) throws -> Value) async throws -> Value {
        let call = Call()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                queue.async { continuation.resume(with: Result { try self.run(call, work) }) }
            }
        } onCancel: {
            if call.cancel() { interrupt(call) }
        }
    }

    private func run<Value>(_ call: Call, _ work: (PostgresConnection) throws -> Value) throws -> Value {
        guard call.begin() else { throw CancellationError() }
        self.call = call
        defer {
            self.call = nil
            call.end()
        }
        return try work(self)
    }

    // MARK: Ending

    /// Ends the statement under way, if there is one. Asking takes a connection of its own: not on the caller's thread.
    func interrupt() { DispatchQueue.global().async { self.interruptNow() } }

    /// If it is still this one's.
    private func interrupt(_ call: Call) {
        DispatchQueue.global().async { if call.isRunning { self.interruptNow() } }
    }

    private func interruptNow() {
        ticket.withLock { address in
            guard let ticket = OpaquePointer(bitPattern: address) else { return }
            var reason = [CChar](repeating: 0, count: 256)
            PQcancel(ticket, &reason, Int32(reason.count))
        }
    }

    /// Ends the connection for good, behind what is under way.
    func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.isClosed = true
                self.finish()
                continuation.resume()
            }
        }
    }

    // MARK: Connecting

    func finish() {
        ticket.withLock { address in
            if let ticket = OpaquePointer(bitPattern: address) { PQfreeCancel(ticket) }
            address = 0
        }
        PQfinish(handle)
        handle = nil
        prepared = [:]
    }

    func require() throws {
        guard !isClosed else { throw LedgerError.unreachable("the connection is closed") }
        if let handle, PQstatus(handle) == CONNECTION_OK { return }
        finish()
        // Without these a peer that vanished is noticed only after the kernel's patience: hours.
        let settings = [
            ("dbname", url), ("connect_timeout", "5"), ("tcp_user_timeout", "15000"), ("keepalives_idle", "15"),
            ("client_encoding", "UTF8"), ("application_name", "token-budget"),
            // Another writer's transaction is waited for as long as SQLite waits.
            ("options", "-c synchronous_commit=on -c client_min_messages=warning -c lock_timeout=30s"),
        ]
        handle = CStrings(settings.map(\.0)).with { keys in
            CStrings(settings.map(\.1)).with { values in PQconnectdbParams(keys, values, 1) }
        }
        guard let handle, PQstatus(handle) == CONNECTION_OK else {
            let reason = message()
            finish()
            throw LedgerError.unreachable(reason)
        }
        guard PQparameterStatus(handle, "server_encoding").map({ String(cString: $0) }) == "UTF8" else {
            finish()
            throw LedgerError.location("the ledger's database must have the encoding UTF8")
        }
        let address = UInt(bitPattern: PQgetCancel(handle))
        ticket.withLock { $0 = address }
    }

    func transaction<Value>(_ begin: String, _ body: () throws -> Value) throws -> Value {
        try require()
        try run(begin)
        do {
            let value = try body()
            try run("COMMIT")
            return value
        } catch {
            call = nil
            // What does not answer a ROLLBACK is dropped, which rolls back too.
            do { try run("ROLLBACK") } catch { finish() }
            throw error
        }
    }

    // MARK: Statements

    func run(_ sql: String, _ values: [SQLValue]) throws { try query(sql, values) { _ in } }

    func query(_ sql: String, _ values: [SQLValue], _ each: (any SQLRow) throws -> Void) throws {
        guard let handle else { throw LedgerError.unreachable("the connection is closed") }
        // Between two statements there is nothing to end.
        if call?.isCancelled == true { throw CancellationError() }
        let name = try prepare(sql, handle)
        let sent = CStrings(values.map(Self.text)).with { texts in
            PQsendQueryPrepared(handle, name, Int32(values.count), texts, nil, nil, 0)
        }
        guard sent == 1 else { throw failure(nil) }
        PQsetSingleRowMode(handle)
        var thrown: (any Error)?
        // Every result has to be taken, whatever happens, or the connection is stuck in this statement.
        while let result = PQgetResult(handle) {
            defer { PQclear(result) }
            if thrown != nil { continue }
            do {
                try take(result, each)
            } catch {
                thrown = error
                interruptNow()
            }
        }
        if let thrown { throw thrown }
    }

    private func take(_ result: OpaquePointer, _ each: (any SQLRow) throws -> Void) throws {
        switch PQresultStatus(result) {
        case PGRES_SINGLE_TUPLE: try each(PostgresRow(result: result))
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK: break
        default: throw failure(result)
        }
    }

    /// Reports come in many shapes; each statement takes memory here and there.
    private static let mostPrepared = 500

    private func prepare(_ sql: String, _ handle: OpaquePointer) throws -> String {
        if let name = prepared[sql] { return name }
        if prepared.count >= Self.mostPrepared {
            PQclear(PQexec(handle, "DEALLOCATE ALL"))
            prepared = [:]
        }
        let name = "s\(prepared.count)"
        let result = PQprepare(handle, name, Self.numbered(sql), 0, nil)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK else { throw failure(result) }
        prepared[sql] = name
        return name
    }

    /// `?` -> `$1`, `$2`, ... The ledger's statements hold no `?` besides.
    private static func numbered(_ sql: String) -> String {
        var text = ""
        var count = 0
        for character in sql {
            guard character == "?" else {
                text.append(character)
                continue
            }
            count += 1
            text += "$\(count)"
        }
        return text
    }

    // MARK: Errors

    /// `PG_DIAG_SQLSTATE`, a character that Swift cannot import.
    private static let sqlState = Int32(UInt8(ascii: "C"))

    private func message() -> String {
        guard let text = PQerrorMessage(handle) else { return "no connection" }
        // Of an address it cannot read libpq repeats all, the password too.
        return String(cString: text).replacing(url, with: "its address").split(separator: "\n").joined(separator: " ")
    }

    /// A lost connection, a server that stops, a deadlock: to be tried again. Anything else is wrong in itself.
    private func failure(_ result: OpaquePointer?) -> LedgerError {
        let state = result.flatMap { PQresultErrorField($0, Self.sqlState) }.map { String(cString: $0) } ?? ""
        let passing =
            PQstatus(handle) != CONNECTION_OK || ["08", "40", "53", "57"].contains(String(state.prefix(2)))
            || state == "55P03"
        return passing ? .unreachable(message()) : .failed(message())
    }

    // MARK: Values as text

    private static func text(_ value: SQLValue) -> String? {
        switch value {
        case .null: nil
        case .integer(let integer): String(integer)
        // PostgreSQL's text holds no NUL, which callers' free text may.
        case .text(let text): text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
        case .bytes(let bytes): "\\x" + hexadecimal(bytes)
        }
    }
}

private struct PostgresRow: SQLRow {
    let result: OpaquePointer

    func text(_ column: Int) -> String? {
        guard PQgetisnull(result, 0, Int32(column)) == 0, let value = PQgetvalue(result, 0, Int32(column)) else { return nil }
        return String(cString: value)
    }

    func integer(_ column: Int) -> Int64? { text(column).flatMap { Int64($0) } }

    func bytes(_ column: Int) -> [UInt8]? {
        guard let text = text(column), text.hasPrefix("\\x") else { return nil }
        let digits = text.utf8.dropFirst(2).map { $0 < 58 ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

/// Work for a connection, from its order to its end.
private final class Call: Sendable {
    private enum State { case waiting, running, over }
    private let state = Mutex<(now: State, isCancelled: Bool)>((.waiting, false))

    /// - Returns: false when nobody wants it any more.
    func begin() -> Bool {
        state.withLock { state in
            state.now = .running
            return !state.isCancelled
        }
    }

    func end() { state.withLock { $0.now = .over } }

    /// - Returns: whether it is under way.
    func cancel() -> Bool {
        state.withLock { state in
            state.isCancelled = true
            return state.now == .running
        }
    }

    var isRunning: Bool { state.withLock { $0.now == .running } }
    var isCancelled: Bool { state.withLock { $0.isCancelled } }
}

/// Texts as C wants them: NUL after each, a null pointer for what is absent and after the last.
private struct CStrings {
    private var bytes: [CChar] = []
    private var starts: [Int?] = []

    init(_ texts: [String?]) {
        for text in texts {
            starts.append(text == nil ? nil : bytes.count)
            if let text { bytes += text.utf8CString }
        }
    }

    func with<Value>(_ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value) -> Value {
        bytes.withUnsafeBufferPointer { buffer in
            let pointers = starts.map { start in start.flatMap { buffer.baseAddress?.advanced(by: $0) } } + [nil]
            return pointers.withUnsafeBufferPointer { pointers in
                guard let first = pointers.baseAddress else { preconditionFailure("the list ends with a null pointer") }
                return body(first)
            }
        }
    }
}
