import BudgetModel

/// FOCUS columns. One row sums all meters of a model (input, cached, output): the ledger knows what a request cost, not each part of
/// it, so tokens by class stand in `x_` columns, and the columns that need one price a unit (`ListUnitPrice`, `ContractedUnitPrice`)
/// are not there. docs/ledger.md says of every column why it is as it is.
struct FocusWriter: UsageWriter {
    static let groups: [UsageGroup] = [
        .dimension(.model), .component, .dimension(.feature), .dimension(.tier), .dimension(.team), .dimension(.environment),
        .dimension(.plan), .priceClass, .priceVersion, .correction,
    ]

    private let report: UsageReport
    private let settings: FocusSettings
    private let asJSON: Bool
    private let columns: [String]
    private var isFirst = true

    init(_ report: UsageReport, _ settings: FocusSettings, asJSON: Bool) {
        self.report = report
        self.settings = settings
        self.asJSON = asJSON
        let example = FocusCharge(UsageRow(keys: []), report, settings).columns.map(\.name)
        columns = example
    }

    func open() -> [UInt8] { asJSON ? Array("{\"rows\":[".utf8) : CSVText.line(columns.map(CSVText.Cell.text)) }
    func close() -> [UInt8] { asJSON ? Array("]}".utf8) : [] }

    mutating func row(_ row: UsageRow) -> [UInt8] {
        let charge = FocusCharge(row, report, settings)
        defer { isFirst = false }
        guard asJSON else { return CSVText.line(charge.columns.map(\.cell)) }
        let json = JSONText.object(capacity: 1_024) { json in
            for column in charge.columns {
                json.key(column.name)
                json.cell(column.cell)
            }
        }
        return (isFirst ? [] : [UInt8(ascii: ",")]) + json
    }
}

/// One row of a report as a charge.
private struct FocusCharge {
    typealias Column = (name: String, cell: CSVText.Cell)
    private let row: UsageRow
    private let report: UsageReport
    private let settings: FocusSettings

    init(_ row: UsageRow, _ report: UsageReport, _ settings: FocusSettings) {
        self.row = row
        self.report = report
        self.settings = settings
    }

    var columns: [Column] { money + time + what + who + own }

    private var money: [Column] {
        [
            ("BilledCost", .money(settings.isBilled ? row.cost : 0)), ("EffectiveCost", .money(row.cost)),
            ("ListCost", .money(row.cost)), ("ContractedCost", .money(row.cost)), ("BillingCurrency", .text("USD")),
            ("BillingAccountId", .text(settings.billingAccount)), ("BillingAccountName", .text(settings.billingAccount)),
        ]
    }

    /// Ends are exclusive; instants in UTC, whatever zone the periods follow.
    private var time: [Column] {
        let charge = row.period ?? WindowBounds(start: report.query.from, end: report.query.to)
        let month = report.zone.clock.bounds(of: .month(anchorDay: 1), at: charge.start)
        return [
            ("BillingPeriodStart", .text(Timestamp.text(month.start))), ("BillingPeriodEnd", .text(Timestamp.text(month.end))),
            ("ChargePeriodStart", .text(Timestamp.text(charge.start))), ("ChargePeriodEnd", .text(Timestamp.text(charge.end))),
        ]
    }

    private var what: [Column] {
        let sku = model ?? component ?? "unknown"
        let isTokens = model != nil || component == nil
        let meter = isTokens ? "tokens" : sku
        // What a component was counted in nobody said: each row is one unit, which cost this.
        let quantity = CSVText.Cell.integer(isTokens ? row.tokens : 1)
        let unit = CSVText.Cell.text(isTokens ? "Tokens" : "Units")
        let provider = model.flatMap { ModelProvider.name(of: $0) }
        let seller = CSVText.Cell.text(provider ?? "Unknown")
        let deprecated: [Column] = settings.version == .v13 ? [("ProviderName", seller), ("PublisherName", seller)] : []
        return [
            ("ChargeCategory", .text("Usage")), ("ChargeClass", key(.correction) == "true" ? .text("Correction") : .empty),
            ("ChargeDescription", .text(isTokens ? "\(sku) \(meter)" : sku)), ("ChargeFrequency", .text("Usage-Based")),
            ("InvoiceIssuerName", seller), ("ServiceProviderName", seller), ("HostProviderName", seller),
        ] + deprecated + [
            ("ServiceCategory", .text(isTokens ? "AI and Machine Learning" : "Other")),
            ("ServiceSubcategory", .text(isTokens ? "Generative AI" : "Other (Other)")),
            ("ServiceName", .text(provider.map { "\($0) API" } ?? sku)), ("SkuId", .text(sku)), ("SkuMeter", .text(meter)),
            ("SkuPriceId", .text(isTokens ? price(sku) : sku)), ("PricingCategory", .text("Standard")), ("PricingQuantity", quantity),
            ("PricingUnit", unit), ("ConsumedQuantity", quantity), ("ConsumedUnit", unit),
        ]
    }

    private var who: [Column] {
        [
            ("SubAccountId", cell(.dimension(.team))), ("SubAccountName", cell(.dimension(.team))),
            ("ResourceId", cell(.dimension(.feature))), ("ResourceName", cell(.dimension(.feature))),
            ("ResourceType", key(.dimension(.feature)) == nil ? .empty : .text("Feature")), ("Tags", .text(tags)),
        ]
    }

    private var own: [Column] {
        let user: [Column] = report.query.groups.contains(.dimension(.user)) ? [("x_UserId", cell(.dimension(.user)))] : []
        return user + [
            ("x_RequestCount", .integer(row.requests)), ("x_UnpricedRequestCount", .integer(row.unpriced)),
            ("x_PriceVersion", cell(.priceVersion)),
            ("x_PriceClass", cell(.priceClass)), ("x_InputTokens", .integer(row.inputTokens)),
            ("x_CachedInputTokens", .integer(row.cachedInputTokens)), ("x_CacheWriteInputTokens", .integer(row.cacheWriteInputTokens)),
            ("x_OutputTokens", .integer(row.outputTokens)), ("x_ReasoningTokens", .integer(row.reasoningTokens)),
        ]
    }

    /// Where the catalogue of prices has it: never empty, for every charge has its SKU price.
    private func price(_ sku: String) -> String {
        [key(.priceVersion), sku, key(.priceClass)].compactMap { $0 }.joined(separator: "/")
    }

    private var tags: String {
        var json = JSONText(capacity: 128)
        json.object { json in
            for dimension in [Dimension.feature, .tier, .environment, .plan] {
                guard let value = key(.dimension(dimension)) else { continue }
                json.key(dimension.rawValue)
                json.string(value)
            }
        }
        return json.string
    }

    private var model: String? { key(.dimension(.model)) }
    private var component: String? { key(.component) }
    private func cell(_ group: UsageGroup) -> CSVText.Cell { CSVText.Cell(key(group)) }

    private func key(_ group: UsageGroup) -> String? {
        guard let place = report.query.groups.firstIndex(of: group), place < row.keys.count else { return nil }
        return row.keys[place]
    }
}
