package import BudgetModel
package import BudgetStore

/// An error answer: RFC 9457 problem details with our `code`, and `pointer` for a bad field.
package struct Problem: Error {
    package var status: Int
    package var code: String
    package var title: String
    package var detail: String
    package var pointer: String?
    /// Where in a document of several lines, both from 1.
    package var place: (line: Int, column: Int)?
    /// The call's `X-Request-Id`, by which logs know it.
    package var requestID: String?
    package var fields: [(name: StaticString, value: String)] = []
    /// Writes members of its own behind those that every problem has (RFC 9457, 3.2).
    package var members: (@Sendable (inout JSONText) -> Void)?
    package var closes = false

    package init(_ status: Int, _ code: String, _ title: String, _ detail: String, pointer: String? = nil) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.pointer = pointer
    }

    /// The body of the answer, `application/problem+json`.
    package var body: [UInt8] {
        JSONText.object(capacity: 256) { json in
            json.text("type", "urn:token-budget:problem:\(code)")
            json.text("title", title)
            json.key("status")
            json.integer(Int64(status))
            json.text("detail", detail)
            json.text("code", code)
            if let pointer { json.text("pointer", pointer) }
            if let place {
                json.key("line")
                json.integer(Int64(place.line))
                json.key("column")
                json.integer(Int64(place.column))
            }
            if let requestID { json.text("request_id", requestID) }
            members?(&json)
        }
    }
}

// MARK: The one place where errors become HTTP. What they say stands with them.

extension Problem {
    /// - Parameter section: the pointer of the section that the caller sent, when it was not the whole document: pointers are then
    ///   into that, and lines are not the caller's.
    package init(_ error: PolicyError, inside section: String = "") {
        let isSyntax = error.path.isEmpty
        self.init(
            isSyntax ? 400 : 422, isSyntax ? "malformed_policy" : "invalid_policy", isSyntax ? "Malformed policy" : "Invalid policy",
            "\(error.path.isEmpty ? "" : error.path + ": ")\(error.problem); \(error.advice).")
        let pointer = error.pointer
        if !section.isEmpty, pointer == section || pointer.hasPrefix(section + "/") {
            self.pointer = String(pointer.dropFirst(section.count))
        } else {
            self.pointer = pointer
            place = (error.line, error.column)
        }
    }

    package init(_ error: JSONError) {
        switch error.kind {
        case .amountTooLarge: self.init(422, error.kind.rawValue, "Amount too large", error.detail, pointer: error.pointer)
        case .inconsistentUsage: self.init(422, error.kind.rawValue, "Usage contradicts itself", error.detail, pointer: error.pointer)
        case .malformed, .unknownField, .duplicateField, .missingField, .invalid:
            self.init(400, error.kind.rawValue, "Malformed request", error.detail, pointer: error.pointer)
        }
    }

    /// - Parameter readsOnly: the call asked for nothing to be changed, so that its failure leaves nothing in doubt.
    package init(_ error: BudgetError, readsOnly: Bool = false) {
        switch error {
        case .plan(let error): self.init(error)
        case .store(let fault): self.init(fault, readsOnly: readsOnly)
        case .unknownReservation:
            self.init(404, "unknown_reservation", "Unknown reservation", "\(error)", pointer: "/reservation_id")
        case .reservationGone: self.init(410, "reservation_gone", "Reservation gone", "\(error)", pointer: "/reservation_id")
        case .alreadyCommitted: self.init(409, "already_committed", "Already committed", "\(error)")
        case .reservationEnded: self.init(409, "reservation_ended", "Reservation ended", "\(error)")
        case .idempotencyKeyReused:
            self.init(422, "idempotency_key_reused", "Idempotency key reused", "\(error)", pointer: "/idempotency_key")
        case .versionConflict: self.init(412, "version_conflict", "Changed meanwhile", "\(error)", pointer: "/if-match")
        case .amountTooLarge: self.init(422, "amount_too_large", "Amount too large", "\(error)")
        case .unsettled: self = Self.unavailable("store_busy", "\(error)")
        case .userChanging: self.init(409, "user_changing", "User is changing", "\(error)")
        case .edit(let error): self.init(error)
        case .unknownCursor: self.init(400, "invalid_cursor", "Malformed request", "\(error)", pointer: "/cursor")
        }
    }

