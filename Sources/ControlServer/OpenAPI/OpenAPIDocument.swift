import BudgetModel

/// What this service answers, as OpenAPI 3.1: both listeners, every call. Written as YAML in the files beside this one, each a noun
/// with its calls and shapes, and put together here.
enum OpenAPIDocument {
    /// The document as JSON, made when it is first asked for. The files are part of the program: whether they can be read does
    /// not depend on where it runs.
    static let json = Result { Array(try assembled().jsonText.utf8) }

    private static let parts = [
        PackageResources.document_yaml, PackageResources.decisions_yaml, PackageResources.settlements_yaml, PackageResources.users_yaml,
        PackageResources.policy_yaml, PackageResources.policy_document_yaml, PackageResources.counters_yaml,
        PackageResources.prices_yaml,
        PackageResources.operations_yaml, PackageResources.reports_yaml, PackageResources.insights_yaml, PackageResources.audit_yaml,
    ]

    static func assembled() throws -> JSONValue {
        let whole = try parts.reduce(JSONValue.object([])) { whole, part in
            whole.merged(with: try JSONValue(yaml: String(decoding: part, as: UTF8.self)))
        }
        let listeners = whole["x-listeners"] ?? .object([])
        let paths = (whole["paths"] ?? .object([])).mapped { _, path in
            path.mapped { name, operation in
                guard let names = operation["x-listener"]?.items else { return operation }
                return operation.answering(on: names.compactMap { listeners[$0.text ?? ""] })
            }
        }
        return whole.setting("paths", to: paths).setting("x-listeners", to: nil)
    }
}

extension JSONValue {
    /// An operation with what every call of its listeners takes and can answer. What it says of its own goes first.
    fileprivate func answering(on listeners: [JSONValue]) -> JSONValue {
        var shared = listeners.reduce(JSONValue.object([])) { ($1["responses"] ?? .object([])).merged(with: $0) }
        if self["security"]?.items.isEmpty == true {
            // Nobody is asked for a key there.
            shared = shared.setting("401", to: nil).setting("403", to: nil)
        }
        let own = self["parameters"]?.items ?? []
        return setting("servers", to: .array(listeners.flatMap { $0["servers"]?.items ?? [] }))
            .setting("parameters", to: .array(own + (listeners.first?["parameters"]?.items ?? [])))
            .setting("responses", to: (self["responses"] ?? .object([])).completed(from: shared).sorted)
    }

    fileprivate var items: [JSONValue] {
        guard case .array(let items) = self else { return [] }
        return items
    }

    private var sorted: JSONValue {
        guard case .object(let fields) = self else { return self }
        return .object(fields.sorted { $0.key < $1.key })
    }

    /// With the fields of `other` that it lacks.
    private func completed(from other: JSONValue) -> JSONValue {
        guard case .object(let fields) = other else { return self }
        return fields.reduce(self) { whole, field in
            whole[field.key] == nil ? whole.setting(Identifier(field.key), to: field.value) : whole
        }
    }

    fileprivate func mapped(_ change: (String, JSONValue) -> JSONValue) -> JSONValue {
        guard case .object(let fields) = self else { return self }
        return .object(fields.map { ($0.key, change($0.key, $0.value)) })
    }

    /// With all that `other` says: objects field by field, anything else in place of what was there.
    fileprivate func merged(with other: JSONValue) -> JSONValue {
        guard case .object = self, case .object(let fields) = other else { return other }
        return fields.reduce(self) { whole, field in
            let value = whole[field.key].map { $0.merged(with: field.value) } ?? field.value
            return whole.setting(Identifier(field.key), to: value)
        }
    }
}
