import BudgetHTTP
import BudgetModel
import BudgetStore
import HTTPTypes
import UsageLedger

/// `GET /v1/audit` and `POST /v1/audit/repair`: counters against the ledger and the open holds, and set right where they differ.
extension ControlDesk {
    func audit(_ limits: ControlLimits) -> [Endpoint] {
        [
            Endpoint(.get, "/v1/audit", .read, body: 0) { try await self.audit($0) },
            Endpoint(.post, "/v1/audit/repair", .change, body: limits.userBody) { try await self.repair($0) },
        ]
    }

    private func audit(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["user"])
        let report = try await report(of: try call.query.user(), repairing: nil)
        return await answer(report) { _ in }
    }

    private func repair(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["reason"])
        let body = try RepairBody(call)
        let who = body.isDryRun ? nil : Correcting(actor: call.actor, reason: body.reason)
        let report = try await report(of: body.user, repairing: who)
        return await answer(report) { json in
            json.flag("dry_run", body.isDryRun)
            json.count("repaired", report.repaired)
        }
    }

    private func report(of user: Identifier?, repairing who: Correcting?) async throws -> AuditReport {
        do {
            return try await keptLedger().auditing().audit(user: user, repairing: who)
        } catch BudgetError.store(.refusing(let why)) {
            var problem = Problem(503, "audit_impossible", "Not now", "Redis cannot be audited at the moment: \(why).")
            problem.fields = [("retry-after", "10")]
            throw problem
        }
    }

    private func answer(_ report: AuditReport, _ more: (inout JSONText) -> Void) async -> ControlAnswer {
        let policy: PolicySnapshot? = try? await stores.ask { $1(.success($0.snapshot)) }
        return ControlAnswer { json in
            json.flag("clean", report.isClean)
            more(&json)
            json.key("checked")
            json.object { json in
                json.count("users", report.users)
                json.count("counters", report.counters)
                json.count("reservations", report.reservations)
            }
            json.key("not_compared")
            json.object { json in
                json.count("unknown", report.unknown)
                json.count("refills", report.refills)
            }
            json.count("unreadable", report.unreadable)
            json.count("found", report.found)
            json.key("differences")
            json.array { json in
                for difference in report.differences { json.difference(difference, policy) }
            }
        }
    }
}

/// The body of `POST /v1/audit/repair`.
struct RepairBody {
    private enum Field: String, CaseIterable, Sendable {
        case user, reason
        case dryRun = "dry_run"
    }
    private static let fields = FieldTable<Field>()

    private(set) var user: Identifier?
    /// Unless it says otherwise.
    private(set) var isDryRun = true
    private(set) var reason = ""

    init(_ call: ControlCall) throws(Problem) {
        var (user, isDryRun, reason): (Identifier?, Bool, String?) = (nil, true, nil)
        try call.read(Self.fields) { (reader, field) throws(JSONError) in
            switch field {
            case .user: user = try reader.identifier()
            case .dryRun: isDryRun = try reader.bool()
            case .reason: reason = try reader.string()
            }
        }
        (self.user, self.isDryRun) = (user, isDryRun)
        self.reason = try call.reason(reason)
    }
}

extension JSONText {
    fileprivate mutating func difference(_ difference: CounterDifference, _ policy: PolicySnapshot?) {
        let counter = difference.window.counter
        object { json in
            if let user = difference.window.user { json.text("user", user.text) }
            json.text("allowance", counter.name.text)
            let names = policy?.allowance(of: counter, tier: nil)?.per.filter { $0 != .user } ?? []
            json.dimensions(Array(zip(names, counter.values).map { (dimension: $0, value: $1) }))
            json.optionalTime("window_start", difference.window.start > 0 ? difference.window.start : nil)
            json.text("unit", difference.unit.rawValue)
            json.amount("used", difference.used, difference.unit)
            json.amount("ledger", difference.ledger, difference.unit)
            json.amount("held", difference.held, difference.unit)
            json.amount("open_holds", difference.openHolds, difference.unit)
        }
    }
}
