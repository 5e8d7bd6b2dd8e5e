import Foundation
import Testing

/// The alerts we ship, in Prometheus' own judgement.
@Suite(.enabled(if: Promtool.isThere)) struct AlertRuleTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy/prometheus")

    @Test func theRulesCanBeRead() async throws {
        let result = try await Promtool.run(["check", "rules", Self.folder.appending(path: "rules.yml").path])
        #expect(result.code == 0, "\(result.output)")
    }

    @Test func theyFireWhenTheyShould() async throws {
        let result = try await Promtool.run(["test", "rules", Self.folder.appending(path: "rules.test.yml").path])
        #expect(result.code == 0, "\(result.output)")
    }
}
