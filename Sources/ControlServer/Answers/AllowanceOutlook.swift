import BudgetModel
import UsageLedger

/// Whether an allowance lasts until it resets, if what is left goes as quickly as what was used since its window began.
struct AllowanceOutlook {
    enum Verdict: Hashable {
        /// Milliseconds.
        case runsOut(at: Int64)
        /// Nothing is left.
        case usedUp
        case lasts
        /// It has no window to take a rate from.
        case unknown(why: String)
    }

    let state: AllowanceState
    let verdict: Verdict
    /// In the unit, for a day at the present rate, cut off; nil where no rate is known.
    let perDay: Int64?
    /// Low while under a tenth of the window has passed.
    let confidence: Insight.Confidence
    private static let day: Int64 = 86_400_000

    /// - Parameters:
    ///   - definition: what policy says of it; nil when policy no longer knows it.
    ///   - now: milliseconds.
    init(_ state: AllowanceState, _ definition: Allowance?, now: Int64) {
        self.state = state
        let window = definition.flatMap { Self.window(of: state, $0, now) }
        guard let window, window.contains(now) else {
            perDay = nil
            confidence = .low
            verdict = state.remaining == 0 ? .usedUp : Self.withoutWindow(state, definition)
            return
        }
        let elapsed = max(now - window.start, 1)
        perDay = Int64(clamping: Int128(state.used) * Int128(Self.day) / Int128(elapsed))
        confidence = elapsed * 10 < window.end - window.start ? .low : .medium
        let wait = state.used > 0 ? Int128(state.remaining) * Int128(elapsed) / Int128(state.used) : Int128.max
        if state.remaining == 0 {
            verdict = .usedUp
        } else {
            verdict = wait < Int128(window.end - now) ? .runsOut(at: now + Int64(wait)) : .lasts
        }
    }

    /// The stretch in which the counter counts; nil where there is none.
    private static func window(of state: AllowanceState, _ definition: Allowance, _ now: Int64) -> WindowBounds? {
        switch definition.window {
        case .minute, .hour, .day, .week, .month:
            ZoneClock(definition.timeZone)?.bounds(of: definition.window, at: now)
        case .rolling(let duration): state.resetsAt.map { WindowBounds(start: $0 - duration, end: $0) }
        case .refill, .lifetime, .none: nil
        }
    }

    private static func withoutWindow(_ state: AllowanceState, _ definition: Allowance?) -> Verdict {
        switch definition?.window {
        case .rolling: .lasts
        case .refill: .unknown(why: "it refills all the time")
        case .lifetime: .unknown(why: "it never resets, and when it began to count is not known")
        case .some(.none): .unknown(why: "it counts what is open right now")
        default: .unknown(why: "policy no longer has it")
        }
    }

    var sentence: String {
        let name = TextOfAllowance.name(state)
        let reset = state.resetsAt.map { "it resets at \(Timestamp.text($0))" }
        let used = "\(Figures.amount(state.used, state.unit)) of \(limit) \(state.used == 1 ? "is" : "are") used"
        let rate = perDay.map { " at the present rate, \(Figures.amount($0, state.unit)) a day," } ?? ""
        switch verdict {
        case .usedUp: return "\(name) has nothing left\(reset.map { " until \($0)" } ?? "")."
        case .runsOut(let time):
            // A rate is not known to the millisecond.
            let moment = Timestamp.text(time - time % 1_000)
            return "\(name) will have nothing left at \(moment)\(rate) \(reset.map { "before \($0)" } ?? ""): \(used)."
        case .lasts where state.used == 0: return "\(name) is not used."
        case .lasts: return "\(name) lasts\(rate)\(reset.map { " until \($0)" } ?? ""): \(used)."
        case .unknown(let why): return "\(name) cannot be foreseen, for \(why): \(used)."
        }
    }

    private var limit: String { state.unit == .usd ? Figures.dollars(state.limit) : Figures.count(state.limit) }
}

private enum TextOfAllowance {
    /// `"company"`, `"by-team" (team "search")`
    static func name(_ state: AllowanceState) -> String {
        let values = state.dimensions.map { "\($0.dimension.rawValue) \(Figures.name($0.value.text))" }
        return Figures.name(state.name.text) + (values.isEmpty ? "" : " (\(values.joined(separator: ", ")))")
    }
}

extension Policy {
    /// What an allowance of this name and unit is; of two tiers' one of both: they differ in limits alone.
    func allowance(named name: Identifier, _ unit: AllowanceUnit) -> Allowance? {
        (allowances + tiers.sorted { $0.key.text < $1.key.text }.flatMap(\.value.allowances)).first {
            $0.name == name && $0.unit == unit
        }
    }
}
