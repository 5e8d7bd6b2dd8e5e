import BudgetModel
import Foundation
import TestSupport
import Testing

/// Windows tile time: whatever a zone does, one ends where the next begins.
@Suite struct WindowTests {
    private static func time(_ text: String) -> Int64 {
        Int64(try! Date(text, strategy: .iso8601).timeIntervalSince1970) * 1_000
    }

    private static func bounds(_ window: Window, _ zone: String, at text: String) -> [String] {
        let bounds = ZoneClock(zone)!.bounds(of: window, at: time(text))
        return [Timestamp.text(bounds.start), Timestamp.text(bounds.end)]
    }

    @Test(
        arguments: [
            // Spring forward: 23 hours. Autumn: 25.
            (Window.day, "Europe/London", "2026-03-29T12:00:00Z", ["2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"]),
            (.day, "Europe/London", "2026-10-25T12:00:00Z", ["2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z"]),
            // The day begins at 01:00: midnight does not exist.
            (.day, "America/Sao_Paulo", "2018-11-04T12:00:00Z", ["2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"]),
            // Samoa left out 30 December.
            (.day, "Pacific/Apia", "2011-12-30T09:59:59Z", ["2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"]),
            (.day, "Pacific/Apia", "2011-12-30T10:00:00Z", ["2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"]),
            // Clocks went back from 00:01 to 23:01: the wall shows yesterday again, the window has begun.
            (.day, "America/St_Johns", "2006-10-29T02:45:00Z", ["2006-10-29T02:30:00Z", "2006-10-30T03:30:00Z"]),
            (.week, "UTC", "2026-11-22T23:59:59Z", ["2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"]),
            (.month(anchorDay: 1), "UTC", "2026-12-31T23:59:59Z", ["2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"]),
            (.month(anchorDay: 15), "UTC", "2026-03-14T23:59:59Z", ["2026-02-15T00:00:00Z", "2026-03-15T00:00:00Z"]),
            // Anchor day 31: short months begin on their last day.
            (.month(anchorDay: 31), "UTC", "2026-02-27T12:00:00Z", ["2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"]),
            (.month(anchorDay: 31), "UTC", "2026-02-28T00:00:00Z", ["2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"]),
            (.month(anchorDay: 31), "UTC", "2028-02-29T00:00:00Z", ["2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"]),
            (.hour, "Asia/Kolkata", "2026-11-20T12:00:00Z", ["2026-11-20T11:30:00Z", "2026-11-20T12:30:00Z"]),
            // Lord Howe shifts by half an hour: the shift ends a window.
            (.hour, "Australia/Lord_Howe", "2026-04-04T14:45:00Z", ["2026-04-04T14:00:00Z", "2026-04-04T15:00:00Z"]),
            (.minute, "America/New_York", "2026-11-20T12:00:59Z", ["2026-11-20T12:00:00Z", "2026-11-20T12:01:00Z"]),
        ] as [(Window, String, String, [String])])
    func aWindowBeginsAndEndsByTheLocalClock(window: Window, zone: String, at time: String, expected: [String]) {
        #expect(Self.bounds(window, zone, at: time) == expected)
    }

    @Test(arguments: [
        ("Europe/London", 2026), ("America/Sao_Paulo", 2018), ("Pacific/Apia", 2011), ("Australia/Lord_Howe", 2026),
        ("America/St_Johns", 2006), ("Africa/Casablanca", 2026), ("America/Havana", 2026), ("Asia/Kathmandu", 2026),
    ])
    func windowsTileAYearWithoutGapOrOverlap(zone: String, year: Int) throws {
        let clock = try #require(ZoneClock(zone))
        let (first, last) = (Self.time("\(year)-01-01T00:00:00Z"), Self.time("\(year + 1)-01-01T00:00:00Z"))
        for window in [Window.hour, .day, .week, .month(anchorDay: 1), .month(anchorDay: 31)] {
            var here = clock.bounds(of: window, at: first)
            #expect(here.contains(first))
            while here.end < last {
                let next = clock.bounds(of: window, at: here.end)
                try #require(next.start == here.end && next.end > next.start, "\(window) in \(zone) at \(here.end)")
                #expect(clock.bounds(of: window, at: here.end - 1) == here)
                here = next
            }
        }
    }

    @Test func anyMomentLiesInItsOwnWindow() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2_000 {
            let zone = random.pick(["Europe/London", "Pacific/Apia", "America/New_York", "Australia/Lord_Howe", "Asia/Tehran"])
            let window = random.pick([Window.minute, .hour, .day, .week, .month(anchorDay: random.pick([1, 15, 29, 31]))])
            let time = Int64.random(in: 0..<4_000_000_000_000, using: &random)
            let bounds = try #require(ZoneClock(zone)).bounds(of: window, at: time)
            #expect(bounds.contains(time), "\(window) in \(zone) at \(time)")
        }
    }

    @Test(arguments: ["Mars/Olympus", "", "EST5EDT4", "../UTC"]) func anUnknownZoneIsNone(name: String) {
        #expect(ZoneClock(name) == nil)
    }
}
