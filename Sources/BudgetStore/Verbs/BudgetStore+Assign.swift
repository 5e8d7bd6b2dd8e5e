package import BudgetModel
import BudgetScripts
import NIOCore

/// `PUT` and `DELETE /v1/users/{user}`: what ops decide about a user. Read, change, and put in the place of what was read; again
/// when another change came between.
extension BudgetStore {
    /// Merges `change` into what was decided before.
    package func assign(_ change: UserChange, to user: Identifier, _ answer: @escaping Answer<UserAccount>) {
        edit(user) { [self] (stored) throws(EditError) in
            guard let policy = snapshot?.policy else { return .always }
            try change.apply(to: &stored.assignment, policy)
            return .always
        } _: {
            answer($0)
        }
    }

    /// Takes back all that was decided about a user: tier, freeze, limits and grants.
    package func unassign(_ user: Identifier, _ answer: @escaping Answer<UserAccount>) {
        edit(user) { (stored) throws(EditError) in
            var nothing = Assignment()
            nothing.revision = stored.assignment.revision
            stored.assignment = nothing
            return .always
        } _: {
            answer($0)
        }
    }

    /// Changes a user's assignment; `change` answers between which times of the store what it wrote is right.
    func edit(
        _ user: Identifier, _ change: @escaping (inout StoredUser) throws(EditError) -> WindowBounds,
        _ answer: @escaping Answer<UserAccount>
    ) {
        attempt(UserEdit(user: user, change: change, answer: answer, end: .now() + connection.limits.editPatience))
    }

    private func attempt(_ edit: UserEdit) {
        stored(edit.user) { [self] result in
            switch result {
            case .failure(let error): edit.answer(.failure(error))
            case .success(var stored):
                let before = stored.assignment
                let validity: WindowBounds
                do throws(EditError) { validity = try edit.change(&stored) } catch { return edit.answer(.failure(.edit(error))) }
                guard stored.assignment != before else { return edit.answer(.success(account(of: stored))) }
                forgetGrants(of: &stored)
                stored.assignment.revision = nextRevision(after: before, at: stored.time)
                write(stored, over: before, validity) { [self] result in
                    switch result {
                    case .failure(let error): edit.answer(.failure(error))
                    case .success(true): edit.answer(.success(account(of: stored)))
                    case .success(false): attemptLater(edit)
                    }
                }
            }
        }
    }

    /// Tries again after a random pause, so that those who change one user at once do not go on meeting each other.
    private func attemptLater(_ edit: UserEdit) {
        guard .now() < edit.end else { return edit.answer(.failure(.userChanging)) }
        var edit = edit
        edit.pause = min(.nanoseconds(edit.pause.nanoseconds * 2), connection.limits.longestEditPause)
        let pause = TimeAmount.nanoseconds(.random(in: 0...edit.pause.nanoseconds))
        let bound = NIOLoopBound((store: self, edit: edit), eventLoop: connection.loop)
        connection.loop.scheduleTask(in: pause) { bound.value.store.attempt(bound.value.edit) }
    }

    /// - Parameter answer: gets false when the assignment is another by now, or the time is.
    private func write(
        _ stored: StoredUser, over before: Assignment, _ validity: WindowBounds, _ answer: @escaping Answer<Bool>
    ) {
        let record = AssignmentRecord.encode(stored.assignment)
        // What cannot be read again would shut the user out, here and on every other node.
        guard AssignmentRecord.decode(record) != nil else {
            return answer(.failure(.store(.corrupt("the user's assignment could not be read again"))))
        }
        run(.assign, keys: 2) { arguments in
            arguments.append(Keys.user(stored.user))
            arguments.appendStream(of: stored.user)
            arguments.append { $0.appendRevision(before.revision) }
            arguments.append(record)
            arguments.append { bytes in
                bytes.append(time: validity.start)
                bytes.append(time: validity.end)
            }
            arguments.append(GrantRecord.encode(stored.assignment))
            arguments.append { stored.granted?.append(to: &$0) }
        } _: { [self] result in
            answer(
                result.flatMap { bytes in
                    var reader = Unpacker(bytes)
                    let isWritten = reader.byte() == UInt8(ascii: "k")
                    observe(storeTime: reader.time())
                    guard learn(reader.bytes(Int(reader.unsigned(4))), of: stored.user) != nil, !reader.isBroken else {
                        return .failure(.store(.corrupt("the user's assignment cannot be read")))
                    }
                    return .success(isWritten)
                })
        }
    }

    /// Counts up from what it was, and starts from the clock: a user who was erased and is assigned something again must not get
    /// a revision that some node still remembers.
    private func nextRevision(after assignment: Assignment, at time: Int64) -> String {
        String(max((Int64(assignment.revision) ?? 0) + 1, time))
    }
}

/// A change to a user on its way.
private struct UserEdit {
    let user: Identifier
    let change: (inout StoredUser) throws(EditError) -> WindowBounds
    let answer: BudgetStore.Answer<UserAccount>
    let end: NIODeadline
    /// The longest wait before the latest attempt.
    var pause: TimeAmount = .milliseconds(2)
}
