import BudgetHTTP
import BudgetModel
import BudgetStore
import HTTPTypes
import NIOCore

/// `/v1/tiers`: one section of the policy at a time. A change is a new version of the whole policy.
extension ControlDesk {
    func tiers(_ limits: ControlLimits) -> [Endpoint] {
        [
            Endpoint(.get, "/v1/tiers", .read, body: 0) { try await self.listTiers($0) },
            Endpoint(.get, "/v1/tiers/{tier}", .read, body: 0) { try await self.showTier($0) },
            Endpoint(.put, "/v1/tiers/{tier}", .change, body: limits.body) { try await self.putTier($0) },
            Endpoint(.delete, "/v1/tiers/{tier}", .change, body: limits.userBody) { try await self.deleteTier($0) },
        ]
    }

    private func listTiers(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly([])
        let kept = try await keeper.current().policy
        var answer = ControlAnswer { json in
            json.key("tiers")
            json.array { json in
                for tier in kept?.document.tiers ?? [] {
                    json.object { json in
                        json.text("name", tier.name.text)
                        json.flag("default", tier.name == kept?.document.policy.defaultTier)
                        json.members(of: kept?.document.json(ofTier: tier.name) ?? [])
                    }
                }
            }
        }
        answer.fields[.eTag] = kept?.version.etag
        return answer
    }

    private func showTier(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly([])
        let name = try call.identifier("tier")
        let kept = try await policyInForce()
        guard let json = kept.document.json(ofTier: name) else { throw Self.unknownTier(name) }
        var answer = ControlAnswer(contentType: "application/json", json)
        answer.fields[.eTag] = kept.version.etag
        return answer
    }

    private func putTier(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["dry_run", "reason"])
        let name = try call.identifier("tier")
        guard call.isJSON else { throw Problem.unsupportedMediaType("application/json") }
        let json = Array(call.body.readableBytesView)
        let outcome = try await keeper.change(call.terms()) { document, prices in
            do {
                return try (document ?? PolicyDocument(text: "{}", prices: prices)).setting(tier: name, to: json)
            } catch let error as PolicyError {
                throw Problem(error, inside: "/tiers" + JSONError.step(name.text))
            } catch let error as JSONError {
                throw Problem(error)
            }
        }
        try await awaitClaim(after: outcome)
        return ControlAnswer(outcome, isDryRun: try call.query.flag("dry_run")) { json in
            json.key("tier")
            json.raw(outcome.document.json(ofTier: name) ?? Array("{}".utf8))
        }
    }

    private func deleteTier(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["dry_run", "reason"])
        let name = try call.identifier("tier")
        let outcome = try await keeper.change(call.terms(ReasonBody(call).reason)) { document, _ in
            guard let document else { throw Problem.noPolicy }
            guard document.policy.tiers[name] != nil else { throw Self.unknownTier(name) }
            guard document.policy.defaultTier != name else { throw Self.defaultTier(name) }
            do throws(PolicyError) {
                return try document.removing(tier: name)
            } catch {
                throw Problem(error)
            }
        }
        return ControlAnswer(outcome, isDryRun: try call.query.flag("dry_run"))
    }

    private static func defaultTier(_ name: Identifier) -> Problem {
        Problem(
            422, "invalid_policy", "Invalid policy", "\"\(name.text)\" is the default tier: name another in default_tier first.",
            pointer: "/default_tier")
    }

    private static func unknownTier(_ name: Identifier) -> Problem {
        Problem(404, "unknown_tier", "Unknown tier", "Policy has no tier \"\(name.text)\".", pointer: "/tier")
    }
}

extension JSONText {
    /// The members of a JSON object, into an open one.
    fileprivate mutating func members(of object: [UInt8]) {
        raw(Array(object.dropFirst().dropLast()))
    }
}
