import ArgumentParser
import Foundation

/// Environment variables, read once.
package struct Environment {
    private let variables: [String: String]

    package init(_ variables: [String: String] = ProcessInfo.processInfo.environment) { self.variables = variables }

    package func value(_ flag: String) -> String? { variables["TOKEN_BUDGET_\(flag)"].flatMap { $0.isEmpty ? nil : $0 } }

    /// `true` or `1`, `false` or `0`.
    package func flag(_ flag: String) throws -> Bool {
        switch value(flag) {
        case nil, "0", "false": return false
        case "1", "true": return true
        default: throw ValidationError("TOKEN_BUDGET_\(flag): write true or false")
        }
    }

    /// A secret, from its variable or from the file that `..._FILE` names.
    package func secret(_ flag: String) throws -> String? {
        if let value = value(flag) { return value }
        guard let path = value(flag + "_FILE") else { return nil }
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8) else {
            throw ValidationError("TOKEN_BUDGET_\(flag)_FILE names \(path), which cannot be read")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
