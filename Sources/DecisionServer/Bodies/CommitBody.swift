import BudgetHTTP
import BudgetModel

/// The body of commit.
enum CommitBody {
    private enum Field: String, CaseIterable, Sendable {
        case reservation = "reservation_id"
        case usage
        case usageFormat = "usage_format"
        case model, final
        case latency = "latency_ms"
        case status
    }
    private static let fields = FieldTable<Field>()

    static func read(_ call: Call) throws(Problem) -> CommitRequest {
        var request = CommitRequest(reservation: "")
        var reservation: String?
        var usage = UsageBody()
        try call.read(fields) { (reader, field) throws(JSONError) in
            switch field {
            case .reservation: reservation = try reader.string()
            case .usage: usage.value = try reader.value()
            case .usageFormat: try usage.readFormat(&reader)
            case .model: request.model = try reader.model()
            case .final: request.final = try reader.bool()
            case .latency: request.latencyMilliseconds = try reader.integer()
            case .status: request.status = try reader.text(limit: 64)
            }
        }
        guard let reservation else { throw .missing("reservation_id") }
        request.reservation = reservation
        request.usage = try usage.usage()
        request.unknownUsage = usage.unknownFields
        if !request.final, request.usage == nil { throw .missing("usage") }
        request.traceID = call.traceID
        return request
    }
}
