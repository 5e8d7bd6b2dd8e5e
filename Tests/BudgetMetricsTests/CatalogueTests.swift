import BudgetMetrics
import Foundation
import Testing

/// The names people build alerts and dashboards on.
@Suite struct CatalogueTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func file(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test(arguments: ServiceMetric.allCases)
    func aNameTellsItsKind(metric: ServiceMetric) {
        let name = metric.rawValue
        #expect(name.wholeMatch(of: /tokenbudget_[a-z]+(_[a-z]+)*/) != nil)
        #expect(name.hasSuffix("_total") == (metric.kind == .counter))
        #expect(name.hasSuffix("_info") == (metric.kind == .info))
        if metric.kind == .histogram { #expect(name.hasSuffix("_seconds")) }
        #expect(metric.help.hasSuffix(".") && metric.help.count > 20)
    }

    @Test func everyMetricIsDocumented() throws {
        let text = try Self.file("docs/operations.md")
        for metric in ServiceMetric.allCases { #expect(text.contains("`\(metric.rawValue)"), "\(metric.rawValue)") }
    }

    @Test(arguments: [
        "docs/operations.md", "deploy/prometheus/rules.yml", "deploy/prometheus/rules.test.yml", "deploy/grafana/dashboard.json",
    ])
    func nobodyAsksForAMetricThatIsNotThere(path: String) throws {
        let known = Set(ServiceMetric.allCases.map(\.rawValue))
        let names = try Self.file(path).matches(of: /tokenbudget_[a-z_]+/).map { String($0.output) }
        #expect(!names.isEmpty)
        for name in Set(names) {
            let family = name.replacing(/_(bucket|sum|count)$/, with: "")
            #expect(known.contains(name) || known.contains(family), "\(path) asks for \(name)")
        }
    }

    @Test func theDashboardImportsAnywhere() throws {
        let json = try JSONSerialization.jsonObject(with: Data(Self.file("deploy/grafana/dashboard.json").utf8))
        let dashboard = try #require(json as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        #expect(dashboard["uid"] as? String == "token-budget" && dashboard["schemaVersion"] is Int)
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
        for panel in panels where panel["type"] as? String != "row" {
            #expect((panel["datasource"] as? [String: String])?["uid"] == "${datasource}", "\(panel["title"] ?? "")")
            #expect((panel["description"] as? String)?.isEmpty == false, "\(panel["title"] ?? "")")
        }
    }
}
