import BudgetModel

/// The raw rows: one for each event, one column for each of its facts. Counters are not among them: ``CounterTotals`` has their sums.
enum EventColumns {
    enum Kind { case integer, optionalInteger, text, bytes }

    static let all = published + later

    /// Those that the first step of the schema makes.
    private static let published: [(name: String, kind: Kind)] =
        [
            ("milliseconds", .integer), ("stream", .integer), ("sequence", .integer), ("kind", .text), ("settled_at", .integer),
            ("reserved_at", .integer), ("user_id", .integer), ("dims", .integer), ("session", .text), ("reservation", .bytes),
            ("model_asked", .integer), ("model_given", .integer), ("decision", .text), ("reason", .text),
            ("output_asked", .optionalInteger), ("output_granted", .optionalInteger), ("held_input", .integer),
            ("held_output", .integer), ("held_cost", .optionalInteger), ("usage_input", .integer), ("usage_output", .integer),
            ("usage_cached", .integer), ("usage_cache_write", .integer), ("usage_reasoning", .integer), ("cost", .optionalInteger),
            ("added_requests", .integer), ("added_input", .integer), ("added_output", .integer), ("added_cost", .integer),
            ("added_cached", .integer), ("added_cache_write", .integer), ("added_reasoning", .integer), ("flags", .integer),
            ("latency_ms", .optionalInteger), ("status", .text), ("labels", .text), ("prompt_hash", .text), ("trace_id", .text),
            ("actor", .text), ("note", .text), ("unknown_usage", .text),
        ]

    /// Those of later steps.
    private static let later: [(name: String, kind: Kind)] = [("usage_rare", .text)]

    /// What a caller wrote freely, which may tell who a user is, and what ties rows to a name: emptied when the user is erased.
    static let personal = ["session", "reservation", "status", "labels", "prompt_hash", "trace_id", "note"]

    static func definition(_ dialect: SQLDialect) -> String {
        published.map { column in
            switch column.kind {
            case .integer: "\(column.name) \(dialect.integer) NOT NULL"
            case .optionalInteger: "\(column.name) \(dialect.integer)"
            case .text: "\(column.name) \(dialect.text)"
            case .bytes: "\(column.name) \(dialect.bytes)"
            }
        }.joined(separator: ",\n    ")
    }

    /// An event's values in the order of ``all``.
    static func append(_ row: BookingRow, to values: inout [SQLValue]) {
        let (event, parts, numbers) = (row.event, row.parts, row.numbers)
        let (usage, added) = (event.usage, event.added)
        values += [
            .integer(event.id.milliseconds), .integer(Int64(event.id.partition)), .integer(event.id.sequence),
            .text(event.kind.rawValue), .integer(event.settledAt), .integer(event.reservedAt), .integer(numbers.user),
            .integer(numbers.dimensions), SQLValue(event.attribution.session?.text), .bytes(numbers.reservation),
            .integer(numbers.modelAsked), .integer(numbers.modelGiven), SQLValue(event.decision?.rawValue),
            SQLValue(event.reason?.rawValue),
        ]
        values += [
            SQLValue(event.maximumOutputAsked), SQLValue(event.maximumOutputGranted), .integer(event.heldInput),
            .integer(event.heldOutput), SQLValue(event.heldCost), .integer(usage.inputTokens), .integer(usage.outputTokens),
            .integer(usage.cachedInputTokens), .integer(usage.cacheWriteInputTokens), .integer(usage.reasoningTokens),
            SQLValue(event.cost),
        ]
        values += [
            .integer(added.requests), .integer(added.input), .integer(added.output), .integer(added.cost), .integer(parts.cached),
            .integer(parts.cacheWrite), .integer(parts.reasoning), .integer(Int64(event.flags.rawValue)),
            SQLValue(event.latencyMilliseconds), SQLValue(event.status), SQLValue(labels(event.labels)), SQLValue(event.promptHash),
            SQLValue(event.traceID), SQLValue(event.actor), SQLValue(event.note), SQLValue(event.unknownUsage),
            SQLValue(rareParts(usage)),
        ]
    }

    /// A JSON object of those that are there; nil without any.
    private static func rareParts(_ usage: Usage) -> String? {
        guard usage.hasRareParts else { return nil }
        var json = JSONText(capacity: 64)
        json.object { json in
            for (name, tokens) in zip(Usage.rarePartNames, usage.rareParts) where tokens > 0 {
                json.key(name)
                json.integer(tokens)
            }
        }
        return json.string
    }

    /// A JSON object, in the order of its keys.
    private static func labels(_ labels: [String: String]) -> String? {
        guard !labels.isEmpty else { return nil }
        var json = JSONText(capacity: 64)
        json.object { json in
            for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
                json.key(key)
                json.string(value)
            }
        }
        return json.string
    }
}

/// The numbers by which a raw row names what is stored once.
struct EventNumbers {
    var user: Int64
    var dimensions: Int64
    /// Of the same set with what the user is alone.
    var userDimensions: Int64
    /// 0 without one.
    var modelAsked: Int64
    var modelGiven: Int64
    var reservation: [UInt8]
}
