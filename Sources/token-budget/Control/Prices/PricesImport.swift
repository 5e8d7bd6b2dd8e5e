import ArgumentParser
import BudgetClient
import CommandSupport

extension PricesCommand {
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the prices of LiteLLM's catalogue file.",
            discussion: """
                The file is `model_prices_and_context_window.json`. Models that are not priced per token are left out; how many, \
                and why, is told. A model without a price is never free.

                \(ExitCodes.help)

                Examples:
                  token-budget prices import model_prices_and_context_window.json --dry-run
                  token-budget prices import model_prices_and_context_window.json --effective-from 2026-12-01
                """)

        @Argument(help: "The catalogue, JSON; - is standard input.")
        var file: String

        @OptionGroup var effective: EffectiveOptions
        @OptionGroup(title: "Change") var change: ChangeOptions
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func request(_ catalogue: DocumentFile) -> ControlRequest<ImportReply> {
            .importPrices(catalogue.bytes, effectiveFrom: effective.effectiveFrom?.text())
                .because(change.reason).dryRun(change.dryRun)
        }

        func run() async throws {
            let catalogue = try DocumentFile.read(file)
            if let mistake = MistakenFile(notCatalogue: catalogue) { throw mistake }
            let size = Words.grouped(Int64(catalogue.bytes.count))
            do {
                let received = try await Progress.during("importing \(catalogue.name), \(size) bytes") {
                    try await catalogue.locating { try await service.withClient { try await $0.send(request(catalogue)) } }
                }
                output.show(received, text: Self.text)
            } catch let problem as BudgetProblem where ["empty_catalogue", "malformed_json"].contains(problem.code) {
                throw MistakenFile(refused: catalogue) ?? NothingTaken(problem) as any Error
            }
        }

        /// Nothing of the file was usable: why, entry by entry.
        struct NothingTaken: Error, CustomStringConvertible {
            let description: String

            init(_ problem: BudgetProblem) {
                let skipped = Import.skipped(problem.skipped ?? [])
                description = ["\(problem) \(MistakenFile.catalogue)", skipped].filter { !$0.isEmpty }.joined(separator: "\n\n")
            }
        }

        static func text(_ reply: ImportReply) -> [String] {
            let stored = reply.version.map { "price version \($0)" } ?? "prices stored"
            return [
                reply.dryRun == true ? "dry run: nothing was stored" : stored,
                TextTable(naming: [
                    ("from", reply.effectiveFrom.map(TextTable.time)),
                    ("models taken", Words.grouped(reply.taken)),
                    ("new", reply.added.map { Words.grouped($0) }),
                    ("changed", reply.changed.map { Words.grouped($0) }),
                    ("gone", reply.removed.map { Words.grouped($0) }),
                ]).text,
                skipped(reply.skipped ?? []),
                notes(reply.notes ?? []),
                ChangeText.cancelled(reply.supersedes),
            ]
        }

        /// A line for each kind of note: those of single fields, `field not used: mode`, are summed up.
        private static func notes(_ notes: [ImportReply.Note]) -> String {
            let groups = Dictionary(grouping: notes) { String($0.text.prefix { $0 != ":" }) }
            var told: Swift.Set<String> = []
            let lines = notes.compactMap { note -> String? in
                let kind = String(note.text.prefix { $0 != ":" })
                guard told.insert(kind).inserted, let group = groups[kind] else { return nil }
                if group.count == 1 { return "note: " + note.text + counted(note) }
                // The service names the most frequent first.
                let first = group.prefix(3).map { $0.text.dropFirst(kind.count + 2) + counted($0) }.joined(separator: ", ")
                return "note: \(kind): \(Words.grouped(group.count)) fields, such as \(first); --json has all"
            }
            return lines.map(TextTable.onOneLine).joined(separator: "\n")
        }

        private static func counted(_ note: ImportReply.Note) -> String { note.count.map { " (\(Words.grouped($0)))" } ?? "" }

        /// A line for each reason; empty without any.
        private static func skipped(_ groups: [ImportReply.Skipped]) -> String {
            guard !groups.isEmpty else { return "" }
            var table = TextTable(columns: [("LEFT OUT", .right), ("WHY", .left), ("SUCH AS", .left)])
            for group in groups {
                table.add([
                    Words.grouped(group.count), group.reason, TextTable.orBlank(group.examples?.prefix(3).joined(separator: ", ")),
                ])
            }
            return table.withoutBlankColumns.text
        }
    }
}
