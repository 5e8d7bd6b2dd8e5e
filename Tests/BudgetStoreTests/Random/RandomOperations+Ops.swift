import BudgetModel
import BudgetStore
import TestSupport

/// What ops do in between: assign, take back, grant, reset, and now and then what an older service left.
extension RandomOperations {
    /// Allowances counted per user in some policy, of every unit.
    static let counted: [(name: Identifier, unit: AllowanceUnit)] = [
        ("daily", .tokens), ("chat", .outputTokens), ("burst", .tokens), ("money", .usd), ("parallel", .inFlight), ("slow", .tokens),
        ("per-model", .tokens), ("input", .inputTokens), ("only-mini", .requests), ("plan-minute", .requests), ("forever", .requests),
    ]

    /// An amount that matters: requests and calls at once are few, where there are thousands of tokens and microcents.
    private mutating func amount(_ unit: AllowanceUnit, from least: Int64, to most: Int64) -> Int64 {
        let isFew = unit == .requests || unit == .inFlight
        return Int64.random(in: least...(isFew ? most / 500 : most), using: &random)
    }

    /// As ops write it: dollars for money, where the reference counts microcents.
    private static func written(_ amount: Int64, _ unit: AllowanceUnit) -> WrittenAmount {
        WrittenAmount(unit == .usd ? Money.dollars(amount) : "\(amount)")
    }

    mutating func opsDecide() async throws -> (String, String, String) {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: return await assign()
        case 3: return await unassign()
        case 4..<7: return await grant()
        case 7..<9: return await reset()
        default: return try await writePastTheService()
        }
    }

    private mutating func assign() async -> (String, String, String) {
        let user = random.pick(Self.users)
        var change = UserChange()
        var (tier, frozen, limits): (Identifier??, Bool?, [Identifier: Int64?]?) = (nil, nil, nil)
        if random.oneIn(2) {
            tier = .some(random.oneIn(3) ? nil : random.pick(["free", "pro", "gone"]))
            change.tier = tier.flatMap { $0 }.map { .set($0) } ?? .clear
        }
        if random.oneIn(2) {
            let freeze = random.oneIn(3)
            frozen = freeze
            change.frozen = .set(freeze)
        }
        if random.oneIn(2) {
            let (name, unit) = random.pick(Self.counted)
            let limit = random.oneIn(3) ? nil : amount(unit, from: 0, to: 9_000)
            limits = [name: limit]
            change.limits = .set([name: limit.map { Self.written($0, unit) }])
        }
        let asked = change
        let answer = await store.ask { $0.assign(asked, to: user, $1) }
        let theirs = Result { () throws(ReferenceRefusal) in
            try model.assign(user, tier: tier, frozen: frozen, limits: limits, at: now)
        }
        return ("assign \(user) \(asked)", text(answer) { _ in "assigned" }, text(theirs) { _ in "assigned" })
    }

    private mutating func unassign() async -> (String, String, String) {
        let user = random.pick(Self.users)
        let answer = await store.ask { $0.unassign(user, $1) }
        model.unassign(user, at: now)
        return ("take back from \(user)", text(answer) { _ in "" }, "")
    }

    private mutating func grant() async -> (String, String, String) {
        var user = random.pick(Self.users)
        let (name, unit) = random.pick(Self.counted)
        var request = GrantRequest(name, Self.written(amount(unit, from: 1, to: 3_000), unit).text)
        request.id = "g\(Int.random(in: 0..<200, using: &random))"
        if !random.oneIn(3) { request.expiresAt = now + Int64.random(in: -1_000...20_000_000, using: &random) }
        if name == "chat", random.oneIn(2) { request.dimensions = [.feature: random.pick(["chat", "}x"])] }
        if let last = lastGrant, random.oneIn(4) { (user, request) = last }
        lastGrant = (user, request)
        let (grantee, asked) = (user, request)
        let answer = await store.ask { $0.grant(asked, to: grantee, actor: "eva", id: "unused", $1) }
        let theirs = Result { () throws(ReferenceRefusal) in try model.grant(reference(asked), to: grantee, at: now) }
        return (
            "grant \(grantee) \(asked)", text(answer) { "\($0.topUp.before) \($0.replayed)" },
            text(theirs) { "\($0.before) \($0.replayed)" }
        )
    }

    private func reference(_ request: GrantRequest) -> ReferenceGrantRequest {
        let isMoney = Self.counted.contains { $0.name == request.allowance && $0.unit == .usd }
        let amount = DecimalNumber(request.amount.text)?.scaled(toPlaces: isMoney ? Money.places : 0) ?? 0
        return ReferenceGrantRequest(
            id: request.id ?? "", allowance: request.allowance, amount: amount, expiresAt: request.expiresAt,
            dimensions: request.dimensions)
    }

    private mutating func reset() async -> (String, String, String) {
        let user = random.pick(Self.users)
        let name = random.pick(Self.counted).name
        let answer = await store.ask { $0.reset(name, dimensions: [:], of: user, actor: "eva", reason: "", $1) }
        let theirs = Result { () throws(ReferenceRefusal) in try model.reset(name, of: user, at: now) }
        return (
            "reset \(name) of \(user)",
            text(answer) { "\($0.counters.map(\.usedBefore).filter { $0 > 0 }.sorted())" }, text(theirs) { "\($0)" }
        )
    }

    /// Policy may have had a tier that it has no more, and there may be grants without names.
    private mutating func writePastTheService() async throws -> (String, String, String) {
        let user = random.pick(Self.users)
        var reference = ReferenceAssignment()
        var assignment = Assignment()
        writtenPastTheService += 1
        assignment.revision = "r\(writtenPastTheService)"
        if random.oneIn(2) { reference.tier = random.pick(["free", "pro", "gone"]) }
        if random.oneIn(2) { reference.limits["daily"] = Int64.random(in: 0...9_000, using: &random) }
        for name: Identifier in ["daily", "chat", "burst"] where random.oneIn(3) {
            let before = now + Int64.random(in: 0...20_000_000, using: &random)
            reference.grants.append(
                ReferenceGrant(allowance: name, amount: Int64.random(in: 1...3_000, using: &random), before: before))
        }
        assignment.tier = reference.tier
        assignment.limits = reference.limits
        assignment.topUps = reference.grants.map { TopUp(allowance: $0.allowance, amount: $0.amount, before: $0.before) }
        try await store.assign(assignment, to: user)
        model.assignments[user] = reference
        return ("left by another: \(user)", "", "")
    }
}
