/// The price list beside the policy: what models cost, other names for them, and discounts.
package struct PriceDocument: Hashable, Sendable {
    /// As listed, before discounts.
    package var catalogue: PriceCatalogue
    package var discounts: [Discount]

    package init(catalogue: PriceCatalogue = PriceCatalogue(), discounts: [Discount] = []) {
        self.catalogue = catalogue
        self.discounts = discounts
    }
}

/// The versions of the price document, each with the time from which it counts.
package struct PriceHistory: Hashable, Sendable {
    package struct Version: Hashable, Sendable {
        package var number: Int64
        /// Milliseconds since 1970.
        package var effectiveFrom: Int64

        package init(number: Int64, effectiveFrom: Int64) {
            self.number = number
            self.effectiveFrom = effectiveFrom
        }
    }

    /// By number, lowest first.
    package let versions: [Version]

    package init(_ versions: [Version] = []) { self.versions = versions.sorted { $0.number < $1.number } }

    /// The version in force: of those whose time has come the one with the highest number, so that a later version corrects an
    /// earlier one whatever its date. nil before all of them.
    package func version(at time: Int64) -> Version? { versions.last { $0.effectiveFrom <= time } }

    /// The version because of which a scheduled one never comes into force: a later one that counts from then or sooner. nil: none.
    package func successor(of version: Version) -> Version? {
        versions.first { $0.number > version.number && $0.effectiveFrom <= version.effectiveFrom }
    }

    /// Versions still to come at a time that, as things stand, will come into force.
    package func pending(at time: Int64) -> [Version] {
        versions.filter { $0.effectiveFrom > time && successor(of: $0) == nil }
    }

    /// When another version comes into force; nil: never.
    package func nextChange(after time: Int64) -> Int64? {
        let present = version(at: time)?.number ?? .min
        return versions.filter { $0.number > present && $0.effectiveFrom > time }.map(\.effectiveFrom).min()
    }
}
