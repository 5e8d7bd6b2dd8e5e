import BudgetModel
import BudgetStore
import Foundation
import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing

/// What people read of errors, in logs and in readiness: sentences, not how the code spells them.
@Suite struct ErrorTextTests {
    private static let errors: [BudgetError] = [
        .plan(.noPolicy), .plan(.unknownTier(nil)), .plan(.unknownTier("gold")), .plan(.outputUnknown(model: "m")),
        .plan(.minimumAboveMaximum), .plan(.noModelLeft(minimum: 5)), .plan(.unpricedModel("m", allowance: "a")),
        .plan(.missingDimension(.team, allowance: "a")), .plan(.amountTooLarge(field: "input_tokens")),
        .store(.unavailable("Connection refused")), .store(.timedOut), .store(.overloaded), .store(.refusing("LOADING")),
        .store(.corrupt("x")), .store(.misconfigured("NOPERM")), .unknownReservation, .reservationGone, .alreadyCommitted,
        .reservationEnded, .idempotencyKeyReused, .versionConflict(0), .versionConflict(3), .amountTooLarge, .unsettled,
        .userChanging, .unknownCursor, .edit(.unknownTier("gold")), .edit(.unknownAllowance("a", pointer: "/x")),
        .edit(.unknownDimension(.team, allowance: "a")), .edit(.amountTooLarge(pointer: "/x", .usd)),
        .edit(.neverCounted(.feature, "x", allowance: "a")), .edit(.grantIDReused),
        .edit(.tooManyGrants(64)), .edit(.tooManyLimits(128)),
    ]

    @Test(arguments: errors) func everyErrorIsASentence(error: BudgetError) {
        #expect("\(error)".wholeMatch(of: /["A-Za-z0-9].* .*\./) != nil, "\(error)")
        for spelling in ["BudgetStore.", "BudgetModel.", "pointer:", "allowance:", "Optional"] {
            #expect(!"\(error)".contains(spelling), "\(error)")
        }
    }

    @Test func aStoreThatIsGoneIsSaidToBe() {
        #expect("\(BudgetError.store(.unavailable("Connection refused")))" == "Redis cannot be reached (Connection refused).")
    }

    @Test func readinessSaysWhyNobodyAnswersAsTheSystemDoes() async throws {
        var settings = BudgetStores.Settings(address: StoreAddress(unixSocket: "/nonexistent/redis.sock"))
        settings.limits.sweepInterval = .hours(1)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let stores = try await BudgetStores.start(settings, group: MultiThreadedEventLoopGroup.singleton.next(), logger: logger)
        try await eventually("the reason") { try await stores.obstacle()?.fault == "No such file or directory" }
        try await stores.close()
    }
}
