import BudgetStore
import NIOCore
import Testing

/// Who is let in, as a value: no socket, no clock.
@Suite struct AdmissionTests {
    private static let limit = 512
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let late = Admission.patience + .nanoseconds(1)
    private var admission = Admission(limit: limit)
    private var turnBegan: NIODeadline?

    /// Whether callers are let in who are read so long after the start; nothing waits for Redis.
    private mutating func letsIn(after times: TimeAmount...) -> [Bool] {
        times.map { admission.admits(waiting: 0, turnBegan: turnBegan, at: start + $0) }
    }

    private mutating func reachTheLimit(after time: TimeAmount = .zero) {
        let isLetIn = admission.admits(waiting: Self.limit, turnBegan: turnBegan, at: start + time)
        #expect(!isLetIn)
    }

    @Test mutating func aBurstIsLetInUpToTheLimitHoweverLongItsTurnLasts() {
        turnBegan = start
        let letIn = (0..<600).filter { admission.admits(waiting: $0, turnBegan: turnBegan, at: start + .milliseconds(Int64($0))) }
        #expect(letIn == Array(0..<Self.limit))
    }

    @Test mutating func onceTheLimitWasReachedWhoIsReadLateInATurnIsRefused() {
        reachTheLimit()
        turnBegan = start
        let letIn = letsIn(after: .zero, Admission.patience, late)
        #expect(letIn == [true, true, false])
    }

    @Test mutating func theNextTurnLetsInAgain() {
        reachTheLimit()
        turnBegan = start + late
        let letIn = letsIn(after: late)
        #expect(letIn == [true])
    }

    @Test mutating func withNothingToSendThereIsNoTurnToBeLateIn() {
        reachTheLimit()
        let letIn = letsIn(after: late)
        #expect(letIn == [true])
    }

    @Test mutating func strictnessThatRefusedFewEndsAfterAWhile() {
        reachTheLimit()
        let early = letsIn(after: .zero, .zero, .zero)
        turnBegan = start
        let letIn = letsIn(after: Admission.caution, Admission.caution + late)
        #expect(early + letIn == [true, true, true, true, true])
    }

    @Test mutating func strictnessThatRefusedManyLastsAsLongAgain() {
        reachTheLimit()
        let early = letsIn(after: .zero, .zero)
        turnBegan = start
        let letIn = letsIn(after: Admission.caution, Admission.caution + Admission.caution - .nanoseconds(1))
        #expect(early + letIn == [true, true, false, false])
    }

    @Test mutating func prolongedStrictnessEndsOnceItRefusesFew() {
        reachTheLimit()
        let prolonged = letsIn(after: Admission.caution, Admission.caution, Admission.caution)
        turnBegan = start
        let letIn = letsIn(after: Admission.caution + Admission.caution)
        #expect(prolonged + letIn == [true, true, true, true])
    }

    @Test mutating func eachTimeTheLimitIsReachedTheWhileBeginsAnew() {
        reachTheLimit()
        reachTheLimit(after: .milliseconds(900))
        turnBegan = start
        let letIn = letsIn(after: .milliseconds(1_800))
        #expect(letIn == [false])
    }
}
