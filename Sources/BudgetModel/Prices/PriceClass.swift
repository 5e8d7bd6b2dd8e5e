/// How a request is billed by its provider.
package enum PriceClass: String, CaseIterable, Sendable, Hashable {
    case standard, batch, flex, priority

    /// The class in a reservation id; never change one.
    package var code: UInt8 {
        switch self {
        case .standard: 0
        case .batch: 1
        case .flex: 2
        case .priority: 3
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}
