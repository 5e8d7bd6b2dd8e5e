package import BudgetModel
import Crypto
import Synchronization

/// Who may call: the keys of a keys file. They can be replaced while calls come in; every call is judged by those of its moment.
package final class AccessKeys: Sendable {
    package enum Role: String, CaseIterable, Sendable {
        case app, ops, read
    }

    /// Whose key a call carries.
    package struct Caller: Sendable {
        package var role: Role
        /// The environment an app key is bound to.
        package var environment: Identifier?
        /// Names the key in histories, without giving it away.
        package var name: String
    }

    /// The keys in force, and whether the file says so too.
    package struct Status: Sendable {
        /// How many keys there are.
        package var count: Int
        /// Why what the file says now is not in force; nil when it is.
        package var problem: String?
    }

    private struct State: Sendable {
        var keys: [AccessKey]
        var problem: String?
    }
    private let state: Mutex<State>
    private let replacements = Atomic(0)

    /// - Parameter file: the name that errors give.
    /// - Throws: ``AccessKey/Malformed`` with file and line, on the first thing wrong.
    package init(yaml: String, file: String) throws { state = Mutex(State(keys: try AccessKey.list(yaml: yaml, file: file))) }

    /// From the next call on these keys count and no others.
    /// - Throws: as `init`; then the old ones stay in force.
    package func replace(yaml: String, file: String) throws {
        let keys = try AccessKey.list(yaml: yaml, file: file)
        state.withLock { $0 = State(keys: keys) }
        replacements.add(1, ordering: .releasing)
    }

    /// Says that the file could not be taken: the old keys stay in force.
    package func keep(because problem: String) { state.withLock { $0.problem = problem } }

    package var status: Status { state.withLock { Status(count: $0.keys.count, problem: $0.problem) } }

    /// Grows with every replacement: whoever remembers callers forgets them then.
    var revision: Int { replacements.load(ordering: .acquiring) }

    /// - Parameter fields: a call's `Authorization` fields.
    /// - Throws: 401 without a known key.
    package func caller(of fields: [String]) throws(Problem) -> Caller {
        guard fields.count == 1, let field = fields.first, field.prefix(7).lowercased() == "bearer " else {
            throw .unauthorized("Send \"Authorization: Bearer KEY\".")
        }
        let digest = Array(SHA256.hash(data: Array(field.dropFirst(7).utf8)))
        // Every key is compared, each in constant time: how long it takes says nothing about any of them.
        var found: AccessKey?
        for key in state.withLock({ $0.keys }) where constantTimeEqual(key.digest, digest) { found = key }
        guard let found else { throw .unauthorized("The key is not known.") }
        return Caller(role: found.role, environment: found.environment, name: found.label)
    }
}

/// Whether two byte strings are the same, in a time that depends on their lengths alone.
func constantTimeEqual(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
    a.count == b.count && zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}
