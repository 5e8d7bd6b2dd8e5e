package import BudgetModel
import Crypto
import Yams

/// Who may call: the keys file, `- {key_sha256: ..., role: app|ops|read, environment: staging}`.
package struct AccessKeys: Sendable {
    package enum Role: String, CaseIterable, Sendable {
        case app, ops, read
    }
    private struct Key: Sendable {
        var digest: [UInt8]
        var role: Role
        var environment: Identifier?
    }
    private let keys: [Key]

    package struct Malformed: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Throws: ``Malformed`` with file and line, on the first thing wrong.
    package init(yaml: String, file: String) throws {
        guard let root = try Yams.compose(yaml: yaml), let items = root.sequence else {
            throw Malformed(description: "\(file): write a list of keys: - {key_sha256: ..., role: app}")
        }
        keys = try items.map { try Self.key($0, file) }
    }

    private static func key(_ node: Node, _ file: String) throws -> Key {
        let place = "\(file):\(node.mark?.line ?? 0)"
        guard let fields = node.mapping else { throw Malformed(description: "\(place): write {key_sha256: ..., role: app}") }
        for name in fields.keys where !["key_sha256", "role", "environment"].contains(name.string ?? "") {
            throw Malformed(description: "\(place): there is no field \"\(name.string ?? "?")\"; write key_sha256, role, environment")
        }
        guard let digest = fields["key_sha256"]?.scalar?.string, let bytes = bytes(hexadecimal: digest), bytes.count == 32 else {
            throw Malformed(description: "\(place): key_sha256 must be 64 hexadecimal digits (printf %s KEY | sha256sum)")
        }
        guard let role = fields["role"]?.scalar.flatMap({ Role(rawValue: $0.string) }) else {
            throw Malformed(description: "\(place): role must be app, ops or read")
        }
        var environment: Identifier?
        if let node = fields["environment"] {
            environment = node.scalar.map { Identifier($0.string) }
            guard environment?.isValid == true else { throw Malformed(description: "\(place): environment must be a name") }
            guard role == .app else { throw Malformed(description: "\(place): only an app key has an environment") }
        }
        return Key(digest: bytes, role: role, environment: environment)
    }

    private static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// Whose key a call carries.
    package struct Caller: Sendable {
        package var role: Role
        /// The environment an app key is bound to.
        package var environment: Identifier?
        /// Names the key in histories, without giving it away.
        package var name: String
    }

    /// - Parameter fields: a call's `Authorization` fields.
    /// - Throws: 401 without a known key.
    package func caller(of fields: [String]) throws(Problem) -> Caller {
        guard fields.count == 1, let field = fields.first, field.prefix(7).lowercased() == "bearer " else {
            throw .unauthorized("Send \"Authorization: Bearer KEY\".")
        }
        let digest = Array(SHA256.hash(data: Array(field.dropFirst(7).utf8)))
        // Every key is compared, each in constant time: how long it takes says nothing about any of them.
        var found: Key?
        for key in keys where Self.equal(key.digest, digest) { found = key }
        guard let found else { throw .unauthorized("The key is not known.") }
        return Caller(role: found.role, environment: found.environment, name: "key:" + hexadecimal(found.digest.prefix(4)))
    }

    /// The environment a decision's app key is bound to, if any.
    /// - Throws: 401 without a known key, 403 for a key of another role.
    package func environment(of fields: [String]) throws(Problem) -> Identifier? {
        let caller = try caller(of: fields)
        guard caller.role == .app else {
            throw Problem(403, "wrong_role", "Forbidden", "Decisions need an app key; this one has the role \(caller.role.rawValue).")
        }
        return caller.environment
    }

    private static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.count == b.count && zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Lower-case hexadecimal digits.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}
