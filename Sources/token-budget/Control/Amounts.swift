import ArgumentParser
import Foundation

/// A decimal number as typed: its digits never pass through a binary fraction.
struct DecimalOption: ExpressibleByArgument, Hashable {
    let text: String
    let value: Decimal

    /// Takes `60000` and `0.50`; no sign, exponent, or grouping, and nothing that a JSON number could not be.
    init?(argument: String) {
        let parts = argument.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        guard isPlain, let whole = parts.first, whole == "0" || whole.first != "0", argument.utf8.count <= Self.longest,
            let value = Decimal(string: argument, locale: Locale(identifier: "en_US_POSIX"))
        else { return nil }
        text = argument
        self.value = value
    }

    /// Digits that `Decimal` holds exactly.
    private static let longest = 30
}

/// `daily-tokens=80000`
struct LimitOption: ExpressibleByArgument, Hashable {
    let allowance: String
    let limit: DecimalOption

    init?(argument: String) {
        guard let (name, amount) = DecimalOption.assigned(in: argument) else { return nil }
        (allowance, limit) = (name, amount)
    }
}

extension DecimalOption {
    /// `pro=20`: the name may have a `=` of its own.
    static func assigned(in argument: String) -> (name: String, amount: DecimalOption)? {
        guard let sign = argument.lastIndex(of: "="), sign != argument.startIndex,
            let amount = DecimalOption(argument: String(argument[argument.index(after: sign)...]))
        else { return nil }
        return (String(argument[..<sign]), amount)
    }
}

/// `feature=chat`
struct DimensionOption: ExpressibleByArgument, Hashable {
    let name: String
    let value: String

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex, sign != argument.indices.last else { return nil }
        name = String(argument[..<sign])
        value = String(argument[argument.index(after: sign)...])
    }

    /// - Throws: when one is named twice.
    static func dictionary(_ options: [DimensionOption]) throws -> [String: String]? {
        guard Set(options.map(\.name)).count == options.count else { throw ValidationError("A --dimension is given twice.") }
        return options.isEmpty ? nil : Dictionary(uniqueKeysWithValues: options.map { ($0.name, $0.value) })
    }
}

/// A share such as `80%`, or `none`.
struct ShareOption: ExpressibleByArgument, Hashable {
    /// nil is `none`.
    let text: String?

    init?(argument: String) {
        if argument == "none" {
            text = nil
        } else {
            guard argument.hasSuffix("%"), DecimalOption(argument: String(argument.dropLast())) != nil else { return nil }
            text = argument
        }
    }
}
