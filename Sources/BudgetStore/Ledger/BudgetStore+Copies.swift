package import BudgetModel

/// What ops have decided about users, read for a ledger that was not told when they did.
extension BudgetStore {
    /// The assignments of those of these users that have one. One user's damage does not hide the others.
    package func assignmentCopies(of users: [Identifier], _ answer: @escaping Answer<[AssignmentCopy]>) {
        let gathering = Gathering(users.count, answer, [AssignmentCopy]())
        guard !users.isEmpty else { return answer(.success([])) }
        for user in users {
            var command = Command("HMGET")
            command.append(Keys.user(user))
            command.append("a")
            command.append("g")
            connection.send(command, inBackground: true) { result in
                let copies: Result<[AssignmentCopy], BudgetError>
                switch result {
                case .success(let reply): copies = .success(AssignmentCopy(of: user, reply).map { [$0] } ?? [])
                case .failure(.corrupt): copies = .success([])
                case .failure(let fault): copies = .failure(.store(fault))
                }
                gathering.take(copies) { $0 += $1 }
            }
        }
    }
}

extension AssignmentCopy {
    /// nil for a user nobody assigned anything.
    fileprivate init?(of user: Identifier, _ reply: Reply) {
        guard case .array(let fields) = reply, fields.count == 2, case .bytes(let assignment) = fields[0] else { return nil }
        var grants: [UInt8] = []
        if case .bytes(let stored) = fields[1] { grants = stored }
        self.init(user: user, assignment: assignment, grants: grants)
    }
}
