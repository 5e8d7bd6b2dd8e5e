extension PolicyComparison {
    mutating func compareTimeZone() {
        let effect = "every calendar window without a time_zone of its own starts a new counter"
        let moves = (old.allowances + old.tiers.values.flatMap(\.allowances)).contains {
            $0.window.isCalendar && $0.timeZone == old.timeZone
        }
        field(ComparedPlace(), "time_zone", old.timeZone, new.timeZone, effect: moves ? effect : nil)
    }

    mutating func compareDefaultTier() {
        field(
            ComparedPlace(), "default_tier", old.defaultTier?.text, new.defaultTier?.text,
            effect: new.defaultTier.map { "requests without a tier count as tier \($0.text)" }
                ?? "requests without a tier get 422 unknown_tier")
    }

    // MARK: Tiers

    mutating func compareTiers() {
        let place = ComparedPlace().child("tiers")
        for name in (Array(old.tiers.keys) + new.tiers.keys).inOrder() {
            let place = place.child(name.text, subject: "tier \(name.text)")
            switch (old.tiers[name], new.tiers[name]) {
            case (let before?, let after?): compareTier(before, after, place, name)
            case (let before?, nil):
                note(
                    place, .removed, "is removed, with \(before.sentence)",
                    effect: "users assigned to it get 422 unknown_tier until they are reassigned")
            case (nil, let after?): note(place, .added, "is new, with \(after.sentence)")
            case (nil, nil): break
            }
        }
    }

    private mutating func compareTier(_ old: Tier, _ new: Tier, _ place: ComparedPlace, _ name: Identifier) {
        compareAllowances(old.allowances, new.allowances, place.child("allowances"), tier: name)
        field(
            place, "degrade_to", old.ladder.isEmpty ? nil : Spelling.list(old.ladder),
            new.ladder.isEmpty ? nil : Spelling.list(new.ladder),
            effect: new.ladder.isEmpty ? "no cheaper model is tried" : nil)
        field(place, "max_output_tokens", old.maximumOutput.map { String($0) }, new.maximumOutput.map { String($0) })
        field(
            place, "message", old.message, new.message,
            shown: "\(old.message.map(quoted) ?? "none") -> \(new.message.map(quoted) ?? "none")",
            effect: new.message == nil ? "rejected users read the default message" : nil)
        compareProtectedHours(old.protectedHours, new.protectedHours, place, name)
        field(place, "when_store_is_down", old.whenStoreIsDown.rawValue, new.whenStoreIsDown.rawValue)
        field(place, "store_down_cap", old.storeDownCap.map(text), new.storeDownCap.map(text))
    }

    private mutating func compareProtectedHours(
        _ old: ProtectedHours?, _ new: ProtectedHours?, _ place: ComparedPlace, _ name: Identifier
    ) {
        if let old, let new { return fields(place.child("protected_hours", subject: "protected hours"), old.fields, new.fields) }
        field(
            place, "protected_hours", old.map(text), new.map(text),
            effect: new == nil
                ? "limits hold at every hour for tier \(name.text)" : "limits give way in these hours for tier \(name.text)")
    }

    // MARK: Features

    /// A feature that is not there says as much as an empty one.
    mutating func compareFeatures() {
        let place = ComparedPlace().child("features")
        for name in (Array(old.features.keys) + new.features.keys).inOrder() {
            let place = place.child(name.text, subject: "feature \(name.text)")
            let (before, after) = (old.features[name] ?? Feature(), new.features[name] ?? Feature())
            field(place, "max_output_tokens", before.maximumOutput.map { String($0) }, after.maximumOutput.map { String($0) })
            field(
                place, "degrade_to", before.ladder.map(Spelling.list), after.ladder.map(Spelling.list),
                effect: after.ladder == nil
                    ? "its ladder is that of the user's tier" : before.ladder == nil ? "goes before the ladder of the user's tier" : nil
            )
        }
    }
}

extension Tier {
    /// What a new or removed tier holds, in a few words.
    fileprivate var sentence: String {
        let names = allowances.map(\.name.text).joined(separator: ", ")
        let own = allowances.isEmpty ? "no allowance of its own" : "the allowance\(allowances.count == 1 ? "" : "s") \(names)"
        return own + (ladder.isEmpty ? "" : ", degrade_to \(Spelling.list(ladder))")
    }
}

extension ProtectedHours {
    fileprivate var fields: [ComparedField] {
        [
            ("days", Spelling.days(weekdays)), ("hours", Spelling.hours(start, end)), ("time_zone", timeZone),
            ("grace", Spelling.percentage(grace)),
        ]
    }
}

private func text(_ hours: ProtectedHours) -> String {
    Spelling.text(.object(hours.fields.map { ($0.name, .string($0.value)) }))
}

private func text(_ cap: StoreDownCap) -> String {
    let fields: [(key: String, value: JSONValue)] = [
        ("unit", .string(cap.unit.rawValue)), ("limit", .number(Spelling.limit(cap.limit, cap.unit))),
        ("window", Spelling.window(cap.window)),
    ]
    return Spelling.text(.object(fields))
}
