extension PolicyReader {
    private static let tierFields = [
        "allowances", "degrade_to", "max_output_tokens", "message", "when_store_is_down", "store_down_cap", "protected_hours",
    ]

    mutating func readTier(_ place: PolicyNode, name: Identifier) throws(PolicyError) -> Tier {
        var tier = Tier()
        for field in try place.entries("write a mapping with fields such as allowances, or {}") {
            let value = field.value
            switch field.name {
            case "allowances": tier.allowances = try readAllowances(value, tier: name)
            case "degrade_to": tier.ladder = try value.ladder(names)
            case "max_output_tokens": tier.maximumOutput = try value.wholeNumber(example: 800)
            case "message": tier.message = try value.message()
            case "when_store_is_down": tier.whenStoreIsDown = try value.storeDownMode()
            case "store_down_cap": tier.storeDownCap = try value.storeDownCap()
            case "protected_hours": tier.protectedHours = try value.protectedHours(zone: names.timeZone)
            default: throw field.unknown(Self.tierFields)
            }
        }
        return tier
    }
}

extension PolicyNode {
    func features(_ names: PolicyNames) throws(PolicyError) -> [Identifier: Feature] {
        var features: [Identifier: Feature] = [:]
        for entry in try entries("write a mapping of features by name") {
            let fields = try PolicyFields(entry.value, ["max_output_tokens", "degrade_to"], "a feature")
            var feature = Feature()
            feature.maximumOutput = try fields["max_output_tokens"]?.wholeNumber(example: 800)
            feature.ladder = try fields["degrade_to"]?.ladder(names)
            features[try entry.identifier("a feature's name")] = feature
        }
        return features
    }

    fileprivate func storeDownMode() throws(PolicyError) -> StoreDownMode {
        StoreDownMode(rawValue: try word(StoreDownMode.allCases.map(\.rawValue))) ?? .reject
    }

    fileprivate func storeDownCap() throws(PolicyError) -> StoreDownCap {
        let fields = try PolicyFields(self, ["unit", "limit", "window"], "a cap")
        // A node alone cannot tell what is in flight elsewhere, and what is in flight has no window.
        let unit = try fields.required("unit", "tokens").unit(AllowanceUnit.allCases.filter { $0 != .inFlight })
        return StoreDownCap(
            unit: unit,
            limit: try fields.required("limit", "100000").limit(of: unit),
            window: try fields.required("window", "minute").calendarWindow(["minute", "hour", "day"]))
    }
}

// MARK: The message of a rejection

extension PolicyNode {
    /// Longest message in bytes: it goes into every rejection.
    private static var maximumMessageLength: Int { 2_000 }

    fileprivate func message() throws(PolicyError) -> String {
        let message = try text("write what an end user should read", free: true)
        let length = message.utf8.count
        guard length > 0, length <= Self.maximumMessageLength else {
            throw refusal("has \(length) bytes", "write 1 to \(Self.maximumMessageLength)")
        }
        let breaks: [Unicode.Scalar] = ["\n", "\t"]
        guard message.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control || breaks.contains($0) }) else {
            throw refusal("has control characters", "leave them out")
        }
        for part in message.split(separator: "{", omittingEmptySubsequences: false).dropFirst() {
            try checkPlaceholder(part)
        }
        return message
    }

    /// `rest` is what follows an opening brace.
    private func checkPlaceholder(_ rest: Substring) throws(PolicyError) {
        let all = Message.placeholders.map { "{\($0)}" }
        guard let end = rest.firstIndex(of: "}") else {
            throw refusal("has an opening brace without a closing one", "write placeholders as \(oneOf(all))")
        }
        let name = String(rest[..<end])
        guard Message.placeholders.contains(name) else {
            throw refusal("unknown placeholder \(quoted("{\(name)}"))", adviceOnSpelling(of: "{\(name)}", among: all))
        }
    }
}
