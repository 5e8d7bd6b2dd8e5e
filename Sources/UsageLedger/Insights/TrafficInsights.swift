import BudgetModel

/// What follows from how a feature uses a model.
struct TrafficInsights {
    let traffic: Traffic
    let use: TrafficUse
    let limits: InsightLimits

    var all: [Insight] { [outputLimit, batch, promptCaching].compactMap { $0 } + smallerModels }

    private func insight(
        _ kind: Insight.Kind, _ sentence: String, saving: Int64, _ confidence: Insight.Confidence,
        _ evidence: [Insight.Entry<Insight.Figure>]
    ) -> Insight {
        Insight(
            kind: kind, sentence: sentence, subject: traffic.subject, saving: saving, confidence: confidence,
            evidence: evidence)
    }

    // MARK: Longest answers

    /// A bound that no answer passed; where single ones went far beyond the others, one that 99 of 100 kept to.
    private var outputLimit: Insight? {
        let (output, granted) = (use.output, use.granted)
        guard output.count >= limits.requests, output.largest > 0 else { return nil }
        let common = output.count >= 100 ? [output.percentile(99)] : []
        guard let bound = ([output.largest] + common).map(Self.roundedUp).first(where: { granted.mean >= 2 * $0 }) else { return nil }
        let freed = granted.sum(above: bound) / output.count
        let rate = use.price?.resolved(.standard, input: use.input.mean).line(input: 0).perOutput ?? 0
        let dollars = Int64(clamping: Int128(freed) * Int128(rate) / Int128(TokenRate.perMicrocent))
        let cut = output.count(above: bound)
        let answers =
            cut == 0
            ? "no answer was longer than \(Figures.count(output.largest))"
            : "only \(Figures.count(cut)) of \(Figures.count(output.count, "answer")) passed \(Figures.count(bound))"
        return insight(
            .outputLimit,
            """
            \(traffic.text) is granted \(Figures.count(granted.mean)) output tokens on average, but \(answers): \
            max_output_tokens \(Figures.count(bound)) would hold \(Figures.count(freed)) tokens (\(Figures.dollars(dollars))) less for \
            each request. That saves room in allowances, not money.
            """,
            saving: 0, cut == 0 ? .high : .medium,
            [
                .init("requests", .count(output.count)), .init("granted_mean", .count(granted.mean)),
                .init("output_p99", .count(output.percentile(99))), .init("output_max", .count(output.largest)),
                .init("suggested_max_output_tokens", .count(bound)), .init("answers_above", .count(cut)),
                .init("held_tokens_less_per_request", .count(freed)), .init("held_usd_less_per_request", .dollars(dollars)),
            ])
    }

    /// A number that people would write: 37 -> 40, 640 -> 650, 1,810 -> 1,900, 12,345 -> 13,000.
    static func roundedUp(_ amount: Int64) -> Int64 {
        let step: Int64 = amount < 100 ? 10 : amount < 1_000 ? 50 : amount < 10_000 ? 100 : 1_000
        return (amount + step - 1) / step * step
    }

    // MARK: Cheaper rungs

    private var smallerModels: [Insight] {
        use.rungs.sorted { $0.key.text < $1.key.text }.compactMap { model, trade in
            guard trade.requests >= limits.requests, trade.saving > 0 else { return nil }
            return insight(
                .smallerModel,
                """
                \(Figures.count(trade.requests)) of \(Figures.count(use.requests, "request")) of \(traffic.text) were small (at most \
                \(Figures.count(limits.smallInput)) tokens in, \(Figures.count(limits.smallOutput)) out, no reasoning): \(model), \
                further down the ladder, would have cost \(Figures.dollars(trade.otherCost)) instead of \
                \(Figures.dollars(trade.cost)). Whether its answers are good enough is yours to judge.
                """,
                saving: trade.saving, .medium,
                [
                    .init("requests", .count(use.requests)), .init("small_requests", .count(trade.requests)),
                    .init("suggested_model", .text(model.text)), .init("cost_usd", .dollars(trade.cost)),
                    .init("suggested_cost_usd", .dollars(trade.otherCost)),
                ])
        }
    }

    // MARK: Batch

    private var batch: Insight? {
        if use.labelled.requests >= limits.requests, use.labelled.saving > 0 {
            let who = "\(Figures.count(use.labelled.requests, "request")) of \(traffic.text) can wait, say their labels, and"
            return batch(use.labelled, .high, who, "labels")
        }
        guard use.direct.requests >= limits.requests, use.direct.requests == use.requests, use.direct.saving > 0,
            use.hours.count <= limits.nightlyHours, use.hours.allSatisfy({ $0 < 6 || $0 >= 22 }), use.days.count >= 3
        else { return nil }
        let hours = Figures.count(Int64(use.hours.count), "hour")
        let who = """
            All \(Figures.count(use.requests, "request")) of \(traffic.text) came in \(hours) of the night, as of a job for which \
            nobody waits, and
            """
        return batch(use.direct, .low, who, "night")
    }

    private func batch(_ trade: TrafficUse.Trade, _ confidence: Insight.Confidence, _ who: String, _ basis: String) -> Insight {
        let rates = use.hasBatchRates ? "at its batch rates" : "if its provider takes half the price for batches, as most do,"
        return insight(
            .batch,
            "\(who) cost the full \(Figures.dollars(trade.cost)): \(rates) they would cost \(Figures.dollars(trade.otherCost)).",
            saving: trade.saving, use.hasBatchRates ? confidence : (confidence == .high ? .medium : .low),
            [
                .init("requests", .count(trade.requests)), .init("cost_usd", .dollars(trade.cost)),
                .init("batch_cost_usd", .dollars(trade.otherCost)), .init("known_by", .text(basis)),
                .init("assumed_half_price", .flag(!use.hasBatchRates)),
            ])
    }

    // MARK: Prompt caching

    private var promptCaching: Insight? {
        let (input, smallest) = (use.input, use.input.percentile(5))
        let cachedPercent = Figures.percent(use.cached, of: input.sum)
        guard input.count >= limits.requests, smallest >= limits.constantInput,
            Figures.percent(smallest, of: input.mean) >= limits.constantPercent, cachedPercent < limits.cachedPercent,
            let rates = use.price?.resolved(.standard, input: input.mean), rates.cachedInput < rates.input
        else { return nil }
        let tokens = max(Int128(smallest) * Int128(input.count) - Int128(use.cached), 0)
        let saving = Int64(clamping: tokens * Int128(rates.input - rates.cachedInput) / Int128(TokenRate.perMicrocent))
        guard saving > 0 else { return nil }
        return insight(
            .promptCaching,
            """
            95 % of the requests of \(traffic.text) have \(Figures.count(smallest)) input tokens or more, \
            \(Figures.percent(smallest, of: input.mean)) % of the mean, and \(cachedPercent) % of the input comes from a cache: if \
            that much is a beginning that never changes, prompt caching saves up to \(Figures.dollars(saving)).
            """,
            saving: saving, .medium,
            [
                .init("requests", .count(input.count)), .init("input_p5", .count(smallest)), .init("input_mean", .count(input.mean)),
                .init("cached_percent", .count(cachedPercent)), .init("cacheable_tokens", .count(Int64(clamping: tokens))),
            ])
    }
}
