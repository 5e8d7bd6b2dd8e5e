package import BudgetModel

/// `GET /v1/users`: who has anything stored, in no particular order. Redis knows no such list, so its keys are looked through, so
/// many per answer: a page may have fewer users than asked for, and still another one behind it.
extension BudgetStore {
    /// - Parameter search: part of the id, compared by bytes; empty for all.
    /// - Parameter limit: most users of the page.
    /// - Parameter cursor: where the last page ended; nil begins.
    /// - Parameter answer: fails with ``BudgetError/unknownCursor`` for a cursor of somebody else's.
    package func users(search: String, limit: Int, cursor: String?, _ answer: @escaping Answer<UserPage>) {
        guard snapshot != nil else { return answer(.failure(.plan(.noPolicy))) }
        guard let place = cursor.map(UserCursor.init(text:)) ?? UserCursor() else { return answer(.failure(.unknownCursor)) }
        let steps = max(1, connection.limits.scannedKeys / connection.limits.scanStep)
        gather(UserSearch(part: search, limit: limit, place: place, stepsLeft: steps), answer)
    }

    private func gather(_ search: UserSearch, _ answer: @escaping Answer<UserPage>) {
        scan(keys: Keys.users(containing: search.part), from: search.place.step) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let step):
                var search = search
                if search.take(step) { return describe(search, answer) }
                gather(search, answer)
            }
        }
    }

    /// Adds tier and freeze of each, all asked at once.
    private func describe(_ search: UserSearch, _ answer: @escaping Answer<UserPage>) {
        let cursor = search.isDone ? nil : search.place.text
        guard !search.found.isEmpty else { return answer(.success(UserPage(users: [], nextCursor: cursor))) }
        var users: [UserPage.User] = []
        var failure: BudgetError?
        for (index, user) in search.found.enumerated() {
            var command = Command("HMGET")
            command.append(Keys.user(user))
            command.append("a")
            command.append("t")
            connection.send(command) { [self] result in
                switch result {
                case .success(let reply): users.append(listed(user, reply))
                // One user's damage does not hide the others.
                case .failure(.corrupt): users.append(listed(user, .null))
                case .failure(let fault): failure = .store(fault)
                }
                // Answers come in order: this was the last.
                guard index == search.found.count - 1 else { return }
                answer(failure.map { .failure($0) } ?? .success(UserPage(users: users, nextCursor: cursor)))
            }
        }
    }

    private func listed(_ user: Identifier, _ reply: Reply) -> UserPage.User {
        var fields: [Reply] = [.null, .null]
        if case .array(let found) = reply, found.count == 2 { fields = found }
        var bytes: [UInt8] = []
        if case .bytes(let stored) = fields[0] { bytes = stored }
        let assignment = AssignmentRecord.decode(bytes) ?? Assignment()
        let tier = assignment.tier ?? fields[1].text.map { Identifier($0) } ?? snapshot?.policy.defaultTier
        return UserPage.User(user: user, tier: tier, frozen: assignment.frozen)
    }
}

/// Some of the users there are.
package struct UserPage: Sendable {
    package struct User: Hashable, Sendable {
        package var user: Identifier
        /// Assigned, else last seen, else the policy's default.
        package var tier: Identifier?
        package var frozen: Bool
    }
    package var users: [User]
    /// nil on the last page.
    package var nextCursor: String?
}

/// A listing on its way.
private struct UserSearch {
    let part: String
    let limit: Int
    var place: UserCursor
    var stepsLeft: Int
    var found: [Identifier] = []
    var isDone = false

    init(part: String, limit: Int, place: UserCursor, stepsLeft: Int) {
        self.part = part
        self.limit = limit
        self.place = place
        self.stepsLeft = stepsLeft
    }

    /// Takes what a step met; true when the page is complete.
    mutating func take(_ step: BudgetStore.ScanStep) -> Bool {
        let met = step.found.compactMap(Keys.user(key:)).filter { contains($0) && place.isBefore($0) }.sorted(by: UserCursor.inOrder)
        let room = limit - found.count
        found += met.prefix(room)
        stepsLeft -= 1
        if met.count > room {
            place.last = found.last
            return true
        }
        place = UserCursor(step: step.cursor)
        isDone = step.cursor == 0
        return isDone || stepsLeft == 0 || found.count == limit
    }

    private func contains(_ user: Identifier) -> Bool {
        part.isEmpty || Array(user.text.utf8).firstRange(of: Array(part.utf8)) != nil
    }
}

/// Where a page ended: at a step of the scan, or after a user in the midst of one.
private struct UserCursor {
    var step: UInt64 = 0
    var last: Identifier?

    init(step: UInt64 = 0) { self.step = step }

    init?(text: String) {
        guard let bytes = Base64URL.decode(Array(text.utf8)),
            let end = bytes.firstIndex(of: 0x0A), let step = UInt64(String(decoding: bytes[..<end], as: UTF8.self))
        else { return nil }
        self.step = step
        guard end + 1 < bytes.count else { return }
        let last = Identifier(String(decoding: bytes[(end + 1)...], as: UTF8.self))
        guard last.isValid else { return nil }
        self.last = last
    }

    var text: String {
        let bytes = Array("\(step)\n".utf8) + Array((last?.text ?? "").utf8)
        return String(decoding: Base64URL.encode(bytes), as: UTF8.self)
    }

    func isBefore(_ user: Identifier) -> Bool { last.map { Self.inOrder($0, user) } ?? true }

    static func inOrder(_ a: Identifier, _ b: Identifier) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }
}
