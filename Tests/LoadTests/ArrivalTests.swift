import CommandSupport
import Foundation
import Testing

@testable import budget_load

@Suite struct ArrivalTests {
    private static let second: Int64 = 1_000_000_000

    private static func times(_ arrivals: Arrivals, _ stretches: [Stretch], limit: Int = .max) -> [Int64] {
        var timetable = Timetable(arrivals, stretches, limit: limit, seed: 7)
        return Array(sequence(state: ()) { _ in timetable.next() })
    }

    private static func stretch(_ from: Int64, _ to: Int64, rate: Double) -> Stretch {
        Stretch(start: from * second, end: to * second, rate: rate)
    }

    @Test func poissonArrivalsKeepTheirRateAndTheirSpread() {
        let times = Self.times(.poisson, [Self.stretch(0, 100, rate: 1_000)])
        // Five deviations of a Poisson count of 100,000.
        #expect(abs(times.count - 100_000) < 1_600)
        let gaps = zip(times.dropFirst(), times).map { Double($0 - $1) / 1e6 }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        #expect(abs(mean - 1) < 0.02)
        #expect(abs(variance.squareRoot() - 1) < 0.05, "exponential gaps deviate by their mean")
        #expect(times == times.sorted())
    }

    @Test func constantArrivalsDoNotDrift() {
        let times = Self.times(.constant, [Self.stretch(0, 10, rate: 3)])
        #expect(times.count == 30)
        #expect(times[15] == 5 * Self.second)
    }

    @Test func aBurstIsDueAtOnce() {
        let times = Self.times(.burst(size: 50), [Self.stretch(0, 3, rate: 100)])
        #expect(times.count == 300)
        #expect(Set(times[0..<50]) == [0])
        #expect(Set(times[50..<100]) == [Self.second / 2])
    }

    @Test func aRampBeginsEachStepAtItsOwnRate() {
        let times = Self.times(.constant, [Self.stretch(0, 1, rate: 10), Self.stretch(1, 2, rate: 20)])
        #expect(times.count { $0 < Self.second } == 10)
        #expect(times.count { $0 >= Self.second } == 20)
        #expect(times[10] == Self.second)
    }

    @Test func aTimetableEndsAtItsLimit() {
        #expect(Self.times(.poisson, [Self.stretch(0, 100, rate: 1_000)], limit: 3).count == 3)
        var stopped = Timetable(.constant, [Self.stretch(0, 1, rate: 10)], limit: 10, seed: 1)
        stopped.stop()
        #expect(stopped.next() == nil)
    }

    @Test func aTraceKeepsItsOwnTimes() throws {
        let rows = try Self.rows(
            "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:47.0,1,0\r\n2023-11-16 18:15:46.6805900,374,44\r\n")
        #expect(rows.map(\.inputTokens) == [374, 1])
        #expect(rows.map(\.arrival) == [0, 319_410_000])
        var timetable = Timetable(times: rows.map(\.arrival), until: Self.second, limit: 10)
        #expect(timetable.next() == 0)
        #expect(timetable.next() == 319_410_000)
        #expect(timetable.next() == nil)
    }

    @Test(arguments: ["", "time,input_tokens,output_tokens", "time,input_tokens,output_tokens\n1,1000001,3"])
    func whatCannotBeSentIsRefused(text: String) {
        #expect(throws: TraceError.self) { try Self.rows(text) }
    }

    private static func rows(_ text: String) throws -> [TraceRow] {
        let file = FileManager.default.temporaryDirectory.appending(path: "trace-\(UUID().uuidString).csv")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try TraceFile.rows(file.path)
    }

    @Test func theEarliestOfAnAgendaComesFirst() {
        var agenda = Agenda<Int64>()
        var random = Random(seed: 3)
        let dues = (0..<500).map { _ in Int64(random.next() % 1_000) }
        for due in dues { agenda.add(due, due: due) }
        #expect(agenda.take(by: -1) == nil)
        let taken = sequence(state: ()) { _ in agenda.take(by: 1_000)?.item }
        #expect(Array(taken) == dues.sorted())
    }
}
