import ArgumentParser
import BudgetClient
import BudgetModel
import CommandSupport
import ControlServer
import Foundation

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Show, compare, change and roll back the policy.",
        discussion: """
            A running service keeps every version. A change holds within a second on every node and loses no counter.

            Examples:
              token-budget policy show > policy.yaml
              token-budget policy diff policy.yaml
              token-budget policy apply policy.yaml --reason "more for free users"
              token-budget policy rollback 12 --reason "too much"
            """,
        subcommands: [Check.self, Show.self, Diff.self, Apply.self, History.self, Rollback.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read a policy file and say whether the service would take it.",
            discussion: """
                Needs no service. Prints what the policy holds, or the first mistake with its line and what to write instead \
                (exit code 1). Models that only the service's price document knows are not known here: see `policy diff`.

                Example:
                  token-budget policy check policy.yaml
                """)

        @Argument(help: "The policy, YAML or JSON.")
        var file: String

        @Flag(help: "Print a JSON object, for scripts; of a mistake, too.")
        var json = false

        func run() throws {
            let policy: Policy
            do {
                policy = try PolicyFile(reading: file).document().policy
            } catch let error where json {
                print(JSONLayout.indented(report(error)))
                throw ExitCode.failure
            }
            if json { return print(JSONLayout.indented(report(policy))) }
            let counts = [
                Words.count(policy.tiers.count, "tier"), Words.count(allowances(of: policy), "allowance"),
                Words.count(policy.features.count, "feature"), Words.count(policy.catalogue.models.count, "priced model"),
            ]
            print("\(file): ok (\(counts.joined(separator: ", ")))")
            for warning in policy.warnings { print("\(file): warning: \(warning)") }
        }

        private func report(_ policy: Policy) -> [UInt8] {
            JSONText.check(of: file, isOK: true) { json in
                for (name, count) in [
                    ("tiers", policy.tiers.count), ("allowances", allowances(of: policy)), ("features", policy.features.count),
                    ("priced_models", policy.catalogue.models.count),
                ] {
                    json.key(name)
                    json.integer(Int64(count))
                }
                json.key("warnings")
                json.array { json in for warning in policy.warnings { json.string(warning) } }
            }
        }

        private func report(_ error: any Error) -> [UInt8] {
            JSONText.check(of: file, isOK: false) { json in
                json.text("error", "\(error)")
                guard let error = error as? PolicyError else { return }
                json.text("path", error.path)
                for (name, place) in [("line", error.line), ("column", error.column)] {
                    json.key(name)
                    json.integer(Int64(place))
                }
            }
        }

        private func allowances(of policy: Policy) -> Int {
            policy.allowances.count + policy.tiers.values.reduce(0) { $0 + $1.allowances.count }
        }
    }
}

extension PolicyFile {
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: what is wrong, with file and line.
    init(reading path: String) throws {
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: PolicyText.maximumPolicy + 1) ?? Data()
        else { throw Unreadable(description: "\(path): cannot be read") }
        guard let text = String(data: data, encoding: .utf8) else { throw Unreadable(description: "\(path): is not UTF-8") }
        self.init(path: path, text: text)
    }
}
