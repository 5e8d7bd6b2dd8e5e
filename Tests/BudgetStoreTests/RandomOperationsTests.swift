import BudgetModel
import Foundation
import TestSupport
import Testing

/// The service beside an independent account of what it should do, under random operations: reserve, check, commit,
/// checkpoint, release, extend, record, expiry, ops' assignments, grants and resets, policy edits and the passing of time.
@Suite struct RandomOperationsTests {
    static let runs = 8
    static let steps = 3_000
    /// `TOKEN_BUDGET_SEED=N` repeats one run; without it every run has new seeds, which a failure names.
    static let seeds: [UInt64] = {
        if let seed = ProcessInfo.processInfo.environment["TOKEN_BUDGET_SEED"].flatMap(UInt64.init) { return [seed] }
        var random = SystemRandomNumberGenerator()
        return (0..<runs).map { _ in random.next() >> 16 }
    }()

    @Test(arguments: seeds) func everyAnswerAndEveryCounterAgreeWithTheReference(seed: UInt64) async throws {
        print("random operations: seed \(seed), \(Self.steps) steps")
        var operations = try await RandomOperations(seed: seed)
        try await operations.run(Self.steps)
    }

    @Test func theyCoverEveryUnit() throws {
        let policies = try RandomPolicies.all.map { try Policy(yaml: $0) }
        let allowances = policies.flatMap { policy in policy.allowances + policy.tiers.values.flatMap(\.allowances) }
        for unit in AllowanceUnit.allCases {
            #expect(RandomOperations.counted.contains { $0.unit == unit }, "ops never touch \(unit)")
        }
        for (name, unit) in RandomOperations.counted {
            let units = allowances.filter { $0.name == name && $0.per.contains(.user) }.map(\.unit)
            #expect(!units.isEmpty && units.allSatisfy { $0 == unit }, "\(name)")
        }
    }
}
