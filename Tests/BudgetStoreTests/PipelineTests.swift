import BudgetStore
import NIOCore
import Testing

/// The commands in flight, as a value: no socket, no time passes.
@Suite struct PipelineTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func expect(_ answered: Pipeline<String>.Answered, _ expected: String) {
        switch answered {
        case .complete(let name): #expect(name == expected)
        case .discard: #expect("discard" == expected)
        case .outOfStep: #expect("out of step" == expected)
        }
    }

    @Test func answersComeToCommandsInOrder() {
        var pipeline = Pipeline<String>(capacity: 8)
        for name in ["a", "b"] { _ = pipeline.enqueue(name, deadline: start) }
        expect(pipeline.answered(), "a")
        expect(pipeline.answered(), "b")
        expect(pipeline.answered(), "out of step")
    }

    @Test func aLateAnswerReachesNobodyElse() {
        var pipeline = Pipeline<String>(capacity: 8)
        _ = pipeline.enqueue("slow", deadline: start)
        _ = pipeline.enqueue("next", deadline: start + .milliseconds(10))
        let late = [pipeline.expire(at: start), pipeline.expire(at: start)]
        #expect(late == [["slow"], []])
        #expect(pipeline.nextDeadline == start + .milliseconds(10))
        #expect(pipeline.oldestDeadline == start)
        expect(pipeline.answered(), "discard")
        expect(pipeline.answered(), "next")
    }

    @Test func expiryStillWorksAfterLateAnswersCame() {
        var pipeline = Pipeline<String>(capacity: 8)
        for (index, name) in ["a", "b", "c"].enumerated() {
            _ = pipeline.enqueue(name, deadline: start + .milliseconds(Int64(index)))
        }
        let first = pipeline.expire(at: start + .milliseconds(1))
        expect(pipeline.answered(), "discard")
        let second = pipeline.expire(at: start + .milliseconds(2))
        #expect(first == ["a", "b"] && second == ["c"])
        #expect(!pipeline.isWaiting && !pipeline.isEmpty)
    }

    @Test func aFullPipelineRefuses() {
        var pipeline = Pipeline<String>(capacity: 1)
        let first = pipeline.enqueue("a", deadline: start)
        let second = pipeline.enqueue("b", deadline: start)
        // A command that timed out still takes its place: its answer is to come.
        _ = pipeline.expire(at: start)
        let third = pipeline.enqueue("c", deadline: start)
        #expect(first && !second && !third)
    }

    @Test func whoStillWaitsIsToldWhenTheConnectionGoes() {
        var pipeline = Pipeline<String>(capacity: 8)
        for (index, name) in ["a", "b", "c"].enumerated() {
            _ = pipeline.enqueue(name, deadline: start + .milliseconds(Int64(index)))
        }
        _ = pipeline.expire(at: start)
        let waiting = pipeline.abandon()
        #expect(waiting == ["b", "c"])
        #expect(pipeline.isEmpty)
    }
}
