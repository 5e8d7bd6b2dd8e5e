import BudgetModel
import Foundation
import Testing
@testable import UsageLedger

/// The databases that every test of meaning runs on: SQLite always, PostgreSQL where it is installed.
enum Backend: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, postgres

    static let available: [Backend] = PostgresServer.isInstalled ? [.sqlite, .postgres] : [.sqlite]
    var testDescription: String { rawValue }
}

/// A ledger of one test's own.
final class TestLedger: Sendable {
    let store: LedgerStore
    let location: LedgerLocation
    private let directory: URL?

    init(_ backend: Backend, timeZone: String = "UTC") async throws {
        switch backend {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appending(path: "tb-ledger-\(UUID().uuidString.prefix(8))")
            directory = folder
            location = .file(folder.appending(path: "ledger.sqlite").path)
        case .postgres:
            directory = nil
            location = .postgres(try PostgresServer.shared.database())
        }
        store = try await LedgerStore.open(location, timeZone: timeZone)
    }

    deinit {
        if let directory { try? FileManager.default.removeItem(at: directory) }
    }

    /// The same ledger as another process would open it.
    func another() async throws -> LedgerStore { try await LedgerStore.open(location) }

    /// Books in batches of a few.
    func book(_ events: [LedgerEvent], size: Int = 100) async throws {
        var rest = events[...]
        while !rest.isEmpty {
            _ = try await store.book(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
    }

    func rows(_ query: UsageQuery) async throws -> [UsageRow] {
        var rows: [UsageRow] = []
        for try await row in try await store.usage(query).rows { rows.append(row) }
        return rows
    }

    /// Everything there is, in one row or none.
    func total(from: Int64 = 0, to: Int64 = 4_000_000_000_000) async throws -> UsageRow? {
        try await rows(UsageQuery(from: from, to: to)).first
    }

    func text(_ query: UsageQuery, _ export: UsageExport) async throws -> String {
        var bytes: [UInt8] = []
        try await store.usage(query).write(as: export) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    func count(_ table: String, where condition: String = "1 = 1") async throws -> Int64? {
        try await store.database.read { try $0.integer("SELECT COUNT(*) FROM \(table) WHERE \(condition)") }
    }
}
