import BudgetModel
import Testing

@Suite struct PolicyTierTests {
    @Test(arguments: [
        Refusal(tier: "mesage: hi", path: "mesage", says: "did you mean \"message\"?"),
        Refusal(tier: "degrade_to: gpt-4o", path: "degrade_to", says: "write a list of models"),
        Refusal(tier: "degrade_to: [gpt-4o]", path: "degrade_to[0]", says: "give it a price under prices"),
        Refusal(
            "tiers:\n  free: {degrade_to: [gpt-4p]}\nprices: {gpt-4o: {input: 1}}", line: 2, path: "tiers.free.degrade_to[0]",
            says: "unknown model \"gpt-4p\"; did you mean \"gpt-4o\"?"),
        Refusal(
            "tiers:\n  free: {degrade_to: [m, m-2024-11-20]}\nprices: {m: {input: 1}}", line: 2,
            path: "tiers.free.degrade_to[1]", says: "in this ladder twice, as \"m\""),
        Refusal(
            "prices: {m: {input: 1}}\nfeatures: {f: {degrade_to: [n]}}", line: 2, path: "features.f.degrade_to[0]",
            says: "did you mean \"m\"?"),
        Refusal(tier: "max_output_tokens: -1", path: "max_output_tokens", says: "is negative"),
        Refusal(tier: "when_store_is_down: alow", path: "when_store_is_down", says: "did you mean \"allow\"?"),
        Refusal(tier: "store_down_cap: {unit: tokens, limit: 5}", path: "store_down_cap", says: "has no window"),
        Refusal(
            tier: "store_down_cap: {unit: tokens, limit: 5, window: week}", path: "store_down_cap.window",
            says: "write minute, hour or day"),
        Refusal(
            tier: "store_down_cap: {unit: in_flight, limit: 5, window: day}", path: "store_down_cap.unit", says: "write tokens"),
        Refusal(tier: "message: \"at {reset_at}\"", path: "message", says: "did you mean \"{resets_at}\"?"),
        Refusal(tier: "message: \"at {resets_at\"", path: "message", says: "an opening brace without a closing one"),
        Refusal(tier: "message: \"\"", path: "message", says: "write 1 to 2000"),
        Refusal(tier: "message: \"a\\0\"", path: "message", says: "control characters"),
    ])
    func aTierIsRefused(_ refusal: Refusal) { refusal.check() }

    @Test(arguments: [
        Refusal(tier: "protected_hours: {grace: 5%}", path: "protected_hours", says: "has no hours"),
        Refusal(tier: "protected_hours: {hours: \"09:00-18:00\"}", path: "protected_hours", says: "has no grace"),
        Refusal(
            tier: "protected_hours: {hours: 9-18, grace: 5%}", path: "protected_hours.hours",
            says: "write hours such as \"09:00-18:00\""),
        Refusal(
            tier: "protected_hours: {hours: \"24:00-08:00\", grace: 5%}", path: "protected_hours.hours", says: "are no hours"),
        Refusal(
            tier: "protected_hours: {hours: \"08:60-09:00\", grace: 5%}", path: "protected_hours.hours", says: "are no hours"),
        Refusal(tier: "protected_hours: {hours: \"08:00-08:00\", grace: 5%}", path: "protected_hours.hours", says: "00:00-24:00"),
        Refusal(
            tier: "protected_hours: {days: [mon, fry], hours: \"09:00-18:00\", grace: 5%}", path: "protected_hours.days[1]",
            says: "did you mean \"fri\"?"),
        Refusal(
            tier: "protected_hours: {days: [], hours: \"09:00-18:00\", grace: 5%}", path: "protected_hours.days",
            says: "names no day"),
        Refusal(
            tier: "protected_hours: {hours: \"09:00-18:00\", grace: 5%, time_zone: x}", path: "protected_hours.time_zone",
            says: "IANA"),
    ])
    func protectedHoursAreRefused(_ refusal: Refusal) { refusal.check() }

    @Test(arguments: [
        ("mon-fri", [0, 1, 2, 3, 4]), ("\"mon,wed\"", [0, 2]), ("sat", [5]), ("[mon-tue, sun]", [0, 1, 6]),
        ("sat-mon", [0, 5, 6]),
        ("daily", [0, 1, 2, 3, 4, 5, 6]), ("Mon - Tue", [0, 1]),
    ])
    func everyFormOfDaysIsRead(text: String, days: [Int]) throws {
        let policy = try Policy(yaml: "tiers: {a: {protected_hours: {days: \(text), hours: \"00:00-24:00\", grace: 5%}}}")
        let hours = try #require(policy.tiers["a"]?.protectedHours)
        #expect(
            hours == ProtectedHours(weekdays: Set(days), start: 0, end: 1_440, timeZone: "UTC", grace: Percentage(parts: 5_000)))
    }

    @Test func aLadderMayNameAliasesDatedModelsAndThePriceDocument() throws {
        let policy = try Policy(
            yaml: """
                tiers: {a: {degrade_to: [latest, m-20241120, listed]}}
                aliases: {latest: n}
                prices: {m: {input: 1}, n: {input: 1}}
                features: {f: {degrade_to: []}}
                """,
            prices: PriceCatalogue(models: ["listed": ModelPrice()]))
        #expect(policy.tiers["a"]?.ladder == ["latest", "m-20241120", "listed"])
        #expect(policy.features["f"]?.ladder == [])
        #expect(Set(policy.catalogue.models.keys) == ["m", "n"])
    }
}
