import BudgetHTTP
import BudgetModel

/// The bodies of release and extend.
struct ReservationBody {
    private enum ReleaseField: String, CaseIterable, Sendable {
        case reservation = "reservation_id"
    }
    private enum ExtendField: String, CaseIterable, Sendable {
        case reservation = "reservation_id"
        case timeToLive = "ttl_seconds"
    }
    private static let releaseFields = FieldTable<ReleaseField>()
    private static let extendFields = FieldTable<ExtendField>()

    private(set) var reservation = ""
    /// Milliseconds; nil is the reservation's own.
    private(set) var timeToLive: Int64?

    init(release call: Call) throws(Problem) {
        var reservation: String?
        try call.read(Self.releaseFields) { (reader, _) throws(JSONError) in reservation = try reader.string() }
        guard let reservation else { throw .missing("reservation_id") }
        self.reservation = reservation
    }

    init(extend call: Call) throws(Problem) {
        var reservation: String?
        var timeToLive: Int64?
        try call.read(Self.extendFields) { (reader, field) throws(JSONError) in
            switch field {
            case .reservation: reservation = try reader.string()
            case .timeToLive: timeToLive = try reader.timeToLive()
            }
        }
        guard let reservation else { throw .missing("reservation_id") }
        self.reservation = reservation
        self.timeToLive = timeToLive
    }
}
