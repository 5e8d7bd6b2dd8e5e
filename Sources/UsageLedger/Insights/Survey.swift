import BudgetModel

/// One settled request, as far as insights look at it. Valid for the row under the cursor.
struct SurveyRow {
    var dimensions: Int64
    var reservedAt: Int64
    var usage: Usage
    /// Microcents; nil without a price.
    var cost: Int64?
    /// `max_output_tokens` as granted; nil without a reserve.
    var granted: Int64?
    /// The caller's label says that nobody waits for the answer.
    var canWait: Bool

    static let columns = """
        dims, reserved_at, usage_input, usage_output, usage_cached, usage_cache_write, usage_reasoning, cost, output_granted,
        \(waiting)
        """

    /// Labels are stored as compact JSON, so a label is a substring: inside a value its quotes would be escaped.
    private static let waiting =
        "CASE WHEN labels IS NULL THEN 0 WHEN "
        + [#""batchable":"true""#, #""batch":"ok""#, #""interactive":"false""#].map { "LOWER(labels) LIKE '%\($0)%'" }
        .joined(separator: " OR ") + " THEN 1 ELSE 0 END"

    init(_ row: any SQLRow) {
        func integer(_ column: Int) -> Int64 { row.integer(column) ?? 0 }
        dimensions = integer(0)
        reservedAt = integer(1)
        usage = Usage(inputTokens: integer(2), outputTokens: integer(3))
        usage.cachedInputTokens = integer(4)
        usage.cacheWriteInputTokens = integer(5)
        usage.reasoningTokens = integer(6)
        cost = row.integer(7)
        granted = row.integer(8)
        canWait = integer(9) == 1
    }
}

/// Whose requests of which model: what most insights are about.
struct Traffic: Hashable {
    var feature: String?
    var model: String

    var subject: [Insight.Entry<String?>] { [.init("feature", feature), .init("model", model)] }
    /// `"chat" on gpt-4o`
    var text: String { "\(Figures.name(feature, none: "no feature")) on \(model)" }
}

/// What is known of all requests of one dimension set, looked up once.
struct SurveyLens {
    var traffic: Traffic
    var priceClass: PriceClass
    var price: ModelPrice?
    /// Models that follow on the ladder, in its order.
    var rungs: [Rung] = []

    struct Rung {
        var model: Identifier
        var price: ModelPrice
    }
}

/// Reads settled requests once and keeps, for each feature and model, what insights need of them.
struct Survey {
    private(set) var requests: Int64 = 0
    /// By ``Traffic``, of which each lens knows its place here.
    private var uses: [TrafficUse] = []
    private var places: [Traffic: Int] = [:]
    private var lenses: [Int64: (lens: SurveyLens, place: Int)] = [:]
    private var hours: HourOfDay
    private let limits: InsightLimits

    /// - Parameter lenses: by the number of the dimension set; requests of other sets are not looked at.
    init(_ lenses: [Int64: SurveyLens], _ zone: ZoneClock, _ limits: InsightLimits) {
        self.limits = limits
        hours = HourOfDay(zone: zone)
        for (dimensions, lens) in lenses {
            let place = places[lens.traffic] ?? uses.count
            if place == uses.count { uses.append(TrafficUse(price: lens.price)) }
            places[lens.traffic] = place
            self.lenses[dimensions] = (lens, place)
        }
    }

    mutating func add(_ row: SurveyRow) {
        guard let (lens, place) = lenses[row.dimensions] else { return }
        requests += 1
        uses[place].add(row, lens, hours.of(row.reservedAt), limits)
    }

    /// What there was, in the order of names.
    var found: [(traffic: Traffic, use: TrafficUse)] {
        places.map { (traffic: $0, use: uses[$1]) }.filter { $0.use.requests > 0 }
            .sorted { ($0.traffic.feature ?? "", $0.traffic.model) < ($1.traffic.feature ?? "", $1.traffic.model) }
    }

    /// Local hours of times that come in order: zones are asked once for each quarter of an hour.
    private struct HourOfDay {
        let zone: ZoneClock
        private var quarter: Int64 = .min
        private var known = (day: 0, hour: 0)

        init(zone: ZoneClock) { self.zone = zone }

        mutating func of(_ time: Int64) -> (day: Int, hour: Int) {
            let asked = floorDivide(time, Rollup.quarterLength)
            if asked != quarter {
                let local = zone.localTime(at: asked * Rollup.quarterLength)
                known = (local.day, local.second / 3_600)
                quarter = asked
            }
            return known
        }
    }
}
