/// What stands in the way of decisions.
package enum Obstacle: Hashable, Sendable {
    /// Redis cannot be asked; why, in words that are not for everybody's eyes: Redis' own may be among them.
    case storeUnavailable(String?)
    case noPolicy
    /// Redis answers, and has lost what it had: counters are being rebuilt from the ledger.
    case storeLostData
    /// Redis answers, and no ledger has said yet that it is its own: a first start, or a store that lost its data before this
    /// process began.
    case storeUnclaimed

    /// The readiness code.
    package var code: String {
        switch self {
        case .storeUnavailable: "store_unavailable"
        case .noPolicy: "no_policy"
        case .storeLostData: "store_lost_data"
        case .storeUnclaimed: "store_unclaimed"
        }
    }

    /// What is wrong with the store, in words; nil when nothing is.
    package var fault: String? {
        switch self {
        case .storeUnavailable(let why): why ?? "not connected"
        case .noPolicy: nil
        case .storeLostData: "it has lost its data; its counters are to be rebuilt from the ledger"
        case .storeUnclaimed: "no ledger has claimed it yet"
        }
    }
}

extension Obstacle: CustomStringConvertible {
    /// For logs.
    package var description: String { fault ?? "no policy" }
}
