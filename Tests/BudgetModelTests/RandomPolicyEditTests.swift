import BudgetModel
import TestSupport
import Testing

/// Random edits of every layout: the edited document says what was asked for, or the edit is refused as a policy would be.
@Suite struct RandomPolicyEditTests {
    static let steps = 100

    @Test(arguments: 0..<UInt64(EditedTexts.all.count))
    func anEditedDocumentSaysWhatWasMeant(index: UInt64) throws {
        var random = SeededGenerator(seed: index)
        let original = EditedTexts.all[Int(index)]
        var document = try PolicyDocument(text: original)
        var accepted = 0
        for step in 0..<Self.steps {
            // Now and then from the beginning, or every layout would end as the one that is written anew.
            if step % 10 == 0 { document = try PolicyDocument(text: original) }
            let name: Identifier = random.pick(["free", "pro", "team", "5 #'é"])
            guard let edited = try edit(document, name, &random) else { continue }
            // The end of the text is another section, which no edit of a tier may touch.
            // Before and behind the tiers nothing changes, and no comment goes unmentioned.
            try #require(edited.text.hasPrefix(original.prefix(5)) && edited.text.hasSuffix(original.suffix(20)), "\(edited.text)")
            let kept = EditedTexts.comments.filter(document.text.contains).allSatisfy(edited.text.contains)
            #expect(kept == !edited.commentsLost, "step \(step):\n\(document.text)\n\(edited.text)")
            let difference = PolicyDiff(from: document.policy, to: edited.policy)
            #expect(difference.isEmpty == (document.policy == edited.policy), "\(difference.changes)")
            document = edited
            accepted += 1
        }
        #expect(accepted > Self.steps / 2)
    }

    /// nil when the policy reader, too, refuses what was asked for.
    private func edit(
        _ document: PolicyDocument, _ name: Identifier, _ random: inout SeededGenerator
    ) throws -> PolicyDocument? {
        var expected = document.policy
        if random.oneIn(8), expected.defaultTier != name {
            expected.tiers[name] = nil
            let edited = try document.removing(tier: name)
            #expect(edited.policy == expected)
            return edited
        }
        let old = try document.json(ofTier: name).map { try JSONValue(parsing: $0) } ?? .object([])
        let json = text(RandomTier.changing(old, &random))
        // Read on its own, beside the same prices and default zone.
        let alone = try? Policy(
            yaml: "{\"time_zone\":\"\(expected.timeZone)\",\"tiers\":{\"t\":\(json)}}", prices: expected.catalogue)
        guard let tier = alone?.tiers["t"] else {
            #expect(throws: PolicyError.self) { try document.setting(tier: name, to: json.utf8) }
            return nil
        }
        expected.tiers[name] = tier
        // Tiers that share a name must share the counter: then the whole is refused although the tier is none to refuse.
        guard let edited = try? document.setting(tier: name, to: json.utf8) else {
            #expect(expected.hasNamesakes, "\(json)\n\(document.text)")
            return nil
        }
        #expect(edited.policy == expected, "\(json)\n\(edited.text)")
        return edited
    }

    private func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): String(value)
        case .number(let text): text
        case .string(let text): quoted(text)
        case .array(let items): "[" + items.map(text).joined(separator: ",") + "]"
        case .object(let fields): "{" + fields.map { quoted($0.key) + ":" + text($0.value) }.joined(separator: ",") + "}"
        }
    }

    private func quoted(_ text: String) -> String {
        var json = JSONText()
        json.string(text)
        return json.string
    }
}

extension Policy {
    fileprivate var hasNamesakes: Bool {
        let names = tiers.values.flatMap { $0.allowances.map(\.name) }
        return Set(names).count < names.count
    }
}

/// Tiers that differ from others in one to three places.
private enum RandomTier {
    static func changing(_ tier: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
        guard case .object(var fields) = tier else { return tier }
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let key = random.pick([
                "allowances", "allowances", "allowances", "degrade_to", "message", "max_output_tokens", "protected_hours",
            ])
            let place = fields.firstIndex { $0.key == key }
            if let place, random.oneIn(6) {
                fields.remove(at: place)
                continue
            }
            let value = value(of: key, place.map { fields[$0].value }, &random)
            if let place { fields[place].value = value } else { fields.insert((key, value), at: random.oneIn(2) ? 0 : fields.count) }
        }
        return .object(fields)
    }

    private static func value(of key: String, _ old: JSONValue?, _ random: inout SeededGenerator) -> JSONValue {
        switch key {
        case "allowances": .array(allowances(old, &random))
        case "degrade_to": .array(random.pick([[], ["mini"], ["nano", "mini"], ["mini", "nano"], ["none"]]).map { .string($0) })
        case "message":
            .string(
                random.pick([
                    "plain", "it's # over", "a: b", "{resets_at}!", "yes", "5", "null", "two\nlines\n", " - x ", "\"q\" \\ 'q'",
                    "é\u{2028}🙂",
                    "&a *b", "|", "", "#",
                ]))
        case "max_output_tokens": .number(random.pick(["0", "5", "99999", "5.0"]))
        default:
            .object([
                ("hours", .string(random.pick(["09:00-18:00", "22:00-06:00"]))), ("grace", .string(random.pick(["5%", "12.5%"]))),
            ])
        }
    }

    private static func allowances(_ old: JSONValue?, _ random: inout SeededGenerator) -> [JSONValue] {
        guard case .array(var items)? = old, !items.isEmpty else { return [allowance(&random)] }
        let place = Int.random(in: items.indices, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: items.insert(allowance(&random), at: place)
        case 1: items.append(allowance(&random))
        case 2: items.remove(at: place)
        case 3: items.shuffle(using: &random)
        default: items[place] = changed(items[place], &random)
        }
        return items
    }

    private static func allowance(_ random: inout SeededGenerator) -> JSONValue {
        .object([
            ("name", .string(random.pick(["a", "b", "c", "d", "e", "f"]))), ("unit", .string(random.pick(["tokens", "requests"]))),
            ("limit", .number(String(Int.random(in: 0...99, using: &random)))), ("window", .string(random.pick(["day", "week"]))),
        ])
    }

    private static func changed(_ item: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
        guard case .object(var fields) = item else { return item }
        let (key, value): (String, JSONValue) =
            switch Int.random(in: 0..<7, using: &random) {
            case 0...1: ("limit", .number(String(Int.random(in: 0...99_999, using: &random))))
            case 2: ("soft_limit", .string(random.pick(["50%", "80%", "101%"])))
            case 3:
                ("window", random.pick([.string("hour"), .object([("rolling", .string("5h"))]), .object([("month", .number("9"))])]))
            case 4: ("per", random.pick([.array([]), .array([.string("user"), .string("feature")])]))
            case 5: ("match", .object([("feature", .string(random.pick(["chat", "a b", "#1", "7"])))]))
            default: ("shadow", .bool(random.oneIn(2)))
            }
        if let place = fields.firstIndex(where: { $0.key == key }) {
            if random.oneIn(4) { fields.remove(at: place) } else { fields[place].value = value }
        } else {
            fields.insert((key, value), at: Int.random(in: 0...fields.count, using: &random))
        }
        return .object(fields)
    }
}
