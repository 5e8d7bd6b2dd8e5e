package import BudgetModel
import NIOCore

/// A shadow allowance as a tier's users meet it.
package struct ShadowAllowance: Hashable, Sendable {
    package var name: Identifier
    package var tier: Identifier

    package init(name: Identifier, tier: Identifier) {
        self.name = name
        self.tier = tier
    }

    /// Counts as the store keeps them.
    static func counts(_ reply: Reply) -> [ShadowAllowance: Int64] {
        guard case .array(let items) = reply else { return [:] }
        var counts: [ShadowAllowance: Int64] = [:]
        for pair in stride(from: 0, to: items.count - 1, by: 2) {
            guard case .bytes(let field) = items[pair], let allowance = Keys.shadow(field: field),
                let count = items[pair + 1].text.flatMap(Int64.init)
            else { continue }
            counts[allowance] = count
        }
        return counts
    }
}

/// What shadow allowances would have refused, as one event loop has counted it.
struct ShadowTally {
    /// Since the loop began.
    private(set) var totals: [ShadowAllowance: Int64] = [:]
    /// Not yet in the store.
    private(set) var pending: [ShadowAllowance: Int64] = [:]

    mutating func count(_ allowance: ShadowAllowance) {
        totals[allowance, default: 0] += 1
        pending[allowance, default: 0] += 1
    }

    mutating func takePending() -> [ShadowAllowance: Int64] {
        defer { pending = [:] }
        return pending
    }

    mutating func putBack(_ count: Int64, of allowance: ShadowAllowance) { pending[allowance, default: 0] += count }
}

extension BudgetStore {
    /// What this loop's decisions would have been refused by shadow allowances, since it began.
    package var wouldReject: [ShadowAllowance: Int64] { shadows.totals }

    /// Counts the shadow allowances that a decision passed by: with what it holds their limit is passed.
    func countShadows(_ decision: Decision, _ plan: Plan) {
        guard let held = decision.held else { return }
        for state in decision.allowances where state.shadow && state.used + state.held > state.limit {
            let needed: Int64 =
                switch state.unit {
                case .tokens: held.tokens
                case .inputTokens: plan.inputTokens
                case .outputTokens: decision.maximumOutput ?? 0
                case .usd: held.cost ?? 0
                case .requests, .inFlight: 1
                }
            if needed > 0 { shadows.count(ShadowAllowance(name: state.name, tier: plan.tier)) }
        }
    }

    /// Adds what was counted to the store's counts, for all nodes to show. What may have been added is not added again.
    package func flushWouldReject() {
        guard connection.isReady else { return }
        for (allowance, count) in shadows.takePending() {
            var command = Command("HINCRBY", Keys.wouldReject)
            command.append(Keys.shadow(allowance))
            command.append(String(count))
            connection.send(command) { result in
                switch result {
                case .failure(.refusing), .failure(.overloaded): self.shadows.putBack(count, of: allowance)
                case .success, .failure: break
                }
            }
        }
    }
}

extension PolicySnapshot {
    /// Shadow allowances as each tier's users meet them, the first by tier: what could ever be counted.
    func shadows(atMost limit: Int) -> [ShadowAllowance] {
        let tiers = policy.tiers.keys.sorted { $0.text < $1.text }.lazy
        let all = tiers.flatMap { tier in
            self.allowances(tier: tier).lazy.filter(\.shadow).map { ShadowAllowance(name: $0.name, tier: tier) }
        }
        return Array(all.prefix(limit))
    }
}
