extension Policy {
    /// What is allowed to be written and hardly ever meant, a sentence each.
    package var warnings: [String] {
        if tiers.isEmpty { return ["The policy has no tier: every request is refused (422 unknown_tier)."] }
        let all = allowances + tiers.values.flatMap(\.allowances)
        guard all.allSatisfy(\.shadow) else { return [] }
        return ["The policy has no allowance that binds: nobody is limited, every request is allowed but those of frozen users."]
    }
}
