package import BudgetModel

/// Something the ledger shows that money could be saved by, said in a sentence, with the figures that it rests on.
package struct Insight: Hashable, Sendable {
    /// What kind of advice it is. The raw value is the word in answers.
    package enum Kind: String, CaseIterable, Sendable {
        /// `max_output_tokens` far above any answer: holds are larger than need be.
        case outputLimit = "output_limit"
        /// Small requests that a cheaper model of the ladder could have served.
        case smallerModel = "smaller_model"
        /// The same prompt, by the caller's own hash, again and again.
        case repeatedPrompt = "repeated_prompt"
        /// Requests that can wait, paid at the price of those that cannot.
        case batch
        /// Input that is mostly the same beginning, paid in full each time.
        case promptCaching = "prompt_caching"
        /// A user who costs more than the plan brings.
        case costAbovePlan = "cost_above_plan"
    }

    package enum Confidence: String, Sendable { case low, medium, high }

    package enum Figure: Hashable, Sendable {
        case count(Int64)
        /// Microcents.
        case dollars(Int64)
        case text(String)
        case flag(Bool)
    }

    package var kind: Kind
    package var sentence: String
    /// What it is about, by the names of dimensions: `feature`, `model`, ...; a nil value is "none".
    package var subject: [Entry<String?>]
    /// Microcents, in the time that was examined; 0 where no money is saved, only room in allowances.
    package var saving: Int64
    /// The same for 30 days; nil where the time examined is under a day.
    package var monthlySaving: Int64?
    package var confidence: Confidence
    package var evidence: [Entry<Figure>]

    /// A name with its value: in answers these keep their order.
    package struct Entry<Value: Hashable & Sendable>: Hashable, Sendable {
        package var name: String
        package var value: Value

        init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    init(
        kind: Kind, sentence: String, subject: [Entry<String?>], saving: Int64, confidence: Confidence, evidence: [Entry<Figure>]
    ) {
        self.kind = kind
        self.sentence = sentence
        self.subject = subject
        self.saving = saving
        self.confidence = confidence
        self.evidence = evidence
    }

    package subscript(evidence name: String) -> Figure? { evidence.first { $0.name == name }?.value }
}

/// What insights are asked.
package struct InsightQuery: Sendable {
    /// Milliseconds; the time of the reserve, `to` exclusive.
    package var from: Int64
    package var to: Int64
    /// Ladders and prices of now; nil: none are known, and nothing that needs them is said.
    package var prices: PolicySnapshot?
    /// Microcents a month by plan.
    package var revenue: [Identifier: Int64] = [:]
    package var limits = InsightLimits()

    package init(from: Int64, to: Int64, prices: PolicySnapshot? = nil) {
        self.from = from
        self.to = to
        self.prices = prices
    }
}

/// When something is worth saying, and how much is looked at.
package struct InsightLimits: Sendable {
    /// Raw rows looked at, the newest: some seconds' reading.
    package var rows: Int64 = 2_000_000
    /// Insights of a kind, the largest saving first.
    package var perKind = 20
    /// Requests of a feature and model below which nothing is concluded.
    package var requests: Int64 = 20
    /// A request is small up to so many tokens in and out, without any for reasoning.
    package var smallInput: Int64 = 2_000
    package var smallOutput: Int64 = 500
    /// Input that is always there: from this many tokens on, and this share of the mean.
    package var constantInput: Int64 = 1_000
    package var constantPercent: Int64 = 60
    /// Nothing is said about caching where so much of the input is cached already.
    package var cachedPercent: Int64 = 20
    /// Different hours of the day, between 22:00 and 06:00, in which a nightly job may run.
    package var nightlyHours = 3
    package init() {}
}

/// What the ledger advises, and what it looked at for that.
package struct InsightReport: Sendable {
    /// The largest saving first.
    package var insights: [Insight]
    /// Milliseconds: what was looked at; `from` is later than asked where there were more rows than ``InsightLimits/rows``, or where
    /// raw rows are gone.
    package var from: Int64
    package var to: Int64
    /// Settled requests that were looked at.
    package var requests: Int64
    /// Whether older rows were left out for being too many.
    package var isCapped: Bool
    /// Milliseconds: raw rows of reserves from here on are all there.
    package var rawSince: Int64
    package var zone: LedgerZone
}
