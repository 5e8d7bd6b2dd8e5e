import BudgetModel

/// Who granted a user's top-ups, as the field `g` of the user's hash: the revision of the assignment it was written with, a line
/// feed, and for each of its top-ups, in their order, null or `{"id","granted_at","actor","reason","fingerprint"}`.
enum GrantRecord {
    /// Empty when no top-up has a name.
    static func encode(_ assignment: Assignment) -> [UInt8] {
        guard assignment.topUps.contains(where: { $0.grant != nil }) else { return [] }
        var json = JSONText()
        json.array { json in
            for topUp in assignment.topUps {
                if let grant = topUp.grant { json.object { append(grant, to: &$0) } } else { json.null() }
            }
        }
        return Array(assignment.revision.utf8) + [0x0A] + json.bytes
    }

    private static func append(_ grant: Grant, to json: inout JSONText) {
        json.text("id", grant.id)
        json.key("granted_at")
        json.integer(grant.grantedAt)
        json.text("actor", grant.actor)
        json.text("reason", grant.reason)
        json.key("fingerprint")
        json.plain { $0.append(base64URL: grant.fingerprint) }
    }

    /// Names the top-ups of the assignment that the record was written with; another assignment's stay without.
    static func name(_ assignment: inout Assignment, _ bytes: [UInt8]) {
        let revision = Array(assignment.revision.utf8) + [0x0A]
        guard bytes.starts(with: revision), case .array(let items) = try? JSONValue(parsing: bytes.dropFirst(revision.count)),
            items.count == assignment.topUps.count
        else { return }
        for index in items.indices { assignment.topUps[index].grant = grant(items[index]) }
    }

    private static func grant(_ json: JSONValue) -> Grant? {
        guard let id = json["id"]?.text else { return nil }
        return Grant(
            id: id, grantedAt: json["granted_at"]?.integer ?? 0, actor: json["actor"]?.text ?? "",
            reason: json["reason"]?.text ?? "",
            fingerprint: json["fingerprint"]?.text.flatMap { Base64URL.decode(Array($0.utf8)) } ?? [])
    }
}
