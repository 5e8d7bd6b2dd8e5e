import BudgetClient
import CommandSupport
import Foundation
import Testing

@testable import token_budget

@Suite struct CounterAuditTests {
    private let row = TraceRow(arrival: 0, inputTokens: 100, outputTokens: 20)

    @Test func whatWasAcknowledgedMustBeThere() {
        let (before, after) = (counter(used: 5, resets: "X"), counter(used: 125, resets: "X"))
        let books = booked([counter(used: 5, held: 120, resets: "X")])
        #expect(audit(books, [before], [after]).mismatches.count == 0)
        #expect(audit(books, [before], [counter(used: 124, resets: "X")]).mismatches.count == 1)
        #expect(audit(books, [before], [after]).compared == 1)
    }

    @Test func aRollingWindowMayBeginDuringTheRun() {
        let books = booked([counter(used: 0, held: 120, resets: "X")])
        let result = audit(books, [counter(used: 0, resets: nil)], [counter(used: 120, resets: "X")])
        #expect(result.compared == 1)
        #expect(result.mismatches.count == 0)
    }

    @Test func aCounterThatMovesItsResetIsNotComparedButItsHoldIs() {
        let books = booked([counter(used: 0, held: 120, resets: "X")])
        let rolled = audit(books, [counter(used: 0, resets: "X")], [counter(used: 0, resets: "Y")])
        #expect(rolled.skipped == 1)
        #expect(rolled.mismatches.count == 0)
        #expect(audit(books, [counter(used: 0, resets: "X")], [counter(used: 0, held: 1, resets: "Y")]).mismatches.count == 1)
    }

    @Test func aCounterThatVanishedIsAMismatch() {
        #expect(audit(booked([counter(used: 0, resets: "X")]), [counter(used: 0, resets: "X")], []).mismatches.count == 1)
    }

    @Test func anotherTiersUnusedCounterMayGo() {
        let result = audit(UserBooks(), [counter(used: 0, resets: "X")], [])
        #expect(result.compared == 0)
        #expect(result.mismatches.count == 0)
    }

    @Test func inFlightOnlyHolds() {
        let flight = counter(unit: "in_flight", used: 0, resets: nil)
        #expect(audit(booked([flight]), [flight], [flight]).mismatches.count == 0)
        let leaked = counter(unit: "in_flight", used: 0, held: 1, resets: nil)
        #expect(audit(booked([flight]), [flight], [leaked]).mismatches.count == 1)
    }

    @Test func countersPerModelAreComparedEachForItself() {
        let books = booked([counter(used: 0, resets: "X")], model: "a")
        let swapped = [counter(used: 0, resets: "X", model: "a"), counter(used: 120, resets: "X", model: "b")]
        #expect(audit(books, [], swapped).mismatches.count == 2)
        #expect(audit(booked([counter(used: 0, resets: "X")], model: "alias-of-b"), [], swapped).mismatches.count == 0)
    }

    @Test func moneyIsCompared() {
        let books = booked([counter(unit: "usd", used: 0, resets: "X")])
        #expect(audit(books, [], [counter(unit: "usd", used: Decimal(string: "0.1")!, resets: "X")]).mismatches.count == 0)
        #expect(audit(books, [], [counter(unit: "usd", used: Decimal(string: "0.10000001")!, resets: "X")]).mismatches.count == 1)
    }

    // MARK: Making them

    private func counter(
        unit: String = "tokens", used: Decimal, held: Decimal = 0, resets: String?, model: String? = nil
    ) -> AllowanceReply {
        let reset = resets.map { "\"\($0)\"" } ?? "null"
        let dimensions = model.map { #","dimensions":{"model":"\#($0)"}"# } ?? ""
        let text = """
            {"name":"a","unit":"\(unit)","limit":1,"used":\(used),"held":\(held),"remaining":0,"resets_at":\(reset)\(dimensions)}
            """
        guard let reply = try? JSONDecoder().decode(AllowanceReply.self, from: Data(text.utf8)) else {
            preconditionFailure("a test's counter is no JSON")
        }
        return reply
    }

    private func booked(_ shown: [AllowanceReply], model: String = "m") -> UserBooks {
        var books = UserBooks()
        books.sight(shown, model: model)
        books.book(shown, model: model, row, cost: Decimal(string: "0.1"))
        return books
    }

    private func audit(_ books: UserBooks, _ before: [AllowanceReply], _ after: [AllowanceReply]) -> CounterAudit {
        var audit = CounterAudit()
        audit.add("u", books, before: user(before), after: user(after))
        return audit
    }

    private func user(_ allowances: [AllowanceReply]) -> UserReply {
        guard
            var reply = try? JSONDecoder().decode(
                UserReply.self, from: Data(#"{"user":"u","tier":null,"frozen":false,"allowances":[]}"#.utf8))
        else { preconditionFailure("a test's user is no JSON") }
        reply.allowances = allowances
        return reply
    }
}
