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
    /// An amount, alone or with what was granted already, passes 2^53 - 1.
    case amountTooLarge(pointer: String)
    /// The grant's id was used for another grant.
    case grantIDReused
    /// So many grants of this user still count that one more is refused.
    case tooManyGrants(Int)
    /// A user can have so many limits of their own, and the change would leave more.
    case tooManyLimits(Int)
}
