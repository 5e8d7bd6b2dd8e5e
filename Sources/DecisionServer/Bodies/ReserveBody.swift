import BudgetHTTP
import BudgetModel

/// The body of reserve and check.
enum ReserveBody {
    private enum Field: String, CaseIterable, Sendable {
        case user, feature, tier, team, environment, plan, session, model
        case inputTokens = "input_tokens"
        case maximumOutput = "max_output_tokens"
        case minimumOutput = "min_output_tokens"
        case priceClass = "price_class"
        case timeToLive = "ttl_seconds"
        case idempotencyKey = "idempotency_key"
        case labels
        case promptHash = "prompt_hash"
    }
    private static let fields = FieldTable<Field>()

    static func read(_ call: Call) throws(Problem) -> ReserveRequest {
        var request = ReserveRequest(user: "", model: "", inputTokens: -1)
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
            case .model: request.model = try reader.model()
            case .inputTokens: request.inputTokens = try reader.integer()
            case .maximumOutput: request.maximumOutput = try reader.integer()
            case .minimumOutput: request.minimumOutput = try reader.integer()
            case .priceClass: request.priceClass = try reader.priceClass()
            case .timeToLive: request.timeToLive = try reader.timeToLive()
            case .idempotencyKey: idempotencyKey = try reader.idempotencyKey()
            case .labels: request.labels = try reader.labels()
            case .promptHash: request.promptHash = try reader.text(limit: 256)
            }
        }
        if request.attribution.user.text.isEmpty { throw .missing("user") }
        if request.model.text.isEmpty { throw .missing("model") }
        if request.inputTokens < 0 { throw .missing("input_tokens") }
        request.idempotencyKey = try call.idempotencyKey(body: idempotencyKey)
        try call.stamp(&request.attribution)
        request.traceID = call.traceID
        return request
    }
}
