import Foundation
import Testing
@testable import UsageLedger

/// What the ledger leaves on a disk that others can read, too.
@Suite("The ledger's file") struct LedgerFileTests {
    private static func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    /// A ledger in a directory that was there before, open to everybody.
    private static func run(_ body: (_ path: String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tb-file-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.appending(path: "ledger.sqlite").path)
    }

    @Test("file, log and index are their owner's alone", arguments: [false, true])
    func modes(existed: Bool) async throws {
        try await Self.run { path in
            if existed {
                for suffix in ["", "-wal", "-shm"] {
                    #expect(
                        FileManager.default.createFile(atPath: path + suffix, contents: nil, attributes: [.posixPermissions: 0o644]))
                }
            }
            let ledger = try await LedgerStore.open(.file(path))
            for suffix in ["", "-wal", "-shm"] { #expect(try Self.mode(path + suffix) == 0o600, "\(suffix)") }
            try await ledger.close()
        }
    }

    @Test("after a stop the file alone is whole, also while somebody else has it open")
    func stop() async throws {
        try await Self.run { path in
            let ledger = try await LedgerStore.open(.file(path))
            let other = try await SQLiteDatabase.open(path: path)
            try await ledger.close()
            let log = try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
            #expect((log ?? 0) == 0)
            try await other.close()
        }
    }
}
