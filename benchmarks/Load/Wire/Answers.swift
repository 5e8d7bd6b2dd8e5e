import NIOCore

/// What the load needs of a reserve's answer.
struct DecisionAnswer: Hashable {
    var decision: Decision
    var reason: String?
    var id: [UInt8] = []
    /// Only of a degrade: which model to call instead.
    var model: String?
    var granted: Int64 = 0
    var heldTokens: Int64 = 0

    /// nil when the body is not such an answer, or lacks what its decision must have.
    init?(_ body: ByteBuffer) {
        guard let answer = body.withUnsafeReadableBytes({ Self.read($0) }) else { return nil }
        self = answer
    }

    private init(_ decision: Decision) { self.decision = decision }

    private static func read(_ bytes: UnsafeRawBufferPointer) -> DecisionAnswer? {
        var fields = FieldScanner(bytes)
        var answer = DecisionAnswer(.reject)
        var decision: Decision?
        var model = 0..<0
        while let (name, value) = fields.next() {
            if bytes.holds("decision", at: name) {
                decision = Self.decision(bytes, value)
            } else if bytes.holds("reservation_id", at: name) {
                answer.id = Array(bytes[value])
            } else if bytes.holds("reason", at: name) {
                answer.reason = bytes.text(at: value)
            } else if bytes.holds("model", at: name) {
                model = value
            } else if bytes.holds("max_output_tokens", at: name) {
                answer.granted = bytes.number(at: value) ?? 0
            } else if bytes.holds("held", at: name) {
                answer.heldTokens = Self.tokens(bytes, value) ?? 0
            }
        }
        guard !fields.isBroken, let decision, decision == .reject || !answer.id.isEmpty else { return nil }
        answer.decision = decision
        if decision == .degrade { answer.model = bytes.text(at: model) }
        return answer
    }

    private static func decision(_ bytes: UnsafeRawBufferPointer, _ value: Range<Int>) -> Decision? {
        if bytes.holds("allow", at: value) { return .allow }
        if bytes.holds("degrade", at: value) { return .degrade }
        return bytes.holds("reject", at: value) ? .reject : nil
    }

    /// Of `{"tokens":2000,"cost_usd":0.00875}`.
    static func tokens(_ bytes: UnsafeRawBufferPointer, _ object: Range<Int>) -> Int64? {
        var fields = FieldScanner(bytes, object)
        while let (name, value) = fields.next() {
            if bytes.holds("tokens", at: name) { return bytes.number(at: value) }
        }
        return nil
    }
}

/// What the load needs of the answer to commit and release.
struct SettlementAnswer: Hashable {
    /// Of a commit.
    var chargedTokens: Int64?
    var isLate = false

    /// nil when the body is not such an answer.
    init?(_ body: ByteBuffer) {
        guard let answer = body.withUnsafeReadableBytes({ Self.read($0) }) else { return nil }
        self = answer
    }

    private init() {}

    private static func read(_ bytes: UnsafeRawBufferPointer) -> SettlementAnswer? {
        var fields = FieldScanner(bytes)
        var answer = SettlementAnswer()
        var hasState = false
        while let (name, value) = fields.next() {
            if bytes.holds("state", at: name) {
                hasState = true
            } else if bytes.holds("charged", at: name) {
                answer.chargedTokens = DecisionAnswer.tokens(bytes, value)
            } else if bytes.holds("late", at: name) {
                answer.isLate = bytes.holds("true", at: value)
            }
        }
        return hasState && !fields.isBroken ? answer : nil
    }
}

/// The word of a problem answer, such as `unknown_tier`.
enum ProblemAnswer {
    static func code(_ body: ByteBuffer) -> String? {
        body.withUnsafeReadableBytes { bytes in
            var fields = FieldScanner(bytes)
            while let (name, value) = fields.next() {
                if bytes.holds("code", at: name) { return bytes.text(at: value) }
            }
            return nil
        }
    }
}
