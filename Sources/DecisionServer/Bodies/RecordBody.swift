import BudgetHTTP
import BudgetModel

/// The body of record: a reserve's attribution with usage of a model, or the cost of a component.
enum RecordBody {
    private enum Field: String, CaseIterable, Sendable {
        case user, feature, tier, team, environment, plan, session, model, usage
        case usageFormat = "usage_format"
        case cost = "cost_usd"
        case component
        case priceClass = "price_class"
        case idempotencyKey = "idempotency_key"
        case labels
        case promptHash = "prompt_hash"
    }
    private static let fields = FieldTable<Field>()

    static func read(_ call: Call) throws(Problem) -> RecordRequest {
        var request = RecordRequest(attribution: Attribution(user: ""), what: .cost(0, component: ""), idempotencyKey: "")
        var (usage, model, cost, component) = (UsageBody(), Identifier?.none, Int64?.none, Identifier?.none)
        var idempotencyKey: String?
        try call.read(fields) { (reader, field) throws(JSONError) in
            switch field {
            case .user: request.attribution.user = try reader.identifier()
            case .feature: request.attribution.feature = try reader.identifier()
            case .tier: request.attribution.tier = try reader.identifier()
            case .team: request.attribution.team = try reader.identifier()
            case .environment: request.attribution.environment = try reader.identifier()
            case .plan: request.attribution.plan = try reader.identifier()
            case .session: request.attribution.session = try reader.identifier()
            case .model: model = try reader.model()
            case .usage: usage.value = try reader.value()
            case .usageFormat: try usage.readFormat(&reader)
            case .cost: cost = try reader.microcents()
            case .component: component = try reader.identifier()
            case .priceClass: request.priceClass = try reader.priceClass()
            case .idempotencyKey: idempotencyKey = try reader.idempotencyKey()
            case .labels: request.labels = try reader.labels()
            case .promptHash: request.promptHash = try reader.text(limit: 256)
            }
        }
        if request.attribution.user.text.isEmpty { throw .missing("user") }
        guard let key = try call.idempotencyKey(body: idempotencyKey) else { throw .missing("idempotency_key") }
        request.idempotencyKey = key
        request.what = try what(try usage.usage(), model, cost, component)
        try call.stamp(&request.attribution)
        request.unknownUsage = usage.unknownFields
        request.traceID = call.traceID
        return request
    }

    private static func what(
        _ usage: Usage?, _ model: Identifier?, _ cost: Int64?, _ component: Identifier?
    ) throws(Problem) -> RecordRequest.What {
        switch (usage, cost) {
        case (let usage?, nil):
            if component != nil { throw Problem(JSONError(.invalid, "Goes with cost_usd, not with usage.", pointer: "/component")) }
            guard let model else { throw .missing("model") }
            return .tokens(usage, model: model)
        case (nil, let cost?):
            if model != nil { throw Problem(JSONError(.invalid, "Goes with usage, not with cost_usd.", pointer: "/model")) }
            guard let component else { throw .missing("component") }
            return .cost(cost, component: component)
        case (nil, nil): throw .missing("usage")
        case (.some, .some): throw Problem(JSONError(.invalid, "Send either usage or cost_usd.", pointer: "/cost_usd"))
        }
    }
}

extension JSONReader {
    /// Decimal dollars as microcents, rounded up.
    fileprivate mutating func microcents() throws(JSONError) -> Int64 {
        let dollars = try decimal()
        guard let amount = dollars.scaled(toPlaces: Money.places, roundingUp: true), amount <= Amount.maximum else {
            throw error(.amountTooLarge, "Must be at most \(Money.dollars(Amount.maximum)).")
        }
        return amount
    }
}
