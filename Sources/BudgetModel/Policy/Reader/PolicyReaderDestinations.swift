extension PolicyNode {
    func destinations() throws(PolicyError) -> [Identifier: Destination] {
        var destinations: [Identifier: Destination] = [:]
        for entry in try entries("write a mapping of destinations by name") {
            destinations[try entry.identifier("a destination's name")] = try entry.value.destination()
        }
        return destinations
    }

    private func destination() throws(PolicyError) -> Destination {
        let known = ["type", "url_env", "routing_key_env", "url", "secret_env"]
        let fields = try PolicyFields(self, known, "a destination")
        let type = try fields.required("type", "webhook").word(["slack", "pagerduty", "webhook"])
        switch type {
        case "slack":
            try fields.allow(["url_env"], of: type)
            return .slack(urlVariable: try fields.required("url_env", "SLACK_URL").variable())
        case "pagerduty":
            try fields.allow(["routing_key_env"], of: type)
            return .pagerDuty(routingKeyVariable: try fields.required("routing_key_env", "PD_KEY").variable())
        default:
            try fields.allow(["url", "secret_env"], of: type)
            let url = try fields.required("url", "https://example.com/hook").url()
            return .webhook(url: url, secretVariable: try fields["secret_env"]?.variable())
        }
    }

    /// The name of an environment variable.
    private func variable() throws(PolicyError) -> String {
        let advice = "write the name of an environment variable, such as HOOK_SECRET"
        let name = try text(advice)
        let isName = name.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "_") || (0x41...0x5A).contains($0 & 0xDF) }
        guard isName, let first = name.utf8.first, !isDigit(first), name.utf8.count <= Identifier.maximumLength else {
            throw refusal("\(quoted(name)) is no variable's name", advice)
        }
        return name
    }

    private func url() throws(PolicyError) -> String {
        let longest = 2_048
        let advice = "write an address such as https://example.com/hook, of up to \(longest) bytes"
        let url = try text(advice)
        let scheme = ["https://", "http://"].first { url.lowercased().hasPrefix($0) }
        let rest = url.dropFirst(scheme?.count ?? 0)
        let isPrintable = url.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        let hasHost = rest.first.map { !"/?#:@".contains($0) } ?? false
        guard scheme != nil, isPrintable, hasHost, url.utf8.count <= longest else {
            throw refusal("\(quoted(url)) is no http or https address", advice)
        }
        return url
    }
}

extension PolicyFields {
    /// Refuses fields of other types of destinations.
    fileprivate func allow(_ own: [String], of type: String) throws(PolicyError) {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) where name != "type" && !own.contains(name) {
            throw value.refusal("a \(type) destination takes no \(name)", "write \(own.joined(separator: " and ")) instead")
        }
    }
}
