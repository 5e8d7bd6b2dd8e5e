import BudgetHTTP
import BudgetModel
import BudgetStore
import HTTPTypes
import NIOCore

/// `/v1/prices`: what models cost now or at a time, the price document and its history, and the import of a catalogue.
extension ControlDesk {
    func prices(_ limits: ControlLimits) -> [Endpoint] {
        [
            Endpoint(.get, "/v1/prices", .read, body: 0) { try await self.showPrices($0) },
            Endpoint(.put, "/v1/prices", .change, body: limits.pricesBody) { try await self.putPrices($0) },
            Endpoint(.post, "/v1/prices/import", .change, body: limits.catalogueBody) { try await self.importPrices($0) },
        ] + priceVersions(limits)
    }

    // MARK: Showing

    private func showPrices(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["model", "at"])
        let time = try call.query.time("at")
        let now = try await stores.now()
        let state = try await keeper.current()
        let then = try await keeper.policy(at: time ?? now)
        let kept =
            switch then {
            case .known(let kept): kept
            case .forgotten: state.policy
            }
        let policy = kept?.document.policy ?? Policy()
        let document = try await keeper.prices(at: time ?? now)
        let snapshot = PolicySnapshot(policy, prices: document?.document ?? PriceDocument(), at: time ?? now)
        let models = try Self.models(of: snapshot.catalogue, asked: call.query["model"], at: time)
        var answer = ControlAnswer { json in
            json.key("version")
            if let version = document?.version.version { json.integer(version) } else { json.null() }
            json.key("policy_version")
            if let version = kept?.version.version { json.integer(version) } else { json.null() }
            if case .forgotten = then { json.flag("policy_undated", true) }
            json.text("price_version", snapshot.priceVersion.description)
            json.key("at")
            json.time(time ?? now)
            json.key("prices")
            json.object { json in
                for (name, price) in models {
                    json.key(name.text)
                    json.raw(price.json(from: policy.catalogue.models[name] == nil ? "document" : "policy"))
                }
            }
            json.key("aliases")
            json.object { json in
                for (name, target) in snapshot.catalogue.aliases.sorted(by: { $0.key.text < $1.key.text }) {
                    json.key(name.text)
                    json.string(target.text)
                }
            }
            json.key("discounts")
            json.raw((policy.discounts + (document?.document.discounts ?? [])).json)
        }
        // A change is made on top of the latest version, also where that is still to come into force.
        answer.fields[.eTag] = state.priceVersions.first?.etag
        return answer
    }

    /// The models of a catalogue by name, or the one that a request for `asked` would be charged as.
    private static func models(
        of catalogue: PriceCatalogue, asked: String?, at time: Int64?
    ) throws(Problem) -> [(name: Identifier, price: ModelPrice)] {
        guard let asked else { return catalogue.models.sorted { $0.key.text < $1.key.text }.map { ($0.key, $0.value) } }
        let name = catalogue.canonical(Identifier(asked))
        guard let price = catalogue.models[name] else {
            let when = time.map { " at \(Timestamp.text($0))" } ?? ""
            throw Problem(404, "unknown_model", "Unknown model", "\"\(asked)\" has no price\(when).", pointer: "/model")
        }
        return [(name, price)]
    }

    // MARK: Changing

    private func putPrices(_ call: ControlCall) async throws -> ControlAnswer {
        var terms = try call.priceTerms()
        terms.replacesAll = true
        return try await store(prices: call.policyText(), terms)
    }

    /// Makes a text the next version of the price document.
    func store(prices text: String, _ terms: ChangeTerms) async throws -> ControlAnswer {
        let outcome = try await keeper.changePrices(terms) { _ in
            do throws(PolicyError) {
                return (try PriceDocument(yaml: text), text)
            } catch {
                throw Problem(error)
            }
        }
        return ControlAnswer(outcome, terms) { json in
            json.key("changes")
            json.raw(PolicyDiff(from: outcome.before.asPolicy, to: outcome.after.asPolicy).json)
        }
    }

    private func importPrices(_ call: ControlCall) async throws -> ControlAnswer {
        let terms = try call.priceTerms()
        guard call.isJSON else { throw Problem.unsupportedMediaType("application/json") }
        let imported: CatalogueImport
        do throws(JSONError) {
            imported = try CatalogueImport(liteLLM: Array(call.body.readableBytesView))
        } catch {
            throw Problem(error)
        }
        guard imported.report.taken > 0 else { throw Self.emptyCatalogue(imported.report) }
        let outcome = try await keeper.changePrices(terms) { before in
            // Names and discounts are ops' own; the models are the catalogue's.
            var document = before
            document.catalogue.models = imported.catalogue.models
            return (document, document.canonicalText)
        }
        return ControlAnswer(outcome, terms) { json in
            imported.report.write(to: &json)
            let models = outcome.models
            json.count("added", models.added)
            json.count("changed", models.changed)
            json.count("removed", models.removed)
        }
    }
}

extension ControlDesk {
    /// Says of every entry why it is not taken, like the answer of an import that takes some.
    private static func emptyCatalogue(_ report: ImportReport) -> Problem {
        var problem = Problem(
            422, "empty_catalogue", "Nothing to import", "No entry has a price per token; nothing was changed.", pointer: "")
        problem.members = { report.write(to: &$0) }
        return problem
    }
}

extension ControlCall {
    /// - Parameter reason: the body's.
    func priceTerms(_ reason: String? = nil) throws(Problem) -> ChangeTerms {
        try query.allowOnly(["dry_run", "reason", "effective_from"])
        var terms = try terms(reason)
        terms.effectiveFrom = try query.time("effective_from")
        return terms
    }
}

extension Query {
    /// A time as RFC 3339, or a date, which is its midnight UTC; milliseconds since 1970.
    fileprivate func time(_ name: String) throws(Problem) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let time = Timestamp.milliseconds(text), time >= 0 else { throw .noTime(name) }
        return time
    }
}

extension ControlAnswer {
    fileprivate init(_ outcome: PricesOutcome, _ terms: ChangeTerms, _ more: (inout JSONText) -> Void) {
        self.init { json in
            json.key("version")
            if let version = outcome.version { json.integer(version.version) } else { json.null() }
            if let old = terms.rolledBackTo {
                json.key("rolled_back_to")
                json.integer(old)
            }
            json.flag("dry_run", terms.isDryRun)
            json.key("effective_from")
            if let time = terms.effectiveFrom ?? outcome.version?.effectiveFrom { json.time(time) } else { json.null() }
            json.key("supersedes")
            json.array { json in
                for version in outcome.supersedes {
                    json.object { json in
                        json.key("version")
                        json.integer(version.number)
                        json.key("effective_from")
                        json.time(version.effectiveFrom)
                    }
                }
            }
            more(&json)
        }
        fields[.eTag] = outcome.version?.etag
    }
}

extension PricesOutcome {
    /// How many models have a price that had none, another price, none that had one.
    fileprivate var models: (added: Int, changed: Int, removed: Int) {
        let (old, new) = (before.catalogue.models, after.catalogue.models)
        return (
            new.keys.count { old[$0] == nil }, new.count { old[$0.key].map { [price = $0.value] in $0 != price } ?? false },
            old.keys.count { new[$0] == nil }
        )
    }
}
