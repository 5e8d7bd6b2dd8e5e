extension PolicyComparison {
    /// Compares lists of allowances by name; `place` is their list's, `tier` nil at the top level.
    mutating func compareAllowances(_ old: [Allowance], _ new: [Allowance], _ place: ComparedPlace, tier: Identifier?) {
        let gone = old.filter { allowance in !new.contains { $0.name == allowance.name } }
        var renamed: Set<Identifier> = []
        for allowance in new {
            if let before = old.first(where: { $0.name == allowance.name }) {
                compareAllowance(before, allowance, place.allowance(allowance), tier: tier)
            } else if let before = gone.first(where: { !renamed.contains($0.name) && $0.isRenamed(to: allowance) }) {
                renamed.insert(before.name)
                field(
                    place.allowance(before), "name", before.name.text, allowance.name.text,
                    effect: effect(ofRenaming: before, to: allowance))
            } else {
                noteAdded(allowance, place)
            }
        }
        for allowance in gone where !renamed.contains(allowance.name) { noteRemoved(allowance, place) }
        order(
            place, old.map(\.name), new.map(\.name), effect: "answers name the first allowance concerned in this order")
    }

    private mutating func noteAdded(_ allowance: Allowance, _ place: ComparedPlace) {
        note(
            place.allowance(allowance), .added, to: Spelling.text(Spelling.allowance(allowance, zone: new.timeZone)),
            "is new: " + allowance.sentence, effect: effect(ofAdding: allowance))
    }

    private mutating func noteRemoved(_ allowance: Allowance, _ place: ComparedPlace) {
        note(
            place.allowance(allowance), .removed, from: Spelling.text(Spelling.allowance(allowance, zone: old.timeZone)),
            "is removed: " + allowance.sentence, effect: effect(ofRemoving: allowance))
    }

    // MARK: One allowance

    private mutating func compareAllowance(_ old: Allowance, _ new: Allowance, _ place: ComparedPlace, tier: Identifier?) {
        let counter = newCounter(old, new)
        field(place, "unit", old.unit.rawValue, new.unit.rawValue, effect: effect(ofUnitOf: new, counter))
        compareLimit(old, new, place, whom: tier.map { "tier \($0.text)" } ?? "everyone it matches")
        field(place, "window", old.windowText, new.windowText, effect: counter)
        if old.window.isCalendar == new.window.isCalendar {
            field(place, "time_zone", old.timeZone, new.timeZone, effect: counter)
        }
        field(
            place, "per", Spelling.text(Spelling.per(old.per)), Spelling.text(Spelling.per(new.per)), effect: counter)
        compareMatch(old, new, place)
        compareBounds(old, new, place)
        field(
            place, "required", String(old.required), String(new.required),
            effect: new.required
                ? "requests without one of its dimensions get 422 missing_dimension"
                : "does not apply to requests without one of its dimensions")
        field(
            place, "shadow", String(old.shadow), String(new.shadow),
            effect: new.shadow ? "is counted, but refuses nobody any more" : "refuses from now on")
    }

    private func effect(ofUnitOf allowance: Allowance, _ counter: String?) -> String? {
        guard allowance.isPerUser else { return counter }
        return [counter, "own limits and grants of users in the old unit no longer apply"].compactMap { $0 }.joined(separator: "; ")
    }

    private mutating func compareLimit(_ old: Allowance, _ new: Allowance, _ place: ComparedPlace, whom: String) {
        let (from, to) = (Spelling.limit(old.limit, old.unit), Spelling.limit(new.limit, new.unit))
        let amounts = (Sentence.amount(old.limit, old.unit), Sentence.amount(new.limit, new.unit))
        guard old.unit == new.unit else {
            let shown = "\(amounts.0)\(Sentence.word(old.unit)) -> \(amounts.1)\(Sentence.word(new.unit))"
            return field(place, "limit", from, to, shown: shown)
        }
        let less = old.unit == .usd ? "less" : "fewer"
        field(
            place, "limit", from, to,
            shown: "\(amounts.0) -> \(amounts.1)\(Sentence.word(new.unit))" + Sentence.growth(from: old.limit, to: new.limit),
            effect: "\(old.limit < new.limit ? "more" : less) \(Sentence.spoken(new.unit)) for \(whom)")
    }

    private mutating func compareMatch(_ old: Allowance, _ new: Allowance, _ place: ComparedPlace) {
        func text(_ allowance: Allowance) -> String? {
            allowance.match.isEmpty ? nil : Spelling.text(Spelling.match(allowance.match))
        }
        field(
            place, "match", text(old), text(new),
            effect: newCounter(old, new) == nil ? "counts other requests than before, on the same counter" : nil)
    }

    private mutating func compareBounds(_ old: Allowance, _ new: Allowance, _ place: ComparedPlace) {
        let (before, after) = (old.softLimit?.parts ?? Percentage.whole, new.softLimit?.parts ?? Percentage.whole)
        field(
            place, "soft_limit", old.softLimit.map(Spelling.percentage), new.softLimit.map(Spelling.percentage),
            effect: before == after ? nil : "cheaper models are tried \(after < before ? "earlier" : "later")")
        func overdraft(_ allowance: Allowance) -> String? {
            allowance.overdraft == .zero ? nil : Spelling.percentage(allowance.overdraft)
        }
        field(
            place, "overdraft", overdraft(old), overdraft(new),
            effect: old.overdraft.parts < new.overdraft.parts
                ? "the last model may go further beyond the limit" : "the last model may go less far beyond the limit")
    }
}

extension ComparedPlace {
    fileprivate func allowance(_ allowance: Allowance) -> ComparedPlace {
        child(allowance.name.text, subject: "allowance \(allowance.name.text)")
    }
}

extension Allowance {
    fileprivate var windowText: String? { window == .none ? nil : Spelling.text(Spelling.window(window)) }

    /// `50,000 tokens, window day`.
    fileprivate var sentence: String {
        Sentence.amount(limit, unit) + Sentence.word(unit) + (windowText.map { ", window \($0)" } ?? "")
            + (shadow ? ", shadow" : "")
    }

    fileprivate func isRenamed(to other: Allowance) -> Bool {
        var same = self
        same.name = other.name
        return same == other
    }
}
