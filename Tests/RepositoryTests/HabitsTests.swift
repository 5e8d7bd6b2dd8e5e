import Foundation
import Testing

/// The repository's own habits, kept by a test: a ratchet, not a cage. Who needs more room changes the number and says why.
@Suite struct HabitsTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Files that git would track, by path from the root.
    private static func files(under folders: [String], _ endings: [String]) -> [(path: String, text: String)] {
        folders.flatMap { folder -> [(path: String, text: String)] in
            let base = root.appending(path: folder)
            let found = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
            return found.filter { endings.contains($0.pathExtension) }.compactMap { file in
                guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
                return (folder + file.path.dropFirst(base.path.count), text)
            }
        }
    }

    private static let swift = files(under: ["Sources", "Tests", "lua", "benchmarks"], ["swift"])
    private static let lua = files(under: ["lua"], ["lua"])

    @Test func filesAreFoundAtAll() {
        #expect(Self.swift.count > 50 && Self.lua.count > 10)
    }

    @Test func noFileIsTooLongToReadAtOnce() {
        for (path, text) in Self.swift + Self.lua {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(lines <= 360, "\(path) has \(lines) lines")
        }
    }

    @Test func everyScriptOpensWithItsContract() {
        for (path, text) in Self.lua {
            let lines = text.split(separator: "\n").map(String.init)
            let first = lines.first { !$0.hasPrefix("#!") } ?? ""
            let name = path.split(separator: "/").last?.dropLast(4) ?? ""
            if first.hasPrefix("-- prelude:") { continue }
            #expect(first.hasPrefix("-- \(name):"), "\(path) must say what it is for")
            #expect(text.contains("\n-- KEYS ") && text.contains("-- returns "), "\(path) must name KEYS and what it returns")
        }
    }

    @Test func scriptsAreShort() {
        for (path, text) in Self.lua {
            #expect(text.split(separator: "\n").count <= 120, "\(path) is long for a script")
        }
    }

    @Test func onlyOneFileKnowsHiredis() {
        let users = Self.swift.filter { $0.text.contains("import C" + "Hiredis") }.map(\.path).sorted()
        #expect(users == ["Sources/BudgetStore/Protocol/ReplyReader.swift"])
    }

    @Test func eachDatabaseIsKnownToOneFile() {
        for (module, home) in [("CPQ", "PostgresConnection"), ("GRDB", "SQLiteDatabase")] {
            let users = Self.swift.filter { $0.text.contains("import " + module) }.map(\.path)
            #expect(users == ["Sources/UsageLedger/Database/\(home).swift"])
        }
    }

    @Test func theHotPathNeedsNoFoundationAndNeverAwaits() {
        let hot = Self.swift.filter { file in
            [
                "BudgetModel/Planning", "BudgetModel/JSON", "BudgetModel/Answers", "BudgetStore/Verbs", "BudgetStore/Protocol",
                "BudgetStore/Records", "DecisionServer/Verbs", "DecisionServer/Bodies", "DecisionServer/HTTP",
            ].contains { file.path.hasPrefix("Sources/\($0)") }
        }
        #expect(hot.count > 30)
        for (path, text) in hot {
            #expect(!text.contains("import Foundation"), "\(path)")
            #expect(!text.contains(" await "), "\(path)")
        }
    }

    @Test func nothingHotIsReferredToWeakly() {
        for (path, text) in Self.swift where path.hasPrefix("Sources/BudgetStore/") || path.hasPrefix("Sources/DecisionServer/") {
            // What follows an embedded Redis' process is no decision's.
            guard !path.hasSuffix("/EmbeddedRedis.swift") else { continue }
            #expect(!text.contains("[weak ") && !text.contains("weak var "), "\(path)")
        }
    }

    @Test func keysAreMadeInOneFile() {
        let makers = Self.swift.filter { $0.path.hasPrefix("Sources/") && $0.text.contains("\"tb:") }.map(\.path)
        #expect(makers == ["Sources/BudgetStore/Keys.swift"])
    }

    @Test func nothingIsLeftOpen() {
        for (path, text) in Self.swift + Self.lua {
            for mark in ["TO" + "DO", "FIX" + "ME", "XCTSk" + "ip", ".disa" + "bled("] {
                #expect(!text.contains(mark), "\(path) has a \(mark)")
            }
        }
    }

    @Test func everyLinkOfAPageLeadsSomewhere() throws {
        let top = try FileManager.default.contentsOfDirectory(atPath: Self.root.path).filter { $0.hasSuffix(".md") }
        let pages =
            try top.map { (path: $0, text: try String(contentsOf: Self.root.appending(path: $0), encoding: .utf8)) }
            + Self.files(under: ["docs", "benchmarks", "deploy"], ["md"])
        #expect(pages.count > 10)
        for (path, text) in pages {
            let folder = Self.root.appending(path: path).deletingLastPathComponent()
            // Addresses have a colon and are not looked at.
            for link in text.matches(of: /\]\(([^)\s#:]+)(#[^)]*)?\)/) {
                let target = folder.appending(path: String(link.1)).standardizedFileURL
                #expect(FileManager.default.fileExists(atPath: target.path), "\(path) links \(link.1)")
            }
        }
    }

    @Test func programsCanBeStarted() {
        let programs = Self.files(under: ["benchmarks", "deploy", "Tests"], ["py", "sh"]).filter { $0.text.hasPrefix("#!") }
        #expect(programs.count > 5)
        for (path, _) in programs {
            let file = Self.root.appending(path: path).path
            #expect(FileManager.default.isExecutableFile(atPath: file), "\(path) is not executable")
        }
    }

    @Test func theFoldersAreThoseOfTheHouse() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.root.path).filter { !$0.hasPrefix(".") }
        let folders = names.filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: Self.root.appending(path: $0).path, isDirectory: &isFolder)
                && isFolder.boolValue
        }
        let house: Set = ["Sources", "Tests", "lua", "deploy", "benchmarks", "docs", "data"]
        #expect(Set(folders).subtracting(house).isEmpty, "folders besides those of the house: \(Set(folders).subtracting(house))")
    }
}
