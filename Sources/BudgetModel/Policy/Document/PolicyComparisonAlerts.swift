extension PolicyComparison {
    /// Their order says nothing.
    mutating func compareAlerts() {
        let place = ComparedPlace().child("alerts")
        for rule in new.alerts {
            let place = place.child(rule.name.text, subject: "alert \(rule.name.text)")
            if let before = old.alerts.first(where: { $0.name == rule.name }) {
                fields(place, before.fields, rule.fields)
            } else {
                note(place, .added, to: spelled(rule.fields), "is new: \(spelled(rule.fields))")
            }
        }
        for rule in old.alerts where !new.alerts.contains(where: { $0.name == rule.name }) {
            let place = place.child(rule.name.text, subject: "alert \(rule.name.text)")
            note(place, .removed, from: spelled(rule.fields), "is removed: \(spelled(rule.fields))")
        }
    }

    mutating func compareDestinations() {
        let place = ComparedPlace().child("destinations")
        for name in (Array(old.destinations.keys) + new.destinations.keys).inOrder() {
            let place = place.child(name.text, subject: "destination \(name.text)")
            switch (old.destinations[name], new.destinations[name]) {
            case (let before?, let after?): fields(place, before.fields, after.fields)
            case (let before?, nil): note(place, .removed, from: spelled(before.fields), "is removed: \(spelled(before.fields))")
            case (nil, let after?): note(place, .added, to: spelled(after.fields), "is new: \(spelled(after.fields))")
            case (nil, nil): break
            }
        }
    }
}

/// `{on: request, above_usd: 1, send: pager}`.
private func spelled(_ fields: [ComparedField]) -> String {
    "{" + fields.map { "\($0.name): \($0.value)" }.joined(separator: ", ") + "}"
}

extension AlertRule {
    fileprivate var fields: [ComparedField] { trigger.fields + [("send", destination.text)] }
}

extension AlertRule.Trigger {
    fileprivate var fields: [ComparedField] {
        switch self {
        case .allowance(let shares):
            [("on", "allowance"), ("at", "[" + shares.map(Spelling.percentage).joined(separator: ", ") + "]")]
        case .spend(let window, let above):
            [("on", "spend"), ("window", Spelling.text(Spelling.window(window))), ("above_usd", Money.dollars(above))]
        case .request(let above): [("on", "request"), ("above_usd", Money.dollars(above))]
        case .spendRate(let window, let times):
            [
                ("on", "spend_rate"), ("window", Spelling.text(Spelling.window(window))),
                ("times_normal", decimalText(times, places: 3)),
            ]
        }
    }
}

extension Destination {
    fileprivate var fields: [ComparedField] {
        switch self {
        case .slack(let variable): [("type", "slack"), ("url_env", variable)]
        case .pagerDuty(let variable): [("type", "pagerduty"), ("routing_key_env", variable)]
        case .webhook(let url, let secret):
            [("type", "webhook"), ("url", url)] + (secret.map { [("secret_env", $0)] } ?? [])
        }
    }
}
