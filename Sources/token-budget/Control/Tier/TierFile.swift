import BudgetClient
import BudgetModel
import Foundation
import Yams

/// A tier's section in a file of its own.
enum TierFile {
    /// As the JSON that the service takes. YAML becomes JSON value by value; whether it is a tier is the service's to say.
    static func section(_ document: DocumentFile) throws -> Data {
        if document.form == .json { return document.bytes }
        guard let text = String(data: document.bytes, encoding: .utf8) else {
            throw DocumentFile.Unreadable(description: "\(document.name): is not UTF-8")
        }
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw DocumentFile.Unreadable(description: "\(document.name): is empty")
            }
            return Data(try value(node).compactText.utf8)
        } catch let error as YamlError {
            throw DocumentFile.Unreadable(description: "\(document.name): \(error)")
        }
    }

    private static func value(_ node: Node) throws -> JSONValue {
        switch node {
        case .mapping(let mapping):
            .object(try mapping.map { key, value in (try name(key), try Self.value(value)) })
        case .sequence(let sequence): .array(try sequence.map(value))
        case .scalar(let scalar): scalar.style == .plain || scalar.style == .any ? plain(scalar.string) : .string(scalar.string)
        case .alias: throw DocumentFile.Unreadable(description: "anchors and aliases are not taken")
        }
    }

    private static func name(_ key: Node) throws -> String {
        guard let scalar = key.scalar else { throw DocumentFile.Unreadable(description: "a field's name must be plain text") }
        return scalar.string
    }

    /// Text without quotes: what looks like a JSON number stays one, digit by digit.
    private static func plain(_ text: String) -> JSONValue {
        switch text {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "", "~", "null": return .null
        default:
            if case .number? = try? JSONValue(parsing: text.utf8) { return .number(text) }
            return .string(text)
        }
    }
}
