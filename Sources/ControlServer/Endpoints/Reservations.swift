import BudgetHTTP
import BudgetModel
import BudgetStore
import HTTPTypes

/// `GET /v1/reservations?user=`: what a user holds, and what became of earlier holds.
extension ControlDesk {
    func reservations(_ limits: ControlLimits) -> [Endpoint] {
        [Endpoint(.get, "/v1/reservations", .read, body: 0) { try await self.reservations($0) }]
    }

    private func reservations(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["user"])
        guard let user = try call.query.user() else { throw Problem.missingParameter("user", "Say whose: ?user=") }
        let list = try await stores.ask { $0.reservations(of: user, $1) }
        return ControlAnswer { json in
            json.key("reservations")
            json.array { json in
                for reservation in list.reservations { json.object { $0.reservation(reservation) } }
            }
            json.flag("complete", list.isComplete)
        }
    }
}

extension JSONText {
    fileprivate mutating func reservation(_ reservation: ListedReservation) {
        text("state", Self.word(reservation.state))
        if let model = reservation.model { text("model", model.text) }
        charge("held", reservation.held)
        charge("charged", reservation.charged)
        key("issued_at")
        time(reservation.issuedAt, alwaysMilliseconds: true)
        key("expires_at")
        time(reservation.expiresAt, alwaysMilliseconds: true)
        text("tier", reservation.tier.text)
        key("allowances")
        array { json in
            for name in reservation.allowances { json.string(name.text) }
        }
    }

    private static func word(_ state: HoldRecord.State) -> String {
        switch state {
        case .open: "open"
        case .committed, .recorded: "committed"
        case .released: "released"
        case .expired: "expired"
        }
    }
}
