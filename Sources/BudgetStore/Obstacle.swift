/// What stands in the way of decisions.
package enum Obstacle: Hashable, Sendable {
    /// Redis cannot be asked; why, in words that are not for everybody's eyes: Redis' own may be among them.
    case storeUnavailable(String?)
    case noPolicy

    /// The readiness code.
    package var code: String {
        switch self {
        case .storeUnavailable: "store_unavailable"
        case .noPolicy: "no_policy"
        }
    }

    /// What is wrong with the store, in words; nil when nothing is.
    package var fault: String? {
        switch self {
        case .storeUnavailable(let why): why ?? "not connected"
        case .noPolicy: nil
        }
    }
}

extension Obstacle: CustomStringConvertible {
    /// For logs.
    package var description: String { fault ?? "no policy" }
}
