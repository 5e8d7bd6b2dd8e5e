package import BudgetModel
import Synchronization

/// The ledger in SQL: books events exactly once, keeps their sums, answers reports.
///
/// Events come in batches from the streams, as often as somebody likes: an ``EventID`` that is there already changes nothing. A batch
/// that `book` confirmed survives the end of this process and of the machine's power.
package final class LedgerStore: Sendable {
    let database: any SQLDatabase
    /// Tells this ledger apart from every other, for good: 16 hexadecimal digits.
    package let id: String
    /// The zone whose days and months the sums have. Chosen when the ledger is created; never changes.
    package let zone: LedgerZone
    let salt: DigestSalt
    let catalogue = Mutex(Catalogue())
    /// The number of the counter's name that was looked at last for whether it can go.
    let namesWalked = Mutex<Int64>(0)

    /// Opens the ledger, made on first use, and brings its tables up to date.
    /// - Parameters:
    ///   - location: a file, or `postgres://...`
    ///   - timeZone: IANA name; of a ledger that exists already its own zone stays.
    /// - Throws: ``LedgerError``.
    package static func open(_ location: LedgerLocation, timeZone: String = "UTC") async throws -> LedgerStore {
        let database = try await location.open()
        do {
            try await Schema.migrate(database)
            let (id, stored, salt) = try await database.write { connection in
                func digits() -> String { hexadecimalDigits(of: .random(in: 0...UInt64.max)) }
                return (
                    try Meta.id.read(connection, orWrite: digits()), try Meta.zone.read(connection, orWrite: timeZone),
                    try Meta.salt.read(connection, orWrite: digits())
                )
            }
            guard let zone = LedgerZone(stored) else { throw LedgerError.location("\"\(stored)\" is no IANA time zone") }
            return LedgerStore(database, id, zone, DigestSalt(text: salt))
        } catch {
            try? await database.close()
            throw error
        }
    }

    private init(_ database: any SQLDatabase, _ id: String, _ zone: LedgerZone, _ salt: DigestSalt) {
        self.database = database
        self.id = id
        self.zone = zone
        self.salt = salt
    }

    /// Ends every connection, once reports under way have been read or given up.
    package func close() async throws { try await database.close() }

    /// Reports under way fail: for a service that stops.
    func interrupt() { database.interrupt() }

    /// Whether the database answers.
    func probe() async throws { try await database.probe() }
}

/// A time zone with its name.
package struct LedgerZone: Sendable {
    package let name: String
    package let clock: ZoneClock

    /// nil when `name` is no IANA time zone.
    package init?(_ name: String) {
        guard let clock = ZoneClock(name) else { return nil }
        self.name = name
        self.clock = clock
    }
}

/// Where a ledger lies.
package enum LedgerLocation: Hashable, Sendable {
    /// A file of SQLite's.
    case file(String)
    /// `postgres://user:password@host:port/database`, as libpq reads it.
    case postgres(String)

    /// - Throws: ``LedgerError/location(_:)``; the text names no password.
    package init(url: String) throws {
        if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
            self = .postgres(url)
        } else if url.hasPrefix("sqlite://"), url.count > 9 {
            self = .file(String(url.dropFirst(9)))
        } else {
            throw LedgerError.location("a ledger is at postgres://... or sqlite:///path")
        }
    }

    /// Whether every node of a service can read it.
    package var isShared: Bool {
        switch self {
        case .file: false
        case .postgres: true
        }
    }

    func open() async throws -> any SQLDatabase {
        switch self {
        case .file(let path): try await SQLiteDatabase.open(path: path)
        case .postgres(let url): try await PostgresDatabase(url: url)
        }
    }
}
