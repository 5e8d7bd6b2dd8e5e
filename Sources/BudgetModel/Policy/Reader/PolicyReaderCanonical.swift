extension PriceCatalogue {
    /// JSON of the sections `aliases`, `prices` and, if something is said of them, `unpriced_models`, keys sorted by bytes, decimals exact.
    ///
    /// Equal catalogues give equal text, and reading it back gives an equal catalogue: a digest of it names a price version.
    package var canonicalText: String { object(sections) }

    fileprivate var sections: [Member] {
        let sections = [
            ("aliases", object(aliases.map { ($0.key.text, jsonString($0.value.text)) })),
            ("prices", object(models.map { ($0.key.text, $0.value.canonicalText) })),
        ]
        return sections + (unpriced.canonicalText.map { [("unpriced_models", $0)] } ?? [])
    }
}

extension UnpricedModels {
    fileprivate var canonicalText: String? {
        switch self {
        case .unsaid: nil
        case .reject: jsonString("reject")
        case .priceAs(let model): object([("price_as", jsonString(model.text))])
        }
    }
}

extension PriceDocument {
    /// The same of a whole document: with its discounts, if it has any.
    package var canonicalText: String {
        object(catalogue.sections + (discounts.isEmpty ? [] : [("discounts", discounts.text)]))
    }
}

extension [Discount] {
    /// As a policy's `discounts`, in JSON.
    package var json: [UInt8] { Array<UInt8>(text.utf8) }
    fileprivate var text: String { array(map { object($0.members) }) }
}

extension Discount {
    fileprivate var members: [Member] {
        let optional: [(String, String?)] = [
            ("from", from.map { jsonString(Timestamp.text($0)) }), ("until", until.map { jsonString(Timestamp.text($0)) }),
            ("models", models.map { array($0.map { jsonString($0.text) }) }),
        ]
        return [("name", jsonString(name.text)), ("percent", jsonString(share.text))]
            + optional.compactMap { name, text in text.map { (name, $0) } }
    }
}

extension ModelPrice {
    /// JSON as in a catalogue's; `init(stored:)` reads it back.
    package var canonicalText: String { object(members) }

    /// As a policy writes a model, in JSON, with where it came from.
    package func json(from source: String) -> [UInt8] { Array(object(members + [("from", jsonString(source))]).utf8) }

    private var members: [Member] {
        var members = standard.members
        for (priceClass, rates) in classes where priceClass != .standard {
            members.append((priceClass.rawValue, object(rates.members)))
        }
        if let maximumOutput { members.append(("max_output_tokens", String(maximumOutput))) }
        return members
    }
}

private typealias Member = (name: String, text: String)

extension SteppedRates {
    fileprivate var members: [Member] {
        let steps = above.map { (String($0.threshold), object($0.rates.members)) }
        return base.members + (steps.isEmpty ? [] : [("above", object(steps))])
    }
}

extension Rates {
    fileprivate var members: [Member] {
        var members = Self.fields.compactMap { name, field in
            self[keyPath: field].map { (name, decimalText($0, places: TokenRate.placesPerMillion)) }
        }
        if let perRequest { members.append(("per_request", decimalText(perRequest, places: TokenRate.places))) }
        return members
    }
}

private func object(_ members: [Member]) -> String {
    let sorted = members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return "{" + sorted.map { jsonString($0.name) + ":" + $0.text }.joined(separator: ",") + "}"
}

private func array(_ items: [String]) -> String { "[" + items.joined(separator: ",") + "]" }

/// A JSON string that YAML reads as the same text: what YAML takes for a line break or refuses to read is escaped.
func jsonString(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": result += "\\\(scalar)"
        case "\u{0}"..<" ", "\u{7F}"..."\u{A0}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
