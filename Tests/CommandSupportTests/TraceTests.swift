import Foundation
import Testing

@testable import CommandSupport

@Suite struct TraceTests {
    @Test func azuresTraceIsRead() throws {
        let rows = try Self.rows(
            "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.6805900,374,44\r\n2023-11-16 18:15:47.0,1,0")
        #expect(rows.map(\.inputTokens) == [374, 1])
        #expect(rows.map(\.outputTokens) == [44, 0])
        #expect(rows[1].arrival - rows[0].arrival == 319_410_000)
    }

    @Test func columnsAreFoundInAnyOrderAndSpelling() throws {
        let rows = try Self.rows("\u{FEFF}\"Output Tokens\", arrived_at ,x,INPUT-TOKENS\n\n7, 1.5 ,\"a,\"\"b\",9\n")
        #expect(rows == [TraceRow(arrival: 1_500_000_000, inputTokens: 9, outputTokens: 7)])
    }

    @Test func timesAreNotAskedForWhereNobodyNeedsThem() throws {
        #expect(try Self.rows("input_tokens,output_tokens\n1,2\n", needsTimes: false).count == 1)
        #expect(throws: TraceError.self) { try Self.rows("input_tokens,output_tokens\n1,2\n") }
    }

    @Test(arguments: ["-1", "1.5", "", "1e3", "9007199254740992", "99999999999999999999"])
    func onlyPlainNumbersAreTokens(text: String) {
        let error = #expect(throws: TraceError.self) { try Self.rows("time,input_tokens,output_tokens\n1,2,3\n1,\(text),3\n") }
        #expect(error?.line == 3)
    }

    @Test(arguments: [
        ("0", 0), ("12.5", 12_500_000_000), ("1970-01-01 00:00:01", 1_000_000_000), ("1970-01-02T00:00:00Z", 86_400_000_000_000),
        ("1970-01-01T02:00:00+02:00", 0), ("1970-01-01 00:00:00.0000000019", 1), ("2000-03-01 00:00:00", 951_868_800_000_000_000),
    ])
    func timesAreRead(text: String, nanoseconds: Int64) {
        #expect(TraceTime.nanoseconds(Array(text.utf8)[...]) == nanoseconds)
    }

    @Test(arguments: [
        "", "-1", "now", "1970-13-01 00:00:00", "1970-01-01 24:00:00", "1970-01-01 00:00", "1970-01-01 00:00:00 CET", "1:2",
        "2023-02-29 00:00:00", "1970-00-01 00:00:00",
    ])
    func othersAreNoTimes(text: String) {
        #expect(TraceTime.nanoseconds(Array(text.utf8)[...]) == nil)
    }

    @Test func aSummaryLooksNoFurtherThanItsLimit() throws {
        try Self.file("input_tokens,output_tokens\n1,2\n3,4\nbroken") { file in
            let summary = try TraceSummary(file, needsTimes: false, limit: 2)
            #expect(summary.requests == 2)
            #expect(summary.tokens == 10)
            #expect(throws: TraceError.self) { try TraceSummary(file, needsTimes: false, limit: 3) }
        }
    }

    @Test func longFilesAreReadAcrossChunks() throws {
        let lines = (0..<50_000).map { "\($0),\($0 % 7)" }
        let rows = try Self.rows("input_tokens,output_tokens\n" + lines.joined(separator: "\n"), needsTimes: false)
        #expect(rows.map(\.inputTokens) == Array(0..<50_000))
    }

    private static func rows(_ text: String, needsTimes: Bool = true) throws -> [TraceRow] {
        try file(text) { file in
            let reader = try TraceReader(file, needsTimes: needsTimes)
            var rows: [TraceRow] = []
            while let row = try reader.next() { rows.append(row) }
            return rows
        }
    }

    private static func file<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("trace-\(UUID().uuidString).csv")
        try Data(text.utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(url.path)
    }
}