    private init(_ error: EditError) {
        switch error {
        case .unknownTier(let tier): self.init(PlanError.unknownTier(tier))
        case .unknownAllowance(_, let pointer):
            self.init(422, "unknown_allowance", "Unknown allowance", "\(error)", pointer: pointer)
        case .invalid(let pointer, _): self.init(400, "invalid_field", "Malformed request", "\(error)", pointer: pointer)
        case .unknownDimension(let dimension, _):
            self.init(
                422, "unknown_dimension", "Unknown dimension", "\(error)", pointer: "/dimensions/\(dimension.rawValue)")
        case .neverCounted(let dimension, _, _):
            self.init(422, "never_counted", "Never counted", "\(error)", pointer: "/dimensions/\(dimension.rawValue)")
        case .amountTooLarge(let pointer, _):
            self.init(422, "amount_too_large", "Amount too large", "\(error)", pointer: pointer)
        case .grantIDReused: self.init(409, "grant_id_reused", "Grant id reused", "\(error)", pointer: "/grant_id")
        case .tooManyGrants: self.init(422, "too_many_grants", "Too many grants", "\(error)", pointer: "/user")
        case .tooManyLimits: self.init(422, "too_many_limits", "Too many limits", "\(error)", pointer: "/limits")
        }
    }

    private init(_ error: PlanError) {
        switch error {
        case .noPolicy: self = Self.unavailable("no_policy", "\(error)")
        case .unknownTier: self.init(422, "unknown_tier", "Unknown tier", "\(error)", pointer: "/tier")
        case .outputUnknown:
            self.init(
                422, "max_output_tokens_required", "Maximum output unknown", "\(error)", pointer: "/max_output_tokens")
        case .minimumAboveMaximum:
            self.init(422, "min_above_max", "Minimum above maximum", "\(error)", pointer: "/min_output_tokens")
        case .noModelLeft:
            self.init(422, "no_model_left", "No model can answer that long", "\(error)", pointer: "/min_output_tokens")
        case .unpricedModel: self.init(422, "unpriced_model", "Model without a price", "\(error)", pointer: "/model")
        case .missingDimension(let dimension, _):
            self.init(422, "missing_dimension", "Dimension required", "\(error)", pointer: "/\(dimension.rawValue)")
        case .amountTooLarge(let field):
            self.init(422, "amount_too_large", "Amount too large", "\(error)", pointer: "/\(field)")
        }
    }

    private init(_ fault: StoreFault, readsOnly: Bool) {
        switch fault {
        case .corrupt:
            self.init(
                500, "store_corrupt", "Stored data unreadable", "Redis holds, under a key of this service, data that is not its own.")
        case .unavailable, .timedOut, .misconfigured:
            self = Self.unavailable(
                "store_unavailable",
                readsOnly
                    ? "Redis did not answer in time; nothing was changed."
                    : "Redis did not answer in time; whether it acted is unknown.")
        case .refusing: self = Self.unavailable("store_busy", "Redis refuses commands at the moment.")
        case .lostData: self = Self.unavailable("store_lost_data", "\(fault)")
        case .overloaded:
            self = Self.unavailable("overloaded", "More is asked than the store can answer in time. Nothing was held; try again.")
        }
    }

    private static func unavailable(_ code: String, _ detail: String) -> Problem {
        var problem = Problem(503, code, "Service unavailable", detail)
        problem.fields = [("retry-after", "1")]
        return problem
    }
}

// MARK: Problems of HTTP itself

extension Problem {
    package static func notFound(_ path: String) -> Problem { Problem(404, "not_found", "Not found", "There is nothing at \(path).") }

    package static func notAllowed(_ allowed: String) -> Problem {
        var problem = Problem(405, "method_not_allowed", "Method not allowed", "Use \(allowed) here.")
        problem.fields = [("allow", allowed)]
        return problem
    }

    /// Refusals after which the connection must close, because bytes of the request may still come.
    package static func refusal(_ status: Int, _ code: String, _ title: String, _ detail: String) -> Problem {
        var problem = Problem(status, code, title, detail)
        problem.closes = true
        return problem
    }

    /// A required field that is not there.
    package static func missing(_ field: String) -> Problem {
        Problem(JSONError(.missingField, "\"\(field)\" is missing.", pointer: "/\(field)"))
    }

    package static func unsupportedMediaType(_ wanted: String) -> Problem {
        Problem(415, "unsupported_media_type", "Unsupported media type", "Send \"content-type: \(wanted)\".")
    }

    package static func unauthorized(_ detail: String) -> Problem {
        var problem = Problem(401, "unauthorized", "Unauthorized", detail)
        problem.fields = [("www-authenticate", "Bearer realm=\"token-budget\"")]
        return problem
    }
}
