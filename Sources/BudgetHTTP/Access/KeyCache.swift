package import BudgetModel

/// One event loop's memory of who sent a key before, so that a decision costs one look instead of a digest. It never outlives
/// a change of the keys, and remembers known keys only: a stranger is worked out anew each time and takes no room.
///
/// What it remembers is the field as it was sent, so the keys in use are in this process' memory: where every call brings its key
/// in the clear they would be found there in any case.
package final class KeyCache {
    private let keys: AccessKeys
    private var revision: Int
    private var callers: [PresentedKey: AccessKeys.Caller] = [:]
    /// Entries at most: a key can be there once for each way of writing "Bearer".
    private static let capacity = 1_024

    package init(_ keys: AccessKeys) {
        self.keys = keys
        revision = keys.revision
    }

    /// The environment a decision's app key is bound to, if any.
    /// - Parameter fields: a call's `Authorization` fields.
    /// - Throws: 401 without a known key, 403 for a key of another role.
    package func environment(of fields: [String]) throws(Problem) -> Identifier? {
        let caller = try caller(of: fields)
        guard caller.role == .app else {
            throw Problem(403, "wrong_role", "Forbidden", "Decisions need an app key; this one has the role \(caller.role.rawValue).")
        }
        return caller.environment
    }

    private func caller(of fields: [String]) throws(Problem) -> AccessKeys.Caller {
        let revision = keys.revision
        if self.revision != revision {
            callers.removeAll()
            self.revision = revision
        }
        guard fields.count == 1, let presented = fields.first.map(PresentedKey.init) else { return try keys.caller(of: fields) }
        if let caller = callers[presented] { return caller }
        // Asked for after the revision was read: what is remembered is never older than the revision it stands under.
        let caller = try keys.caller(of: fields)
        if callers.count >= Self.capacity { callers.removeAll() }
        callers[presented] = caller
        return caller
    }
}

@available(*, unavailable)
extension KeyCache: Sendable {}

/// An `Authorization` field as it was sent, compared in constant time. Where a table looks for it is told by a hash with a
/// seed of this process' own, so that a guess learns nothing from how long it takes.
private struct PresentedKey: Hashable {
    let field: String

    init(_ field: String) { self.field = field }

    static func == (a: PresentedKey, b: PresentedKey) -> Bool { constantTimeEqual(a.field.utf8, b.field.utf8) }
    func hash(into hasher: inout Hasher) { hasher.combine(field) }
}
