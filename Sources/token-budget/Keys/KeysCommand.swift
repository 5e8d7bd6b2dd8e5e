import ArgumentParser
import BudgetClient
import BudgetHTTP
import BudgetModel
import CommandSupport
import Foundation

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make keys and look after keys files.",
        discussion: """
            A keys file says who may call the service (serve --keys FILE). It holds digests, never keys:

              - {key_sha256: 2bb8...b25a, role: app, environment: staging, name: checkout}

            role app     the decision API: app servers
            role ops     the control API, also to change things
            role read    the control API, only to look: dashboards, reports
            environment  of an app key: all it asks counts as that one
            name         who did it, in histories; else key:<start of the digest>

            A caller sends the key itself: Authorization: Bearer tb_...
            A running service takes a changed file within a second, also for connections that are open. To withdraw a key \
            delete its line; to change one, add the new key, move the callers over, delete the old line.
            """,
        subcommands: [New.self, Check.self, List.self])

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a fresh random key.",
            discussion: """
                Prints the key, this once, and the line for the keys file; with --file the line is added there instead (a new \
                file can be read by its owner alone), and the key is all that goes to stdout.

                Examples:
                  token-budget keys new --role ops --name eva --file keys.yaml
                  KEY=$(token-budget keys new --role app --environment staging --file keys.yaml)
                """)

        @Option(help: "app, ops or read.")
        var role: AccessKeys.Role

        @Option(help: "The environment that an app key is for. (default: any)")
        var environment: String?

        @Option(help: "Who or what it is for: 1 to 64 visible ASCII characters.")
        var name: String?

        @Option(help: "The keys file to add it to.")
        var file: String?

        @Flag(help: "Print a JSON object, for scripts.")
        var json = false

        func run() throws {
            let made = try fresh()
            if let file { try KeysFile.append(made.key, to: file) }
            if json { return print(JSONLayout.indented(Self.json(made, file))) }
            if let file {
                note("Added to \(file) as \(made.key.label). The key is shown this once:")
                print(made.secret)
            } else {
                note("The key, shown this once, and its line for the keys file:")
                print(made.secret)
                print(made.key.line)
            }
        }

        private static func json(_ made: (secret: String, key: AccessKey), _ file: String?) -> [UInt8] {
            JSONText.object { json in
                json.text("key", made.secret)
                json.text("label", made.key.label)
                json.text("line", made.key.line)
                if let file { json.text("file", file) }
            }
        }

        private func fresh() throws -> (secret: String, key: AccessKey) {
            do {
                return try AccessKey.fresh(role, environment: environment.map { Identifier($0) }, name: name)
            } catch {
                throw ValidationError(error.description)
            }
        }

        /// For people: stdout is for the key.
        private func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read a keys file and say whether the service would take it.",
            discussion: "Prints how many keys there are, or the first mistake with its line (exit code 1).")

        @Argument(help: "The keys file.")
        var file: String

        @Flag(help: "Print a JSON object, for scripts; of a mistake, too.")
        var json = false

        func run() throws {
            let keys: [AccessKey]
            do {
                keys = try KeysFile.keys(file)
            } catch let error where json {
                print(JSONLayout.indented(JSONText.check(of: file, isOK: false) { $0.text("error", "\(error)") }))
                throw ExitCode.failure
            }
            if json { return print(JSONLayout.indented(JSONText.check(of: file, isOK: true) { Self.count(keys, &$0) })) }
            let counts = AccessKeys.Role.allCases.compactMap { role -> String? in
                let count = keys.count { $0.role == role }
                return count == 0 ? nil : "\(count) \(role.rawValue)"
            }
            print("\(file): ok (\(keys.count == 1 ? "1 key" : "\(keys.count) keys")\(counts.map { ", " + $0 }.joined()))")
        }

        private static func count(_ keys: [AccessKey], _ json: inout JSONText) {
            json.key("keys")
            json.object { json in
                for role in AccessKeys.Role.allCases {
                    json.key(role.rawValue)
                    json.integer(Int64(keys.count { $0.role == role }))
                }
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys of a keys file.",
            discussion: "Shows role, environment, name and the first digits of the digest: sha256sum of a key begins with them.")

        @Argument(help: "The keys file.")
        var file: String

        @Flag(help: "Print a JSON array, for scripts.")
        var json = false

        func run() throws {
            let keys = try KeysFile.keys(file)
            print(json ? JSONLayout.indented(Self.json(keys)) : Self.table(keys))
        }

        private static func table(_ keys: [AccessKey]) -> String {
            var table = TextTable([.left, .left, .left, .left])
            table.add(["ROLE", "ENVIRONMENT", "NAME", "SHA-256"])
            for key in keys { table.add([key.role.rawValue, key.environment?.text ?? "-", key.name ?? "-", key.digestStart]) }
            return table.text
        }

        private static func json(_ keys: [AccessKey]) -> [UInt8] {
            var json = JSONText()
            json.array { json in
                for key in keys {
                    json.object { json in
                        json.text("role", key.role.rawValue)
                        if let environment = key.environment { json.text("environment", environment.text) }
                        if let name = key.name { json.text("name", name) }
                        json.text("key_sha256_starts", key.digestStart)
                    }
                }
            }
            return json.bytes
        }
    }
}

extension AccessKeys.Role: ExpressibleByArgument {}
