import Crypto

/// Which counter: name + unit + window + zone + the values of `per`. Changing a limit keeps it, changing the window starts another.
package struct CounterKey: Hashable, Sendable {
    package let name: Identifier
    /// Six base64url characters of a digest over unit, window, zone and the names of the `per` dimensions.
    package let identity: String
    package let isPerUser: Bool
    /// Values of the `per` dimensions but the user, in ``Dimension``'s order.
    package let values: [Identifier]
    package static let identityLength = 6

    package init(name: Identifier, identity: String, isPerUser: Bool, values: [Identifier]) {
        self.name = name
        self.identity = identity
        self.isPerUser = isPerUser
        self.values = values
    }

    package static func identity(of allowance: Allowance) -> String {
        let zone = allowance.window.isCalendar ? allowance.timeZone : ""
        let per = allowance.per.map(\.rawValue).joined(separator: ",")
        let text = [allowance.unit.rawValue, allowance.window.code, zone, per].joined(separator: "\n")
        let digest = SHA256.hash(data: Array(text.utf8))
        return String(decoding: Base64URL.encode(Array(digest.prefix(5))).prefix(identityLength), as: UTF8.self)
    }
}

extension CompiledAllowance {
    /// What a counter counts besides the user; most are the user's alone.
    func dimensions(of key: CounterKey) -> [(dimension: Dimension, value: Identifier)] {
        key.values.isEmpty ? [] : zip(allowance.per.filter { $0 != .user }, key.values).map { (dimension: $0, value: $1) }
    }
}
