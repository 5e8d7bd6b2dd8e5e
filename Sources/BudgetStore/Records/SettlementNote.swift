import BudgetModel

/// What a settling call says that only the ledger wants to know. Scripts pass the bytes on unread.
struct SettlementNote: Hashable, Sendable {
    /// Its parts; the wholes stand in the event itself.
    var usage = Usage(inputTokens: 0, outputTokens: 0)
    /// The catalogue's name of what was charged, where that is not what was held.
    var model: Identifier?
    var latencyMilliseconds: Int64?
    var status: String?
    var traceID: TraceID?
    /// Of a record of something that is no model's tokens.
    var component: Identifier?
    /// JSON, see ``CommitRequest/unknownUsage``.
    var unknownUsage: String?

    init() {}

    init(_ request: CommitRequest, _ priced: PricedUsage) {
        usage = priced.usage
        model = priced.model
        latencyMilliseconds = request.latencyMilliseconds
        status = request.status
        traceID = request.traceID
        unknownUsage = request.unknownUsage
    }

    init(_ request: RecordRequest) {
        switch request.what {
        case .tokens(let usage, _): self.usage = usage
        case .cost(_, let component): self.component = component
        }
        unknownUsage = request.unknownUsage
    }

    // MARK: Bytes

    private struct Parts: OptionSet {
        let rawValue: Int64
        static let cached = Parts(rawValue: 1)
        static let cacheWrite = Parts(rawValue: 2)
        static let reasoning = Parts(rawValue: 4)
        static let rare = Parts(rawValue: 8)
        static let model = Parts(rawValue: 16)
        static let latency = Parts(rawValue: 32)
        static let status = Parts(rawValue: 64)
        static let trace = Parts(rawValue: 128)
        static let component = Parts(rawValue: 256)
        static let unknownUsage = Parts(rawValue: 512)
    }

    private var parts: Parts {
        var parts: Parts = []
        if usage.cachedInputTokens > 0 { parts.insert(.cached) }
        if usage.cacheWriteInputTokens > 0 { parts.insert(.cacheWrite) }
        if usage.reasoningTokens > 0 { parts.insert(.reasoning) }
        if usage.hasRareParts { parts.insert(.rare) }
        if model != nil { parts.insert(.model) }
        if latencyMilliseconds != nil { parts.insert(.latency) }
        if status != nil { parts.insert(.status) }
        if traceID != nil { parts.insert(.trace) }
        if component != nil { parts.insert(.component) }
        if unknownUsage != nil { parts.insert(.unknownUsage) }
        return parts
    }

    func append(to bytes: inout ByteWriter) {
        bytes.append(variable: parts.rawValue)
        if usage.cachedInputTokens > 0 { bytes.append(variable: usage.cachedInputTokens) }
        if usage.cacheWriteInputTokens > 0 { bytes.append(variable: usage.cacheWriteInputTokens) }
        if usage.reasoningTokens > 0 { bytes.append(variable: usage.reasoningTokens) }
        if usage.hasRareParts { for part in usage.rareParts { bytes.append(variable: part) } }
        if let model { bytes.append(counted: model.text) }
        if let latencyMilliseconds { bytes.append(variable: latencyMilliseconds) }
        if let status { bytes.append(counted: status) }
        if let traceID { bytes.append(traceID) }
        if let component { bytes.append(counted: component.text) }
        if let unknownUsage { bytes.append(counted: unknownUsage) }
    }

    /// The note of a call that said nothing is empty; nil is damage.
    init?(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        var reader = Unpacker(bytes)
        let parts = Parts(rawValue: reader.variable())
        if parts.contains(.cached) { usage.cachedInputTokens = reader.variable() }
        if parts.contains(.cacheWrite) { usage.cacheWriteInputTokens = reader.variable() }
        if parts.contains(.reasoning) { usage.reasoningTokens = reader.variable() }
        if parts.contains(.rare) { usage.rareParts = (0..<usage.rareParts.count).map { _ in reader.variable() } }
        if parts.contains(.model) { model = Identifier(reader.text()) }
        if parts.contains(.latency) { latencyMilliseconds = reader.variable() }
        if parts.contains(.status) { status = reader.text() }
        if parts.contains(.trace) { traceID = reader.traceID() }
        if parts.contains(.component) { component = Identifier(reader.text()) }
        if parts.contains(.unknownUsage) { unknownUsage = reader.text() }
        guard !reader.isBroken, reader.isAtEnd else { return nil }
    }
}
