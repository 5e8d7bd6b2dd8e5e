import BudgetClient
import CommandSupport

extension TextTable {
    /// Versions of a document as people read them, newest first.
    init(_ versions: [VersionReply]) {
        self.init(columns: [
            ("VERSION", .right), ("STORED", .left), ("IN FORCE FROM", .left), ("BY", .left), ("BYTES", .right), ("NOTE", .left),
            ("REASON", .left),
        ])
        for version in versions {
            add([
                String(version.version), Self.time(version.at), version.effectiveFrom.map(Self.time) ?? Self.blank,
                Self.orBlank(version.actor), version.bytes.map { Words.grouped($0) } ?? Self.blank, Self.note(version),
                Self.orBlank(version.reason),
            ])
        }
        self = withoutBlankColumns
    }

    private static func note(_ version: VersionReply) -> String {
        let notes = [
            version.current == true ? "current" : nil, version.supersededBy.map { "cancelled by version \($0)" },
            version.rolledBackTo.map { "again version \($0)" },
        ].compactMap { $0 }
        return notes.isEmpty ? blank : notes.joined(separator: ", ")
    }

    static func orBlank(_ text: String?) -> String { text.flatMap { $0.isEmpty ? nil : $0 } ?? blank }
}
