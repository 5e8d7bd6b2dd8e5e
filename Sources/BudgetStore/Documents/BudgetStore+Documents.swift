import BudgetModel
import BudgetScripts
import Crypto

/// Policy and prices as the store keeps them: every version, who stored it, when and why. Not for the hot path.
extension BudgetStore {
    /// Stores a new version of a document.
    /// - Parameter basis: the version it builds upon, 0 for none; nil stores it on top of whatever is there.
    /// - Returns: the new version, or ``BudgetError/versionConflict(_:)`` when another is the latest.
    package func publish(
        _ kind: DocumentKind, _ text: String, _ facts: DocumentFacts, basis: Int64?, _ answer: @escaping Answer<DocumentVersion>
    ) {
        var facts = facts
        facts.bytes = text.utf8.count
        facts.digest = Self.digest(text)
        let complete = facts
        run(.publish, keys: 1) { arguments in
            arguments.append(Keys.document(kind))
            arguments.append(basis.map { String($0) } ?? "*")
            arguments.append(complete.json)
            arguments.append(text)
            arguments.append(String(kind.versionsKept))
            arguments.append(complete.digest)
        } _: { result in
            answer(
                result.flatMap { bytes in
                    var reader = Unpacker(bytes)
                    let isStored = reader.byte() == UInt8(ascii: "k")
                    let version = reader.time()
                    guard isStored else { return .failure(.versionConflict(version)) }
                    return .success(DocumentVersion(version, storedAt: reader.time(), complete))
                })
        }
    }

    /// First 8 hexadecimal digits of a text's SHA-256.
    package static func digest(_ text: String) -> String {
        hexadecimal(SHA256.hash(data: Array(text.utf8)).prefix(4))
    }

    /// A document's latest version; nil when there is none.
    package func latestMark(of kind: DocumentKind, _ answer: @escaping Answer<DocumentMark?>) {
        connection.send(Command("HMGET", Keys.document(kind), "n", "d")) { result in
            answer(
                result.mapError(BudgetError.store).flatMap { reply in
                    guard case .array(let parts) = reply, parts.count == 2 else { return .failure(Self.damaged(kind)) }
                    if case .null = parts[0] { return .success(nil) }
                    guard let version = parts[0].text.flatMap({ Int64($0) }), version > 0 else { return .failure(Self.damaged(kind)) }
                    return .success(DocumentMark(version: version, digest: parts[1].text ?? ""))
                })
        }
    }

    /// One version with its text; nil when there is none, or it is no longer kept.
    package func document(_ kind: DocumentKind, version: Int64, _ answer: @escaping Answer<StoredDocument?>) {
        connection.send(Command("HMGET", Keys.document(kind), "m:\(version)", "t:\(version)")) { result in
            answer(
                result.mapError(BudgetError.store).flatMap { reply in
                    guard case .array(let parts) = reply, parts.count == 2 else { return .failure(Self.damaged(kind)) }
                    guard case .bytes(let facts) = parts[0], case .bytes(let bytes) = parts[1] else { return .success(nil) }
                    guard let known = DocumentVersion(version, facts), let text = String(validating: bytes, as: UTF8.self) else {
                        return .failure(Self.damaged(kind))
                    }
                    return .success(StoredDocument(version: known, text: text))
                })
        }
    }

    /// Versions from `newest` down, those that are kept.
    /// - Parameter count: how many numbers are looked at, at most.
    package func history(
        of kind: DocumentKind, from newest: Int64, count: Int64, _ answer: @escaping Answer<[DocumentVersion]>
    ) {
        let numbers = Array(stride(from: newest, to: max(0, newest - min(count, Int64(kind.versionsKept))), by: -1))
        guard !numbers.isEmpty else { return answer(.success([])) }
        var command = Command("HMGET", Keys.document(kind))
        for number in numbers { command.append("m:\(number)") }
        connection.send(command) { result in
            answer(
                result.mapError(BudgetError.store).flatMap { reply in
                    guard case .array(let parts) = reply, parts.count == numbers.count else { return .failure(Self.damaged(kind)) }
                    var versions: [DocumentVersion] = []
                    for (number, part) in zip(numbers, parts) {
                        guard case .bytes(let bytes) = part else { continue }
                        guard let version = DocumentVersion(number, bytes) else { return .failure(Self.damaged(kind)) }
                        versions.append(version)
                    }
                    return .success(versions)
                })
        }
    }

    private static func damaged(_ kind: DocumentKind) -> BudgetError {
        .store(.corrupt("the stored \(kind.rawValue) cannot be read"))
    }
}
