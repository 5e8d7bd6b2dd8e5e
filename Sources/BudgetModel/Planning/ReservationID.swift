/// What a reservation id carries: enough to find its keys and to price it, so that any node settles it in one trip with
/// nothing but the id. Callers see opaque text.
package struct ReservationID: Hashable, Sendable {
    package var user: Identifier
    /// Tells a user's reservations apart, and is the name of its record: a node's own number, or the caller's idempotency key.
    package var nonce: [UInt8]
    package var seal: Seal
    /// Catalogue name of the model held.
    package var model: Identifier
    package var priceClass: PriceClass
    package var priceVersion: PriceVersion
    /// The estimate of the reserve: what a commit without usage is charged, and what chose the long-context step.
    package var inputTokens: Int64

    package init(
        user: Identifier, nonce: [UInt8], seal: Seal, model: Identifier, priceClass: PriceClass, priceVersion: PriceVersion,
        inputTokens: Int64
    ) {
        self.user = user
        self.nonce = nonce
        self.seal = seal
        self.model = model
        self.priceClass = priceClass
        self.priceVersion = priceVersion
        self.inputTokens = inputTokens
    }

    /// Every id begins so; the digit is the layout's version.
    package static let prefix = "tb1_"
    package static let maximumLength = 1_024

    package var text: String {
        var text = ByteWriter(capacity: 160)
        append(to: &text)
        return text.text
    }

    /// Its text: visible ASCII that no format needs to escape.
    package func append(to text: inout ByteWriter) {
        text.append(utf8: Self.prefix)
        text.append(base64URL: ByteWriter.bytes(capacity: 128, pack))
    }

    private func pack(_ bytes: inout ByteWriter) {
        seal.append(to: &bytes)
        bytes.append(priceClass.code)
        bytes.append(bytesOf: priceVersion.bytes.bigEndian)
        bytes.append(variable: UInt64(inputTokens))
        bytes.append(variable: UInt64(user.text.utf8.count))
        bytes.append(utf8: user.text)
        bytes.append(variable: UInt64(nonce.count))
        bytes.append(nonce)
        bytes.append(variable: UInt64(model.text.utf8.count))
        bytes.append(utf8: model.text)
    }

    /// nil for anything this service did not make.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength, text.utf8.starts(with: Self.prefix.utf8),
            let bytes = Base64URL.decode(text.utf8.dropFirst(Self.prefix.utf8.count))
        else { return nil }
        var reader = ByteReader(bytes)
        guard let issued = reader.number(6), let tag = reader.number(8),
            let code = reader.byte(), let priceClass = PriceClass(code: code),
            let version = reader.number(8), let input = reader.variable(), input <= UInt64(Amount.maximum),
            let user = reader.part(), let nonce = reader.part(), let model = reader.part(), reader.isAtEnd
        else { return nil }
        let userID = Identifier(String(decoding: user, as: UTF8.self))
        let modelID = Identifier(String(decoding: model, as: UTF8.self))
        guard userID.isValid, modelID.isValid, userID.text.utf8.elementsEqual(user), !nonce.isEmpty else { return nil }
        self.init(
            user: userID, nonce: Array(nonce), seal: Seal(issued: Int64(issued), tag: tag), model: modelID, priceClass: priceClass,
            priceVersion: PriceVersion(bytes: version), inputTokens: Int64(input))
    }
}

/// What must be equal in an id and in the stored record: when it was issued, and for which environment.
package struct Seal: Hashable, Sendable {
    /// Milliseconds of the store's clock.
    package var issued: Int64
    package var environment: EnvironmentTag

    package init(issued: Int64, environment: EnvironmentTag) {
        self.issued = issued
        self.environment = environment
    }

    /// 48 bits of time, then the tag: as the scripts compare it.
    package func append(to bytes: inout ByteWriter) {
        bytes.append(bytesOf: UInt16(truncatingIfNeeded: issued >> 32).bigEndian)
        bytes.append(bytesOf: UInt32(truncatingIfNeeded: issued).bigEndian)
        environment.append(to: &bytes)
    }

    /// - Parameter tag: the bits of an environment's tag.
    package init(issued: Int64, tag: UInt64) { self.init(issued: issued, environment: EnvironmentTag(bits: tag)) }
}

/// Which environment a reservation belongs to: an app key bound to another one does not find it.
package struct EnvironmentTag: Hashable, Sendable {
    fileprivate let bits: UInt64

    fileprivate init(bits: UInt64) { self.bits = bits }

    /// FNV-1a over the name's bytes; 0 for none.
    package init(_ environment: Identifier?) { bits = environment.map { fnv1a($0.text) } ?? 0 }

    /// Eight bytes, the most significant first.
    package func append(to bytes: inout ByteWriter) { bytes.append(bytesOf: bits.bigEndian) }
}

/// 64-bit FNV-1a (Fowler, Noll, Vo): stable over processes and versions, unlike Swift's seeded hashing.
package func fnv1a(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    text.withBytes { for byte in $0 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 } }
    return hash
}

extension ByteWriter {
    /// Seven bits a byte, least significant first (LEB128).
    package mutating func append(variable value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}

private struct ByteReader {
    private var bytes: ArraySlice<UInt8>
    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    var isAtEnd: Bool { bytes.isEmpty }
    mutating func byte() -> UInt8? { bytes.popFirst() }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= bytes.count else { return nil }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }

    /// The most significant byte first.
    mutating func number(_ length: Int) -> UInt64? { take(length)?.reduce(0) { $0 << 8 | UInt64($1) } }

    mutating func variable() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 56, by: 7) {
            guard let next = byte() else { return nil }
            value |= UInt64(next & 0x7F) << UInt64(shift)
            if next < 0x80 { return value }
        }
        return nil
    }

    mutating func part() -> ArraySlice<UInt8>? { variable().flatMap { $0 <= 1_024 ? take(Int($0)) : nil } }
}
