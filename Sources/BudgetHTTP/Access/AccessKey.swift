package import BudgetModel
import Crypto
import Yams

/// One key of a keys file: `- {key_sha256: ..., role: app|ops|read, environment: staging, name: eva}`.
package struct AccessKey: Sendable {
    /// SHA-256 of the key; the file and the set of keys know no more of it.
    package let digest: [UInt8]
    package let role: AccessKeys.Role
    /// The environment an app key is bound to.
    package let environment: Identifier?
    /// 1-64 visible ASCII characters.
    package let name: String?

    package struct Malformed: Error, CustomStringConvertible {
        package let description: String
    }

    /// Largest keys file that is read, bytes: some 8,000 keys.
    package static let maximumFile = 1 << 20

    /// - Throws: what is wrong with one of them.
    package init(digest: [UInt8], role: AccessKeys.Role, environment: Identifier?, name: String?) throws(Malformed) {
        if let environment {
            guard environment.isValid else { throw Malformed(description: "environment must be a name") }
            guard role == .app else { throw Malformed(description: "only an app key has an environment") }
        }
        if let name, !(1...64).contains(name.utf8.count) || !name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw Malformed(description: "name must be 1 to 64 visible ASCII characters")
        }
        self.digest = digest
        self.role = role
        self.environment = environment
        self.name = name
    }

    /// Names the key without giving it away.
    package var label: String { name ?? "key:" + digestStart }

    /// The first digits of the digest, enough to find the key's line by.
    package var digestStart: String { hexadecimal(digest.prefix(4)) }

    /// The key's line in a keys file.
    package var line: String {
        var fields = ["key_sha256: \(hexadecimal(digest))", "role: \(role.rawValue)"]
        if let environment { fields.append("environment: \(Self.quoted(environment.text))") }
        if let name { fields.append("name: \(Self.quoted(name))") }
        return "- {\(fields.joined(separator: ", "))}"
    }

    /// In JSON's quotes, which are YAML's too, unless it is plainly a word.
    private static func quoted(_ text: String) -> String {
        if text.wholeMatch(of: /[A-Za-z][A-Za-z0-9_\-]*/) != nil { return text }
        var json = JSONText(capacity: text.utf8.count + 2)
        json.string(text)
        return json.string
    }
}

// MARK: A new key

extension AccessKey {
    /// A fresh random key, `tb_` and 256 bits in base64url, with what a keys file says of it.
    /// - Throws: what is wrong with environment or name.
    package static func fresh(
        _ role: AccessKeys.Role, environment: Identifier?, name: String?
    ) throws(Malformed) -> (secret: String, key: AccessKey) {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...UInt8.max, using: &generator) }
        let secret = "tb_" + String(decoding: Base64URL.encode(bytes), as: UTF8.self)
        let digest = Array(SHA256.hash(data: Array(secret.utf8)))
        return (secret, try AccessKey(digest: digest, role: role, environment: environment, name: name))
    }
}

// MARK: Reading a file

extension AccessKey {
    /// - Throws: ``Malformed`` with file and line, on the first thing wrong.
    package static func list(yaml: String, file: String) throws -> [AccessKey] {
        guard let items = try tree(yaml, file)?.sequence else {
            throw Malformed(description: "\(file): write a list of keys: - {key_sha256: ..., role: app}")
        }
        var lines: [[UInt8]: Int] = [:]
        return try items.map { item in
            let line = item.mark?.line ?? 0
            let key = try AccessKey(item, at: "\(file):\(line)")
            if let first = lines.updateValue(line, forKey: key.digest) {
                throw Malformed(description: "\(file):\(line): the key of line \(first) once more; a key has one role")
            }
            return key
        }
    }

    private static func tree(_ yaml: String, _ file: String) throws -> Node? {
        do {
            return try Yams.compose(yaml: yaml)
        } catch {
            // Never the library's own text: it quotes the line, and somebody may have written a key there.
            switch error as? YamlError {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
                throw Malformed(description: "\(file):\(mark.line): this is not YAML: \(problem)")
            case .duplicatedKeysInMapping(_, let context):
                throw Malformed(description: "\(file):\(context.mark.line): a field stands there twice")
            default: throw Malformed(description: "\(file): this is not YAML")
            }
        }
    }

    private init(_ node: Node, at place: String) throws {
        func malformed(_ why: String) -> Malformed { Malformed(description: "\(place): \(why)") }
        guard let fields = node.mapping else { throw malformed("write {key_sha256: ..., role: app}") }
        for field in fields.keys where !["key_sha256", "role", "environment", "name"].contains(field.string ?? "") {
            throw malformed("besides key_sha256, role, environment and name there is nothing to write")
        }
        guard let digest = fields["key_sha256"]?.scalar.flatMap({ Self.bytes(hexadecimal: $0.string) }), digest.count == 32 else {
            throw malformed("key_sha256 must be 64 hexadecimal digits (printf %s KEY | sha256sum)")
        }
        guard let role = fields["role"]?.scalar.flatMap({ AccessKeys.Role(rawValue: $0.string) }) else {
            throw malformed("role must be app, ops or read")
        }
        let environment = fields["environment"].map { Identifier($0.scalar?.string ?? "") }
        do {
            try self.init(
                digest: digest, role: role, environment: environment, name: fields["name"].map { $0.scalar?.string ?? "" })
        } catch {
            throw malformed(error.description)
        }
    }

    private static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.utf8.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
