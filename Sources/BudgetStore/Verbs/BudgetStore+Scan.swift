import BudgetModel

/// Looking through many keys or members, a bounded step at a time.
extension BudgetStore {
    /// What one step met, and where the next begins; the cursor is 0 behind the last.
    struct ScanStep {
        var cursor: UInt64
        var found: [[UInt8]]
    }

    /// Keys that match.
    func scan(keys match: [UInt8], from cursor: UInt64, _ answer: @escaping Answer<ScanStep>) {
        scan(Command("SCAN"), match, from: cursor, answer)
    }

    /// Members of a sorted set that match.
    func scan(members match: [UInt8], ofSorted key: [UInt8], from cursor: UInt64, _ answer: @escaping Answer<ScanStep>) {
        var command = Command("ZSCAN")
        command.append(key)
        scan(command, match, from: cursor) { result in
            answer(
                result.map { step in
                    // Every other one is a score.
                    ScanStep(cursor: step.cursor, found: stride(from: 0, to: step.found.count, by: 2).map { step.found[$0] })
                })
        }
    }

    /// Members of a set.
    func scan(membersOf key: String, from cursor: UInt64, _ answer: @escaping Answer<ScanStep>) {
        scan(Command("SSCAN", key), [UInt8(ascii: "*")], from: cursor, answer)
    }

    private func scan(_ start: consuming Command, _ match: [UInt8], from cursor: UInt64, _ answer: @escaping Answer<ScanStep>) {
        var command = start
        command.append(String(cursor))
        command.append("MATCH")
        command.append(match)
        command.append("COUNT")
        command.append(String(connection.limits.scanStep))
        connection.send(command) { result in
            switch result {
            case .failure(let fault): answer(.failure(.store(fault)))
            case .success(.array(let parts)):
                guard parts.count == 2, let next = parts[0].text.flatMap(UInt64.init), case .array(let items) = parts[1] else {
                    return answer(.failure(.store(.corrupt("a scan answers something else"))))
                }
                let found = items.compactMap { if case .bytes(let bytes) = $0 { bytes } else { nil } }
                answer(.success(ScanStep(cursor: next, found: found)))
            case .success: answer(.failure(.store(.corrupt("a scan answers something else"))))
            }
        }
    }
}
