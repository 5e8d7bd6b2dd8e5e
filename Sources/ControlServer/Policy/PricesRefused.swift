import BudgetModel
import BudgetStore

/// Why prices are not taken.
enum PricesRefused: Error {
    case unreadable(PolicyError)
    case changesInReading
    case policyNeedsMore(PolicyError)
    case comingPricesLack(PolicyError, DocumentVersion)
    case tooManyScheduled
    case past
}

extension PricesRefused: CustomStringConvertible {
    /// A sentence.
    var description: String {
        switch self {
        case .unreadable(let error): "\(error.path.isEmpty ? "" : error.path + ": ")\(error.problem); \(error.advice)."
        case .changesInReading: "The document would not be read back as it was meant."
        case .policyNeedsMore(let error):
            "The policy in force could not stand with these prices: \(error.path): \(error.problem)."
        case .comingPricesLack(let error, let coming):
            "Prices version \(coming.version), in force from \(Timestamp.text(coming.effectiveFrom)), lack what the policy names: "
                + "\(error.path): \(error.problem)."
        case .tooManyScheduled: "Versions that are still to come into force would push out the one in force."
        case .past: "Prices that were charged stay what they were: leave effective_from out, or later."
        }
    }
}
