/// What came of importing a catalogue: nothing of it is dropped without a word.
package struct ImportReport: Hashable, Sendable {
    /// Why an entry was not taken.
    package enum Skip: String, CaseIterable, Sendable {
        /// An entry about the file itself.
        case notAModel = "not_a_model"
        case noTokenPrice = "no_token_price"
        /// Priced by second, image, page and so on.
        case otherUnit = "not_priced_per_token"
        /// Output has a price per token, input has another unit, or none in the standard class.
        case noInputPrice = "no_input_price"
        /// All its tokens cost nothing, or, of a model that answers, its input or its output: more likely a gap than a gift.
        case zeroPrice = "zero_price"
        case malformed
    }

    /// Entries, some of them by name.
    package struct Names: Hashable, Sendable {
        package fileprivate(set) var count = 0
        /// The first ``ImportReport/maximumNames``, for malformed ones with what is wrong.
        package fileprivate(set) var first: [String] = []
    }

    /// Fields of the file, by how many entries have them.
    package struct Fields: Hashable, Sendable {
        package fileprivate(set) var counts: [String: Int] = [:]
        /// Times a field was met after ``ImportReport/maximumFields`` others.
        package fileprivate(set) var others = 0
    }

    /// Models that have a price now.
    package internal(set) var taken = 0
    package private(set) var skipped: [Skip: Names] = [:]
    /// Models taken with a price finer than 1e-15 USD, rounded up.
    package private(set) var rounded = Names()
    /// Models taken with rates of a class or step that follow from their others.
    package private(set) var derived = Names()
    /// Models taken without a rate of nothing for a part of what has a price.
    package private(set) var zeroParts = Names()
    /// Prices and multipliers of models taken that this service does not apply.
    package private(set) var pricesPassedOver = Fields()
    /// Fields of models taken that are not known here.
    package private(set) var fieldsPassedOver = Fields()

    /// Most names kept for one reason: enough to see what it is about.
    package static let maximumNames = 20
    /// Most fields counted one by one; LiteLLM's catalogue has 250.
    package static let maximumFields = 500

    package init() {}
}

extension ImportReport {
    mutating func skip(_ name: String, _ reason: Skip, _ detail: String? = nil) {
        skipped[reason, default: Names()].add(detail.map { "\(name): \($0)" } ?? name)
    }

    mutating func take(_ name: String, _ entry: CatalogueEntry, isDerived: Bool, hasZeroParts: Bool) {
        taken += 1
        if entry.isRounded { rounded.add(name) }
        if isDerived { derived.add(name) }
        if hasZeroParts { zeroParts.add(name) }
        for field in Set(entry.pricesPassedOver) { pricesPassedOver.add(field) }
        for field in Set(entry.fieldsPassedOver) { fieldsPassedOver.add(field) }
    }

    /// Into an open object: `"taken":2,"skipped":[{"reason":"zero_price","count":1,"examples":["x"]}],
    /// "notes":[{"text":"...","count":1,"examples":["x"]}]`
    package func write(to json: inout JSONText) {
        json.key("taken")
        json.integer(Int64(taken))
        json.key("skipped")
        json.array { json in
            for reason in Skip.allCases {
                guard let names = skipped[reason] else { continue }
                json.object { json in
                    json.text("reason", reason.rawValue)
                    names.write(to: &json)
                }
            }
        }
        json.key("notes")
        json.array { json in
            rounded.note("rates rounded up to 1e-15 USD per token", to: &json)
            derived.note("class rates taken in proportion to the standard ones", to: &json)
            zeroParts.note("rates of 0 beside a price of input or output left out: the more general rate counts", to: &json)
            pricesPassedOver.notes("price field not charged for", to: &json)
            fieldsPassedOver.notes("field not used", to: &json)
        }
    }
}

extension ImportReport.Names {
    fileprivate mutating func add(_ name: String) {
        count += 1
        if first.count < ImportReport.maximumNames { first.append(name) }
    }

    fileprivate func write(to json: inout JSONText) {
        json.key("count")
        json.integer(Int64(count))
        json.key("examples")
        json.array { json in for name in first { json.string(name) } }
    }

    fileprivate func note(_ text: String, to json: inout JSONText) {
        guard count > 0 else { return }
        json.object { json in
            json.text("text", text)
            write(to: &json)
        }
    }
}

extension ImportReport.Fields {
    fileprivate mutating func add(_ field: String) {
        if counts[field] != nil || counts.count < ImportReport.maximumFields {
            counts[field, default: 0] += 1
        } else {
            others += 1
        }
    }

    /// The most frequent first.
    fileprivate func notes(_ text: String, to json: inout JSONText) {
        for (field, count) in counts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            note("\(text): \(field)", count, to: &json)
        }
        if others > 0 { note("\(text): others", others, to: &json) }
    }

    private func note(_ text: String, _ count: Int, to json: inout JSONText) {
        json.object { json in
            json.text("text", text)
            json.key("count")
            json.integer(Int64(count))
        }
    }
}
