import Crypto

/// A policy made ready for planning: everything that can be worked out once is. Immutable, shared by all event loops.
package final class PolicySnapshot: Sendable {
    package let policy: Policy
    /// What models cost: the policy's own prices over those of the price document, discounts taken off.
    package let catalogue: PriceCatalogue
    /// The catalogue's canonical text: what is kept in the store, so that settlements find the rates of their reserve.
    package let priceText: String
    /// Digest of that text.
    package let priceVersion: PriceVersion
    /// When a discount begins or ends next, milliseconds since 1970: from then on another snapshot is due. nil: never.
    package let pricesEnd: Int64?
    /// Per tier, in policy order: the allowances for everyone, then the tier's own.
    let tiers: [Identifier: TierSnapshot]
    /// Every different calendar window, by the index counters refer to it with.
    let calendars: [Calendar]
    private let byName: [Identifier: [CompiledAllowance]]
    /// Features that policy names; callers may send any others.
    private let features: Set<Identifier>

    struct Calendar: Sendable, Hashable {
        let window: Window
        let zone: String
    }

    /// - Parameter time: milliseconds since 1970; which discounts hold depends on it.
    package init(_ policy: Policy, prices: PriceDocument = PriceDocument(), at time: Int64) {
        self.policy = policy
        let discounts = policy.discounts + prices.discounts
        catalogue = policy.catalogue.over(prices.catalogue).discounted(by: discounts, at: time)
        pricesEnd = discounts.nextBoundary(after: time)
        priceText = catalogue.canonicalText
        priceVersion = PriceVersion(ofText: priceText)
        var calendars: [Calendar] = []
        func compile(_ allowance: Allowance) -> CompiledAllowance {
            var index: Int?
            if allowance.window.isCalendar {
                let calendar = Calendar(window: allowance.window, zone: allowance.timeZone)
                index = calendars.firstIndex(of: calendar) ?? calendars.count
                if index == calendars.count { calendars.append(calendar) }
            }
            return CompiledAllowance(allowance, calendar: index)
        }
        let shared = policy.allowances.map(compile)
        var tiers: [Identifier: TierSnapshot] = [:]
        var byName: [Identifier: [CompiledAllowance]] = [:]
        for allowance in shared { byName[allowance.allowance.name, default: []].append(allowance) }
        // In one order everywhere, so that all nodes show the same limit for a counter of another tier.
        for (name, tier) in policy.tiers.sorted(by: { $0.key.text < $1.key.text }) {
            let own = tier.allowances.map(compile)
            for allowance in own { byName[allowance.allowance.name, default: []].append(allowance) }
            tiers[name] = TierSnapshot(tier: tier, allowances: shared + own)
        }
        self.tiers = tiers
        self.byName = byName
        self.calendars = calendars
        let matched = byName.values.joined().compactMap { $0.allowance.match[.feature] }
        features = Set(policy.features.keys).union(matched).union([Attribution.defaultFeature])
    }

    /// Whether a feature is one of those policy names, or the one callers mean when they name none.
    package func names(feature: Identifier) -> Bool { features.contains(feature) }

    /// What a stored counter counts, as a user of `tier` sees it: the tier's own definition, else another tier's
    /// with the same counter; nil when policy no longer knows it.
    package func compiled(_ counter: CounterKey, tier: Identifier?) -> CompiledAllowance? {
        let here = tier.flatMap { tiers[$0] }?.allowances.first { $0.isCounted(by: counter) }
        return here ?? byName[counter.name]?.first { $0.isCounted(by: counter) }
    }

    package func allowance(of counter: CounterKey, tier: Identifier?) -> Allowance? { compiled(counter, tier: tier)?.allowance }

    /// Every allowance that may count for a user of `tier`, in policy order.
    package func allowances(tier: Identifier?) -> [Allowance] {
        tier.flatMap { tiers[$0] }?.allowances.map(\.allowance) ?? policy.allowances
    }
}

/// A reference, so that a plan passes on one pointer instead of a dozen.
final class TierSnapshot: Sendable {
    let tier: Tier
    let allowances: [CompiledAllowance]
    /// What its allowances match or are counted per.
    let dimensions: Set<Dimension>
    let matchesUsers: Bool

    init(tier: Tier, allowances: [CompiledAllowance]) {
        self.tier = tier
        self.allowances = allowances
        matchesUsers = allowances.contains { $0.allowance.match[.user] != nil }
        dimensions = Set(allowances.flatMap { $0.allowance.per + $0.match.map(\.dimension) })
    }
}

/// An allowance with what follows from it. A reference, as its tier is.
package final class CompiledAllowance: Sendable {
    package let allowance: Allowance
    /// Index among the snapshot's calendars; nil for windows that are not calendar ones.
    let calendar: Int?
    let identity: String
    let match: [(dimension: Dimension, value: Identifier)]
    /// What answers say of it to users without a limit of their own, see ``JSONText/head(_:_:limit:)``.
    let written: [UInt8]

    package init(_ allowance: Allowance, calendar: Int?) {
        self.allowance = allowance
        self.calendar = calendar
        identity = CounterKey.identity(of: allowance)
        match = allowance.match.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
        written = JSONText.members { $0.head(allowance.name, allowance.unit, limit: allowance.limit) }
    }

    func isCounted(by counter: CounterKey) -> Bool { identity == counter.identity && allowance.name == counter.name }
}

/// First 8 bytes of the SHA-256 of a catalogue's canonical text.
package struct PriceVersion: Hashable, Sendable, CustomStringConvertible {
    package let bytes: UInt64

    package init(bytes: UInt64) { self.bytes = bytes }

    package init(of catalogue: PriceCatalogue) { self.init(ofText: catalogue.canonicalText) }

    init(ofText text: String) {
        let digest = SHA256.hash(data: Array(text.utf8))
        bytes = digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// 16 hexadecimal digits.
    package var description: String { hexadecimalDigits(of: bytes) }
}
