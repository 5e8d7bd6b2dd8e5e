import BudgetClient
import CommandSupport

extension PricesCommand {
    /// More differences than this are summed up: a catalogue has thousands of models.
    static let mostDifferences = 40
    /// So many of each kind are then still shown.
    private static let shown = 5

    /// What became of a price document that was to be stored.
    static func stored(_ reply: StoredReply) -> [String] {
        guard reply.changes.count > mostDifferences else { return ChangeText.blocks(reply, "price") }
        var short = reply
        let groups = Dictionary(grouping: reply.changes, by: \.kind).sorted { $0.key < $1.key }
        short.changes = groups.flatMap { $0.value.prefix(shown) }
        let counts = groups.map { "\(Words.grouped(Int64($0.value.count))) \($0.key)" }.joined(separator: ", ")
        let sum = "\(Words.grouped(Int64(reply.changes.count))) differences: \(counts). Some of each kind stand here; --json has all."
        var blocks = ChangeText.blocks(short, "price")
        blocks.insert(sum, at: reply.dryRun == true ? 0 : 1)
        return blocks
    }
}
