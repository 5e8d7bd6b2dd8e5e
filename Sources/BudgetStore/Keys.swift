package import BudgetModel

/// The shapes of every key in Redis, all in this file. Keys are injective over the bytes of what they name.
///
/// | key | holds |
/// |---|---|
/// | `tb:{NN}:u:USER` | a user's hash: `a` assignment, `g` who granted its top-ups, `t` tier last seen, a field per counter |
/// | `tb:{NN}:r:USER:NONCE` | a reservation's record |
/// | `tb:{NN}:x` | the partition's holds by expiry; members are `USER:NONCE` |
/// | `tb:{NN}:l` | the partition's events on their way to the ledger, a stream |
/// | `tb:i:DIGEST` | an attribution that many events share |
/// | `tb:ledger:lease` | the node that keeps the ledger |
/// | `tb:epoch` | whose ledger the store's is, and that it has all its data, see ``StoreEpoch`` |
/// | `tb:c:NAME:IDENTITY:VALUE...` | a counter that many users share |
/// | `tb:shared` | the list of those counters, for people to see them |
/// | `tb:would_reject` | how often a shadow allowance would have refused: fields NAME and TIER |
/// | `tb:prices:VERSION` | a catalogue of prices, by digest |
/// | `tb:d:policy`, `tb:d:prices` | a document with its history: `n` latest version, `m:V` facts and `t:V` text of version V |
package enum Keys {
    /// Partitions of users; a partition's keys share a hash tag, so Redis Cluster can spread them. Never change it: keys depend on it.
    package static let partitions = 64
    private static let separator: UInt8 = 0x1F

    package static func partition(of user: Identifier) -> Int { Int(fnv1a(user.text) % UInt64(partitions)) }

    package static func user(_ user: Identifier) -> [UInt8] {
        ByteWriter.bytes { appendUser(user, partition: partition(of: user), to: &$0) }
    }

    package static func reservation(_ user: Identifier, nonce: [UInt8]) -> [UInt8] {
        ByteWriter.bytes { appendReservation(user, nonce: nonce, partition: partition(of: user), to: &$0) }
    }

    static func appendUser(_ user: Identifier, partition: Int, to key: inout ByteWriter) {
        appendPrefix(partition, to: &key)
        key.append("u:")
        appendEncoded(user.text, to: &key)
    }

    static func appendReservation(_ user: Identifier, nonce: [UInt8], partition: Int, to key: inout ByteWriter) {
        appendPrefix(partition, to: &key)
        key.append("r:")
        appendEncoded(user.text, to: &key)
        key.append(UInt8(ascii: ":"))
        nonce.withUnsafeBytes { appendEncoded($0, to: &key) }
    }

    static func appendExpiryIndex(partition: Int, to key: inout ByteWriter) {
        appendPrefix(partition, to: &key)
        key.append(UInt8(ascii: "x"))
    }

    package static func expiryIndex(partition: Int) -> [UInt8] {
        ByteWriter.bytes { appendExpiryIndex(partition: partition, to: &$0) }
    }

    // MARK: The ledger

    package static func stream(partition: Int) -> [UInt8] {
        ByteWriter.bytes { appendStream(partition: partition, to: &$0) }
    }

    static func appendStream(partition: Int, to key: inout ByteWriter) {
        appendPrefix(partition, to: &key)
        key.append(UInt8(ascii: "l"))
    }

    /// The partition whose stream this is; nil for another key.
    static func partition(stream key: [UInt8]) -> Int? {
        guard key.count == 9, key.last == UInt8(ascii: "l") else { return nil }
        return Int(String(decoding: key[4..<6], as: UTF8.self))
    }

    static func attribution(_ digest: AttributionDigest) -> String { "tb:i:\(digest)" }

    package static let lease = "tb:ledger:lease"

    package static let epoch = "tb:epoch"

    package static func prices(_ version: PriceVersion) -> String { "tb:prices:\(version)" }

    static func document(_ kind: DocumentKind) -> String { "tb:d:\(kind.rawValue)" }

    // MARK: Users and reservations, read back

    /// What SCAN must match to meet every user whose id has `part` in it; some others match too.
    static func users(containing part: String) -> [UInt8] {
        ByteWriter.bytes {
            $0.append("tb:{*}:u:*")
            guard !part.isEmpty else { return }
            appendEncoded(part, to: &$0)
            $0.append(UInt8(ascii: "*"))
        }
    }

    /// The user whose hash this is; nil for another key.
    static func user(key: [UInt8]) -> Identifier? {
        guard key.count > 9, key.starts(with: "tb:{".utf8), key[6...].starts(with: "}:u:".utf8) else { return nil }
        return Identifier(String(decoding: decoded(key[10...]), as: UTF8.self))
    }

    /// What SCAN must match to meet exactly a user's reservations and records.
    static func reservations(of user: Identifier) -> [UInt8] { reservation(user, nonce: []) + [UInt8(ascii: "*")] }

    /// What a user's members of the expiry index match.
    static func members(of user: Identifier) -> [UInt8] {
        ByteWriter.bytes {
            appendEncoded(user.text, to: &$0)
            $0.append(":*")
        }
    }

    /// The index's member of a reservation whose key this is.
    static func member(reservationKey key: [UInt8]) -> [UInt8] { Array(key.dropFirst("tb:{00}:r:".utf8.count)) }

    static func reservation(member: [UInt8], partition: Int) -> [UInt8] {
        ByteWriter.bytes {
            appendPrefix(partition, to: &$0)
            $0.append("r:")
            $0.append(member)
        }
    }

    /// The user of a member of the index; nil for something else.
    static func user(member: [UInt8]) -> Identifier? {
        guard let end = member.firstIndex(of: UInt8(ascii: ":")), end > 0 else { return nil }
        return Identifier(String(decoding: decoded(member[..<end]), as: UTF8.self))
    }

    // MARK: Shadow allowances

    static let wouldReject = "tb:would_reject"

    static func shadow(_ allowance: ShadowAllowance) -> [UInt8] {
        Array(allowance.name.text.utf8) + [separator] + Array(allowance.tier.text.utf8)
    }

    static func shadow(field: [UInt8]) -> ShadowAllowance? {
        let parts = field.split(separator: separator, omittingEmptySubsequences: false).map {
            Identifier(String(decoding: $0, as: UTF8.self))
        }
        return parts.count == 2 ? ShadowAllowance(name: parts[0], tier: parts[1]) : nil
    }

    // MARK: Counters

    /// The list of shared counters; `lua/counter.lua` keeps it.
    static let shared = "tb:shared"

    /// A user's counter: a field of the user's hash. Ids hold no control characters, so the separator is never theirs.
    package static func field(_ counter: CounterKey) -> [UInt8] {
        ByteWriter.bytes { field in
            field.append(utf8: counter.name.text)
            field.append(separator)
            field.append(utf8: counter.identity)
            for value in counter.values {
                field.append(separator)
                field.append(utf8: value.text)
            }
        }
    }

    package static func sharedCounter(_ counter: CounterKey) -> [UInt8] {
        ByteWriter.bytes { key in
            key.append("tb:c:")
            appendEncoded(counter.name.text, to: &key)
            key.append(UInt8(ascii: ":"))
            key.append(utf8: counter.identity)
            for value in counter.values {
                key.append(UInt8(ascii: ":"))
                appendEncoded(value.text, to: &key)
            }
        }
    }

    /// Where a counter lies: the field of its user's hash, or its own key.
    static func place(of counter: CounterKey) -> [UInt8] { counter.isPerUser ? field(counter) : sharedCounter(counter) }

    /// The counter behind a field of a user's hash; nil for the hash's other fields.
    package static func counter(field: [UInt8]) -> CounterKey? {
        counter(parts: field.split(separator: separator, omittingEmptySubsequences: false).map(Array.init), isPerUser: true)
    }

    package static func counter(sharedKey: [UInt8]) -> CounterKey? {
        guard sharedKey.starts(with: "tb:c:".utf8) else { return nil }
        let parts = sharedKey.dropFirst(5).split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        return counter(parts: parts.map(decoded), isPerUser: false)
    }

    private static func counter(parts: [[UInt8]], isPerUser: Bool) -> CounterKey? {
        guard parts.count >= 2, parts[1].count == CounterKey.identityLength else { return nil }
        let texts = parts.map { String(decoding: $0, as: UTF8.self) }
        return CounterKey(
            name: Identifier(texts[0]), identity: texts[1], isPerUser: isPerUser, values: texts[2...].map { Identifier($0) })
    }

    // MARK: Encoding

    private static func appendPrefix(_ partition: Int, to key: inout ByteWriter) {
        key.append("tb:{")
        key.append(UInt8(ascii: "0") + UInt8(partition / 10))
        key.append(UInt8(ascii: "0") + UInt8(partition % 10))
        key.append("}:")
    }

    /// Letters, digits, `.`, `_`, `-`, `@`, `=` stand for themselves, every other byte is `%XX`: nothing can look like our own
    /// punctuation or a hash tag, and different bytes never make one key.
    private static func appendEncoded(_ text: String, to key: inout ByteWriter) {
        text.withBytes { appendEncoded(UnsafeRawBufferPointer($0), to: &key) }
    }

    private static func appendEncoded(_ bytes: UnsafeRawBufferPointer, to key: inout ByteWriter) {
        if bytes.allSatisfy(standsForItself) { return key.append(bytes) }
        for byte in bytes {
            if standsForItself(byte) {
                key.append(byte)
            } else {
                key.append(UInt8(ascii: "%"))
                key.append(hexadecimal[Int(byte >> 4)])
                key.append(hexadecimal[Int(byte & 15)])
            }
        }
    }

    private static func standsForItself(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "@"), UInt8(ascii: "="):
            true
        default: false
        }
    }

    private static let hexadecimal = Array("0123456789ABCDEF".utf8)

    private static func decoded(_ text: some Collection<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.count >= 2 else {
                bytes.append(byte)
                continue
            }
            let pair = String(decoding: rest.prefix(2), as: UTF8.self)
            bytes.append(UInt8(pair, radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
