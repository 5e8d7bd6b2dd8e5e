import BudgetScripts

/// What a fresh connection goes through before it carries decisions.
struct Handshake {
    struct Step {
        let words: [String]
        /// What to tell people when the step failed; nil when all is well.
        let complaint: (Result<Reply, StoreFault>) -> String?
    }
    let steps: [Step]

    init(_ address: StoreAddress, scripts: ScriptLibrary) {
        var steps: [Step] = []
        if let password = address.password {
            let words = ["AUTH"] + (address.user.map { [$0] } ?? []) + [password]
            steps.append(Step(words: words, complaint: Self.mustSucceed("signing in")))
        }
        if address.database != 0 {
            steps.append(
                Step(
                    words: ["SELECT", String(address.database)],
                    complaint: Self.mustSucceed("selecting database \(address.database)")))
        }
        steps.append(Step(words: ["INFO", "memory"], complaint: Self.mustNotEvict))
        for script in Script.allCases {
            steps.append(
                Step(
                    words: ["SCRIPT", "LOAD", scripts[script].source],
                    complaint: { result in
                        if let failure = Self.mustSucceed("loading the script \(script.rawValue)")(result) { return failure }
                        guard case .success(let reply) = result, reply.text == scripts[script].digest else {
                            return "Redis names the script \(script.rawValue) otherwise than we do"
                        }
                        return nil
                    }))
        }
        self.steps = steps
    }

    /// A Redis that evicts keys would grant users fresh budgets. Where INFO is not permitted, nothing can be said.
    private static func mustNotEvict(_ result: Result<Reply, StoreFault>) -> String? {
        guard case .success(let reply) = result, let text = reply.text else { return nil }
        func value(_ name: String) -> Substring? {
            text.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name + ":") }?.dropFirst(name.count + 1)
        }
        guard let policy = value("maxmemory_policy"), policy != "noeviction", value("maxmemory") != "0" else { return nil }
        return "unsafe_maxmemory_policy: Redis would evict counters (\(policy)); set maxmemory-policy noeviction"
    }

    private static func mustSucceed(_ what: String) -> (Result<Reply, StoreFault>) -> String? {
        { result in
            switch result {
            case .success: nil
            case .failure(let fault): "\(what) failed: \(fault.words)"
            }
        }
    }
}
