/// Compares two policies section by section, in the order in which policies are usually written.
struct PolicyComparison {
    let old: Policy
    let new: Policy
    private(set) var changes: [PolicyChange] = []
    /// Which counter every name stands for: one policy knows one at most.
    private let oldCounters: [Identifier: String]
    private let newCounters: [Identifier: String]

    init(old: Policy, new: Policy) {
        self.old = old
        self.new = new
        oldCounters = counters(of: old)
        newCounters = counters(of: new)
    }

    mutating func compare() {
        guard old != new else { return }
        compareTimeZone()
        compareDefaultTier()
        compareAllowances(old.allowances, new.allowances, ComparedPlace().child("allowances"), tier: nil)
        compareTiers()
        compareFeatures()
        compareCatalogue()
        compareAlerts()
        compareDestinations()
    }

    // MARK: Changes

    mutating func note(
        _ place: ComparedPlace, _ kind: PolicyChange.Kind, from: String? = nil, to: String? = nil, _ sentence: String,
        effect: String? = nil
    ) {
        let text = place.subject.isEmpty ? sentence : place.subject + ": " + sentence
        changes.append(PolicyChange(path: place.path, kind: kind, from: from, to: to, text: text, effect: effect))
    }

    /// Notes a field that says something else. `shown` replaces "from -> to" in the sentence.
    mutating func field(
        _ place: ComparedPlace, _ name: String, _ from: String?, _ to: String?, shown: String? = nil, effect: String? = nil
    ) {
        guard from.map({ Identifier($0) }) != to.map({ Identifier($0) }) else { return }
        let kind: PolicyChange.Kind = from == nil ? .added : to == nil ? .removed : .changed
        let sentence = "\(name) " + (shown ?? "\(from ?? "none") -> \(to ?? "none")")
        note(place.field(name), kind, from: from, to: to, sentence, effect: effect)
    }

    /// Notes every field that says something else.
    mutating func fields(_ place: ComparedPlace, _ old: [ComparedField], _ new: [ComparedField]) {
        let names = new.map(\.name) + old.map(\.name).filter { name in !new.contains { $0.name == name } }
        for name in names {
            let (from, to) = (old.first { $0.name == name }, new.first { $0.name == name })
            field(place, name, from?.value, to?.value)
        }
    }

    /// Notes what is there twice but in another order.
    mutating func order(_ place: ComparedPlace, _ old: [Identifier], _ new: [Identifier], effect: String) {
        let (from, to) = (old.filter(new.contains), new.filter(old.contains))
        guard from != to else { return }
        note(
            place, .changed, from: Spelling.list(from), to: Spelling.list(to),
            "order \(Spelling.list(from)) -> \(Spelling.list(to))", effect: effect)
    }

    // MARK: Counters

    private static let freshCounter = "starts a new counter: what was used so far does not count"

    /// What a change means for an allowance's counter when it is another one from now on; nil when it is kept.
    func newCounter(_ old: Allowance, _ new: Allowance) -> String? {
        CounterKey.identity(of: old) == CounterKey.identity(of: new) ? nil : Self.freshCounter
    }

    func effect(ofRenaming old: Allowance, to new: Allowance) -> String {
        told(keptCounter(new) ?? Self.freshCounter, of: old)
    }
    func effect(ofAdding allowance: Allowance) -> String { keptCounter(allowance) ?? "starts a new counter" }

    /// Of a name that another tier has counted under already; nil for a new one.
    private func keptCounter(_ allowance: Allowance) -> String? {
        oldCounters[allowance.name] == CounterKey.identity(of: allowance)
            ? "goes on with the counter of that name: what was used so far counts" : nil
    }

    func effect(ofRemoving allowance: Allowance) -> String {
        newCounters[allowance.name] == CounterKey.identity(of: allowance)
            ? "its counter goes on where the name still stands" : told("its counters are no longer looked at", of: allowance)
    }

    /// Adds what becomes of users' own limits and grants: they are for a name.
    private func told(_ effect: String, of gone: Allowance) -> String {
        guard gone.isPerUser, newCounters[gone.name] == nil else { return effect }
        return effect + "; own limits and grants of users under the name \(gone.name.text) no longer apply"
    }
}

/// By name; the policy's reader sees to it that tiers which share a name share the counter.
private func counters(of policy: Policy) -> [Identifier: String] {
    let all = policy.allowances + policy.tiers.values.flatMap(\.allowances)
    return Dictionary(all.map { ($0.name, CounterKey.identity(of: $0)) }) { first, _ in first }
}

/// A field and what it says.
typealias ComparedField = (name: String, value: String)

/// A place of both policies: its path, and whom a sentence about it speaks of.
struct ComparedPlace {
    private(set) var path = ""
    private(set) var subject = ""

    func child(_ name: String, subject: String? = nil) -> ComparedPlace {
        let words = [self.subject, subject ?? ""].filter { !$0.isEmpty }
        return ComparedPlace(path: path + pathStep(name, isFirst: path.isEmpty), subject: words.joined(separator: ", "))
    }

    /// The place of a field named in the sentence; dots in it are steps.
    func field(_ name: String) -> ComparedPlace {
        name.split(separator: ".").reduce(self) { $0.child(String($1)) }
    }
}

extension Sequence where Element == Identifier {
    /// In the order of their bytes, without doubles.
    func inOrder() -> [Identifier] { Set(self).sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) } }
}
