import BudgetModel
import Crypto

/// What of an event is the same for very many: who asked, in general, and what was planned for. It lies in the store once, under a
/// digest of its bytes, and a reservation's record carries the digest alone. It names no user and no session.
struct AttributionRecord: Hashable, Sendable {
    struct Rung: Hashable, Sendable {
        /// As asked, or as the ladder writes it.
        var model: Identifier
        /// The catalogue's name.
        var canonical: Identifier
    }
    var feature: Identifier
    var tier: Identifier
    var team: Identifier?
    var environment: Identifier?
    var plan: Identifier?
    /// As the caller wrote it; nil for non-token costs.
    var modelAsked: Identifier?
    var priceClass: PriceClass
    var priceVersion: PriceVersion
    /// Whether the first rung is the model asked for.
    var asksFirstRung = false
    /// In the order tried; of a record the model, or none.
    var rungs: [Rung] = []

    init(_ attribution: Attribution, tier: Identifier, modelAsked: Identifier?, _ priceClass: PriceClass, _ prices: PriceVersion) {
        feature = attribution.feature
        self.tier = tier
        team = attribution.team
        environment = attribution.environment
        plan = attribution.plan
        self.modelAsked = modelAsked
        self.priceClass = priceClass
        priceVersion = prices
    }

    // MARK: Bytes

    /// Told apart from layouts to come.
    private static let version: UInt8 = 1

    func encode() -> [UInt8] {
        var bytes = ByteWriter(capacity: 128)
        bytes.append([Self.version, priceClass.code, asksFirstRung ? 1 : 0])
        bytes.append(uint64: priceVersion.bytes)
        bytes.append(counted: feature.text)
        bytes.append(counted: tier.text)
        // No id is empty.
        for id in [team, environment, plan, modelAsked] { bytes.append(counted: id?.text ?? "") }
        bytes.append(variable: Int64(rungs.count))
        for rung in rungs {
            bytes.append(counted: rung.model.text)
            bytes.append(counted: rung.canonical.text)
        }
        return bytes.bytes
    }

    /// nil when the bytes are none of ours.
    init?(_ bytes: [UInt8]) {
        var reader = Unpacker(bytes)
        guard reader.byte() == Self.version, let priceClass = PriceClass(code: reader.byte()) else { return nil }
        self.priceClass = priceClass
        asksFirstRung = reader.byte() == 1
        priceVersion = PriceVersion(bytes: reader.word())
        feature = Identifier(reader.text())
        tier = Identifier(reader.text())
        func optional() -> Identifier? {
            let text = reader.text()
            return text.isEmpty ? nil : Identifier(text)
        }
        (team, environment, plan, modelAsked) = (optional(), optional(), optional(), optional())
        for _ in 0..<min(reader.variable(), 256) {
            rungs.append(Rung(model: Identifier(reader.text()), canonical: Identifier(reader.text())))
        }
        guard !reader.isBroken, reader.isAtEnd else { return nil }
    }
}

/// The first eight bytes of a SHA-256: callers choose the names in an attribution, and none may pass for another's.
package struct AttributionDigest: Hashable, Sendable, CustomStringConvertible {
    let bits: UInt64

    init(bits: UInt64) { self.bits = bits }

    init(of bytes: [UInt8]) { bits = SHA256.hash(data: bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    /// 16 hexadecimal digits.
    package var description: String { hexadecimalDigits(of: bits) }
}

/// An attribution with its bytes and their digest, kept where requests of its kind meet it again.
final class KnownAttribution: Sendable {
    let digest: AttributionDigest
    let bytes: [UInt8]

    init(_ record: AttributionRecord) {
        bytes = record.encode()
        digest = AttributionDigest(of: bytes)
    }
}

/// Which attributions one event loop has left in the store.
struct AttributionMemory {
    private var left: Set<AttributionDigest> = []
    /// Whether the store has refused any of late: mostly it has not, and a decision looks no further than this.
    private(set) var hasRefused = false
    private var since: Int64 = 0
    /// One more, and all are left there anew.
    private static let maximum = 8_192
    /// Milliseconds after which all are left there anew, so that none in use passes its time to live.
    private static let renewal: Int64 = 86_400_000

    /// Whether it is yet to be left in the store.
    mutating func isNew(_ digest: AttributionDigest, at now: Int64) -> Bool {
        if left.contains(digest), now - since < Self.renewal { return false }
        if left.count >= Self.maximum || now - since >= Self.renewal { forgetAll() }
        if left.isEmpty { since = now }
        left.insert(digest)
        return true
    }

    /// It is yet to be left there.
    mutating func refused(_ digest: AttributionDigest) {
        left.remove(digest)
        hasRefused = true
    }

    mutating func forgetAll() {
        left.removeAll(keepingCapacity: true)
        hasRefused = false
    }
}
