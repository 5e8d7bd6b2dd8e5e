/// Why no plan can be made: the request is well formed but unusable under this policy (422).
package enum PlanError: Error, Hashable, Sendable {
    case noPolicy
    case unknownTier(Identifier?)
    case outputUnknown(model: Identifier)
    case minimumAboveMaximum
    case noModelLeft(minimum: Int64)
    case unpricedModel(Identifier, allowance: Identifier)
    case missingDimension(Dimension, allowance: Identifier)
    /// The field whose amount passes 2^53 - 1, alone or in a sum.
    case amountTooLarge(field: String)
}

extension PlanError: CustomStringConvertible {
    /// A sentence.
    package var description: String {
        switch self {
        case .noPolicy: "No policy is loaded yet."
        case .unknownTier(let tier):
            tier.map { "Policy has no tier \"\($0)\"." } ?? "No tier is given, assigned or default."
        case .outputUnknown(let model):
            "Neither feature, tier nor the model \"\(model)\" has a maximum output: send max_output_tokens."
        case .minimumAboveMaximum: "min_output_tokens is above the maximum output."
        case .noModelLeft(let minimum): "No model of the ladder can write \(minimum) tokens."
        case .unpricedModel(let model, let allowance):
            "\"\(model)\" has no price, and the allowance \"\(allowance)\" counts money."
        case .missingDimension(let dimension, let allowance):
            "The allowance \"\(allowance)\" requires \"\(dimension.rawValue)\"."
        case .amountTooLarge: "Tokens and cost must stay at or below \(Amount.maximum)."
        }
    }
}
