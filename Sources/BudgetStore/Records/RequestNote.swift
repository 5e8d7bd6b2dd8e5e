import BudgetModel

/// What a reservation's record keeps of its request for the ledger: the digest of its attribution, and what is its own. Scripts pass
/// the bytes on unread.
struct RequestNote: Hashable, Sendable {
    var attribution: AttributionDigest
    /// `max_output_tokens` as asked.
    var maximumOutput: Int64?
    var session: Identifier?
    var traceID: TraceID?
    var labels: [String: String] = [:]
    var promptHash: String?

    init(_ request: borrowing ReserveRequest, _ attribution: AttributionDigest) {
        self.attribution = attribution
        maximumOutput = request.maximumOutput
        session = request.attribution.session
        traceID = request.traceID
        labels = request.labels
        promptHash = request.promptHash
    }

    init(_ request: RecordRequest, _ attribution: AttributionDigest) {
        self.attribution = attribution
        session = request.attribution.session
        traceID = request.traceID
        labels = request.labels
        promptHash = request.promptHash
    }

    // MARK: Bytes

    private struct Parts: OptionSet {
        let rawValue: UInt8
        static let maximumOutput = Parts(rawValue: 1)
        static let session = Parts(rawValue: 2)
        static let trace = Parts(rawValue: 4)
        static let labels = Parts(rawValue: 8)
        static let promptHash = Parts(rawValue: 16)
    }

    func append(to bytes: inout ByteWriter) {
        bytes.append(uint64: attribution.bits)
        var parts: Parts = []
        if maximumOutput != nil { parts.insert(.maximumOutput) }
        if session != nil { parts.insert(.session) }
        if traceID != nil { parts.insert(.trace) }
        if !labels.isEmpty { parts.insert(.labels) }
        if promptHash != nil { parts.insert(.promptHash) }
        bytes.append(parts.rawValue)
        if let maximumOutput { bytes.append(variable: maximumOutput) }
        if let session { bytes.append(counted: session.text) }
        if let traceID { bytes.append(traceID) }
        if !labels.isEmpty { bytes.append(labels) }
        if let promptHash { bytes.append(counted: promptHash) }
    }

    init?(_ bytes: [UInt8]) {
        var reader = Unpacker(bytes)
        attribution = AttributionDigest(bits: reader.word())
        let parts = Parts(rawValue: reader.byte())
        if parts.contains(.maximumOutput) { maximumOutput = reader.variable() }
        if parts.contains(.session) { session = Identifier(reader.text()) }
        if parts.contains(.trace) { traceID = reader.traceID() }
        if parts.contains(.labels) { labels = reader.labels() }
        if parts.contains(.promptHash) { promptHash = reader.text() }
        guard !reader.isBroken, reader.isAtEnd else { return nil }
    }
}

extension ByteWriter {
    mutating func append(_ traceID: TraceID) {
        append(uint64: traceID.high)
        append(uint64: traceID.low)
    }

    mutating func append(_ labels: [String: String]) {
        append(variable: Int64(labels.count))
        for (name, value) in labels {
            append(counted: name)
            append(counted: value)
        }
    }
}

extension Unpacker {
    mutating func traceID() -> TraceID? { TraceID(high: word(), low: word()) }

    mutating func labels() -> [String: String] {
        var labels: [String: String] = [:]
        for _ in 0..<min(variable(), 256) {
            let name = text()
            labels[name] = text()
        }
        return labels
    }
}
