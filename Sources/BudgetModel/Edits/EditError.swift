/// Why ops' change to a user was refused; nothing was written.
package enum EditError: Error, Hashable, Sendable {
    /// Policy has no such tier.
    case unknownTier(Identifier)
    /// Policy counts no allowance of this name per user. The field is the request's, as its pointer names it.
    case unknownAllowance(Identifier, pointer: String)
    /// A field that is malformed in the allowance's unit, or not possible for it.
    case invalid(pointer: String, String)
    /// The allowance is not counted per this dimension.
    case unknownDimension(Dimension, allowance: Identifier)
    /// The allowance only counts requests with another value of this dimension.
    case neverCounted(Dimension, Identifier, allowance: Identifier)
    /// An amount, alone or with what was granted already, passes 2^53 - 1 of the unit, of dollars microcents.
    case amountTooLarge(pointer: String, AllowanceUnit)
    /// The grant's id was used for another grant.
    case grantIDReused
    /// So many grants of this user still count that one more is refused.
    case tooManyGrants(Int)
    /// A user can have so many limits of their own, and the change would leave more.
    case tooManyLimits(Int)
}

extension EditError: CustomStringConvertible {
    /// A sentence.
    package var description: String {
        switch self {
        case .unknownTier(let tier): PlanError.unknownTier(tier).description
        case .unknownAllowance(let name, _): "Policy counts no allowance \"\(name)\" per user."
        case .invalid(_, let detail): detail
        case .unknownDimension(let dimension, let allowance): "\"\(allowance)\" is not counted per \(dimension.rawValue)."
        case .neverCounted(let dimension, let value, let allowance):
            "\"\(allowance)\" never counts a request whose \(dimension.rawValue) is \"\(value)\"."
        case .amountTooLarge(_, let unit):
            "An allowance, with all that is granted, must stay at or below "
                + (unit == .usd ? "\(Money.dollars(Amount.maximum)) dollars." : "\(Amount.maximum).")
        case .grantIDReused: "The id was used for another grant of this user."
        case .tooManyGrants(let limit): "\(limit) grants of this user still count. Give the user a limit instead."
        case .tooManyLimits(let limit):
            "A user can have \(limit) limits of their own. Clear some with null, or make a tier of them."
        }
    }
}
