import BudgetClient

/// Compares the service's counters with the run's own books: a fast service with a wrong ledger is no result.
///
/// The users of a run are fresh, so their counters begin at 0. Compared are counters of tokens that count each request of a
/// user, in a window of the calendar that did not end during the run. Which these are is asked of the service itself: what
/// a `check` of every combination of feature and model names, with the same end before and after the run.
struct LedgerCheck: Sendable {
    /// Allowances of other units are not compared: one is enough to find a call booked twice or not at all.
    static let unit = "tokens"
    /// Users read at a time.
    private static let readers = 8

    private let traffic: Traffic
    private let maker: RequestMaker
    private let client: BudgetClient

    init(_ settings: LoadSettings, _ client: BudgetClient) {
        traffic = settings.traffic
        maker = RequestMaker(settings)
        self.client = client
    }

    /// Per tier of the mix, the allowances that every request counts against, with the end of their window.
    /// - Parameter models: besides those of the mix.
    func counters(models: [String]) async throws -> [[String: String]] {
        var tiers: [[String: String]] = []
        for tier in Self.choices(traffic.tiers) {
            var common: [String: String]?
            for feature in Self.choices(traffic.features) {
                for model in Set(traffic.models.names + models).sorted() {
                    let named = try await counters(tier, feature, model)
                    common = common?.filter { named[$0.key] == $0.value } ?? named
                }
            }
            tiers.append(common ?? [:])
        }
        return tiers
    }

    private static func choices(_ mix: Mix?) -> [String?] { mix?.names ?? [nil] }

    private func counters(_ tier: String?, _ feature: String?, _ model: String) async throws -> [String: String] {
        var body = ReserveBody(user: traffic.userPrefix + "nobody", model: model, inputTokens: 0)
        body.maxOutputTokens = 0
        body.attribution.tier = tier
        body.attribution.feature = feature
        let ends = try await client.check(body).allowances.compactMap { allowance in
            allowance.unit == Self.unit ? allowance.resetsAt.map { (allowance.name, $0) } : nil
        }
        return Dictionary(ends, uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter before: what `counters` said before the run.
    func findings(_ record: RunRecord, before: [[String: String]]) async -> LedgerFindings {
        var findings = LedgerFindings()
        var users = record.books.busiest(LoadLimits.compared)[...]
        // A service that is gone by now has compared nothing, but what was measured stands.
        guard let after = try? await counters(models: record.otherModels) else {
            findings.usersUnread = users.count
            return findings
        }
        let steady = zip(before, after).map { before, after in before.filter { after[$0.key] == $0.value } }
        while !users.isEmpty {
            let batch = users.prefix(Self.readers)
            users = users.dropFirst(Self.readers)
            for (user, reply) in await read(Array(batch)) {
                guard let held = record.books.held(by: user, at: ConnectionPool.now), !record.books.users[user].isUnknown else {
                    findings.usersUnknown += 1
                    continue
                }
                guard let reply else {
                    findings.usersUnread += 1
                    continue
                }
                let used = record.books.users[user].charged
                findings.compare(
                    traffic.user(user), used: used, held: held, reply.allowances, steady: steady[maker.tier(of: user)])
            }
        }
        return findings
    }

    /// What the service shows for some users; nil where it does not.
    private func read(_ users: [Int]) async -> [(Int, UserReply?)] {
        await withTaskGroup(of: (Int, UserReply?).self) { group in
            for user in users {
                group.addTask { (user, try? await client.user(traffic.user(user))) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}
