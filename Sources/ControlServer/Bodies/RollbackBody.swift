import BudgetHTTP
import BudgetModel

/// `{"version":3,"reason":"..."}`
struct RollbackBody {
    private enum Field: String, CaseIterable {
        case version, reason
    }
    private static let table = FieldTable<Field>()
    var version: Int64 = 0
    var reason: String?

    init(_ call: ControlCall) throws(Problem) {
        var version: Int64?
        var reason: String?
        try call.read(Self.table) { (reader, field) throws(JSONError) in
            switch field {
            case .version: version = try reader.integer()
            case .reason: reason = try reader.string()
            }
        }
        guard let version else { throw .missing("version") }
        self.version = version
        self.reason = reason
    }
}
