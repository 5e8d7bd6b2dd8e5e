import BudgetModel

/// What a reservation remembers of its own answer, so that a repeated idempotency key gets the same one.
///
/// The script writes `<BHc0`: reason and name of the allowance concerned, and then the rung's ticket, which only we read.
struct StoredAnswer {
    private var isFirstRung: Bool
    private var reason: Decision.Reason?
    private var allowance: Identifier?
    /// As answered.
    private(set) var model: Identifier
    private var canonical: Identifier
    private var prices: PriceVersion

    /// What the answer needs and the record does not hold: `<B H c0 H c0 8 bytes`: asked model or not, model as written,
    /// catalogue name, price version.
    static func ticket(_ rung: PlannedRung, isAsked: Bool, _ prices: PriceVersion) -> [UInt8] {
        var bytes = ByteWriter(capacity: 128)
        bytes.append(isAsked ? 1 : 0)
        for name in [rung.model, rung.canonical] {
            bytes.append(uint16: name.text.utf8.count)
            bytes.append(utf8: name.text)
        }
        bytes.append(uint64: prices.bytes)
        return bytes.bytes
    }

    /// As the script would write it of a plain answer, which concerns no allowance.
    static func plain(_ reason: UInt8, _ ticket: [UInt8]) -> [UInt8] { [reason, 0, 0] + ticket }

    init?(_ bytes: [UInt8]) {
        var reader = Unpacker(bytes)
        reason = Decision.Reason(code: reader.byte())
        let name = reader.bytes(Int(reader.unsigned(2)))
        allowance = name.isEmpty ? nil : Identifier(String(decoding: name, as: UTF8.self))
        isFirstRung = reader.byte() == 1
        model = Identifier(String(decoding: reader.bytes(Int(reader.unsigned(2))), as: UTF8.self))
        canonical = Identifier(String(decoding: reader.bytes(Int(reader.unsigned(2))), as: UTF8.self))
        prices = PriceVersion(bytes: reader.word())
        guard !reader.isBroken else { return nil }
    }

    /// The answer as it was given, but for the allowances.
    func decision(_ call: ReserveCall, _ report: HoldReport) -> Decision {
        var decision = Decision(isFirstRung ? .allow : .degrade, allowances: [])
        decision.model = model
        decision.maximumOutput = report.hold.output
        decision.expiresAt = report.hold.expires
        decision.reason = reason
        decision.allowance = allowance
        decision.held = report.hold.held
        decision.reservation = ReservationID(
            user: call.request.attribution.user, nonce: call.nonce, seal: report.hold.seal, model: canonical,
            priceClass: call.request.priceClass, priceVersion: prices, inputTokens: report.hold.input)
        return decision
    }
}
