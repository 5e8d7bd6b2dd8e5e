import BudgetModel
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01", 0), ("2026-11-01", 1_793_491_200_000), ("2026-11-01T00:00:00Z", 1_793_491_200_000),
            ("2026-11-01T01:30:00.25+01:30", 1_793_491_200_250), ("2026-10-31T19:00:00-05:00", 1_793_491_200_000),
            ("2024-02-29t12:00:00.0019z", 1_709_208_000_001), ("1969-12-31T23:59:59.999Z", -1),
        ] as [(String, Int64)])
    func aDateIsMidnightAndATimeIsAsItSays(text: String, milliseconds: Int64) {
        #expect(Timestamp.milliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-13-01", "2026-00-01", "2026-02-29", "2026-1-1", "26-01-01", "2026-01-01T", "2026-01-01T00:00Z",
        "2026-01-01T00:00:00", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00Zx", "2026-01-01 00:00:00Z", " 2026-01-01", "+2026-01-01",
    ])
    func whatIsNoTimeIsNone(text: String) { #expect(Timestamp.milliseconds(text) == nil) }

    @Test func whatIsWrittenIsReadBack() {
        for time: Int64 in [0, 1, 999, 1_000, 951_782_400_000, 1_793_491_200_123, 253_402_300_799_999] {
            #expect(Timestamp.milliseconds(Timestamp.text(time)) == time)
        }
    }
}
