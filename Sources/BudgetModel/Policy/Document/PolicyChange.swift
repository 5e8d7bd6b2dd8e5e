/// One thing that another policy changes, told to people who write policies.
package struct PolicyChange: Hashable, Sendable {
    package enum Kind: String, Sendable, Hashable {
        case added, removed, changed
    }
    /// Where, with allowances, alerts and so on by their name: `tiers.free.allowances.daily-tokens.limit`.
    package var path: String
    package var kind: Kind
    /// As one writes it in a policy: `50000`, `{month: 15}`, `80%`; nil where nothing stood, or too much to say here.
    package var from: String?
    package var to: String?
    /// One line: `tier free, allowance daily-tokens: limit 50,000 -> 60,000 tokens (+20 %)`.
    package var text: String
    /// What it does to users and their counters, where that does not go without saying.
    package var effect: String?
}

/// What changes for whom when one policy follows another: one entry for each field that says something else, in a stable order.
package struct PolicyDiff: Hashable, Sendable {
    package let changes: [PolicyChange]

    /// Empty when both mean the same, however they are written.
    package init(from old: Policy, to new: Policy) {
        var comparison = PolicyComparison(old: old, new: new)
        comparison.compare()
        changes = comparison.changes
    }

    package var isEmpty: Bool { changes.isEmpty }

    /// A JSON array of objects with `path`, `kind`, `text` and, where there are any, `from`, `to` and `effect`.
    package var json: [UInt8] {
        var text = JSONText()
        write(to: &text)
        return text.bytes
    }

    /// The same array as a part of an answer.
    package func write(to text: inout JSONText) {
        text.array { array in
            for change in changes {
                array.object { object in
                    object.field("path", change.path)
                    object.field("kind", change.kind.rawValue)
                    object.field("from", change.from)
                    object.field("to", change.to)
                    object.field("text", change.text)
                    object.field("effect", change.effect)
                }
            }
        }
    }
}

extension JSONText {
    fileprivate mutating func field(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        string(value)
    }
}
