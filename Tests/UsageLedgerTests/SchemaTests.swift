import BudgetModel
import Testing
@testable import UsageLedger

/// A ledger that an earlier version wrote goes on.
@Suite struct SchemaTests {
    /// A ledger with one checkpoint of 300 tokens of `a`, 150 of them cached, as the version before `books` left it.
    private func old(_ backend: Backend) async throws -> TestLedger {
        let ledger = try await TestLedger(backend)
        try await ledger.store.database.write { connection in
            var tables: [String] = []
            let all = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            let mine = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            try connection.query(backend == .sqlite ? all : mine, []) { tables += [$0.text(0) ?? ""] }
            for table in tables { try connection.run("DROP TABLE \(table)") }
        }
        try await Schema.migrate(ledger.store.database, to: 2)
        try await ledger.store.database.write { connection in
            _ = try Term.numbers(of: [Term("a")], on: connection)
            _ = try UserName.numbers(of: [UserName("u")], on: connection)
            let set = DimensionSet(words: [1, 0, 0, 0, 0, 0, 0, 0], priceClass: .standard, correction: false)
            _ = try DimensionSet.numbers(of: [set], on: connection)
            let digest = DigestSalt(text: "").digest("u:r", of: 1)
            try connection.run(
                """
                INSERT INTO events (milliseconds, stream, sequence, kind, settled_at, reserved_at, user_id, dims, reservation,
                    model_asked, model_given, held_input, held_output, usage_input, usage_output, usage_cached, usage_cache_write,
                    usage_reasoning, cost, added_requests, added_input, added_output, added_cost, added_cached, added_cache_write,
                    added_reasoning, flags) VALUES (?, 3, 0, 'p', ?, ?, 1, 1, ?, 1, 1, 0, 0, 300, 0, 150, 0, 0, 45, 1, 300, 0, 45, 150, 0,
                    0, 0)
                """,
                [.integer(Times.noon), .integer(Times.noon), .integer(Times.noon), .bytes(digest)])
            try connection.run(
                "INSERT INTO reservation_parts VALUES (1, ?, ?, 0, 150, 0, 0)", [.bytes(digest), .integer(Times.noon)])
            try connection.run("INSERT INTO counters VALUES (1, ?, 1)", [.bytes([1])])
            try connection.run("INSERT INTO counter_totals VALUES (0, 1, 1, 300, ?)", [.integer(Times.noon)])
        }
        return ledger
    }

    @Test(arguments: Backend.available) func whatWasBookedBeforeIsMovedToAnotherModelToo(_ backend: Backend) async throws {
        let ledger = try await old(backend)
        let store = try await ledger.another()
        var commit = LedgerEvent.commit(1, model: "b", input: 400, output: 0, cost: 1_000)
        commit.reservation = "u:r"
        commit.added = Movement(input: 100, output: 0, cost: 955, requests: 0)
        #expect(try await store.book([commit]).booked == 1)
        let raw = try await store.database.read { connection in
            var rows: [String] = []
            let sums = ["requests", "input", "cached", "cost"].map { "CAST(SUM(e.added_\($0)) AS BIGINT)" }.joined(separator: ", ")
            let sql = """
                SELECT t.word, \(sums) FROM events e JOIN dims d ON d.id = e.dims JOIN terms t ON t.id = d.model
                GROUP BY t.word ORDER BY t.word
                """
            try connection.query(sql, []) { row in
                rows.append("\(row.text(0) ?? "") \((1...4).map { "\(row.integer($0) ?? 0)" }.joined(separator: " "))")
            }
            return rows
        }
        #expect(raw == ["a 0 0 0 0", "b 1 400 0 1000"])
        #expect(try await ledger.count("counter_totals", where: "since_rest = 0 AND taken_at = changed_at") == 1)
        #expect(store.salt.text.isEmpty, "its digests are found again")
    }

    @Test func aNewLedgerHasASaltOfItsOwn() async throws {
        let (one, other) = (try await TestLedger(.sqlite), try await TestLedger(.sqlite))
        #expect(one.store.salt.text.utf8.count == 16 && one.store.salt != other.store.salt)
        #expect(try await one.another().salt == one.store.salt)
        #expect(one.store.salt.digest("r", of: 1) != other.store.salt.digest("r", of: 1))
    }

    @Test(arguments: Backend.available) func tokensOfRareClassesStandInTheirRow(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        var event = LedgerEvent.commit(1)
        (event.usage.cacheWriteHourInputTokens, event.usage.audioInputTokens, event.usage.imageOutputTokens) = (3, 70, 9)
        try await ledger.book([event, .commit(2)])
        let json = #"{"cache_write_1h_input_tokens":3,"audio_input_tokens":70,"image_output_tokens":9}"#
        #expect(try await ledger.count("events", where: "usage_rare = '\(json)' AND sequence = 1") == 1)
        #expect(try await ledger.count("events", where: "usage_rare IS NULL AND sequence = 2") == 1)
    }
}
