import TestSupport
import Testing

/// Statements and margins over HTTP.
@Suite("GET /v1/statements and /v1/margins", .timeLimit(.minutes(1)))
struct StatementTests {
    /// The month that bookings of now fall into.
    private func month(_ bookings: Bookings) async throws -> String {
        let day = try await bookings.rows("group_by=month", "month")
        return day.first ?? ""
    }

    @Test("account for each team, or feature")
    func accounts() async throws {
        try await Bookings.run { bookings in
            let month = try await month(bookings)
            let teams = try await bookings.node.get("/v1/statements?month=\(month)").json
            #expect(teams["by"] == "team" && teams["month"] == .string(month) && teams["total_usd"] == 0.00721)
            #expect(teams["accounts"]?.items.map { $0["team"] } == [JSON.null, "red"])
            #expect(teams["accounts"]?[1]?["lines"]?[0]?["item"] == "large" && teams["accounts"]?[1]?["cost_usd"] == 0.0035)
            #expect(teams["accounts"]?[1]?["corrections"] == [] && teams["preliminary"] == true)
            #expect(teams["prices"]?.items.map { $0["item"] } == ["large", "small"])
            #expect(teams["prices"]?[0]?["usd_per_million_tokens"]?["output"] == 10)
            #expect(teams["prices"]?[0]?["price_versions"] == teams["accounts"]?[1]?["lines"]?[0]?["price_versions"])
            let chat = try await bookings.node.get("/v1/statements?by=feature&only=chat&month=\(month)").json
            #expect(chat["accounts"]?.items.map { $0["feature"] } == ["chat"])
        }
    }

    @Test("are pages that load nothing, and CSV")
    func forms() async throws {
        try await Bookings.run { bookings in
            let month = try await month(bookings)
            let page = try await bookings.node.get("/v1/statements?format=html&by=feature&month=\(month)")
            #expect(page["content-type"] == "text/html; charset=utf-8")
            #expect(page["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
            #expect(String(decoding: page.body, as: UTF8.self).contains("=search"))
            let csv = try await bookings.node.get("/v1/statements?format=csv&month=\(month)")
            #expect(csv["content-disposition"] == "attachment; filename=\"statement-team-\(month).csv\"")
            #expect(String(decoding: csv.body, as: UTF8.self).split(separator: "\r\n").count == 4)
        }
    }

    @Test("are of the last month that is over unless one is named")
    func lastMonth() async throws {
        try await Bookings.run { bookings in
            let answer = try await bookings.node.get("/v1/statements").json
            let month = try await month(bookings)
            #expect(answer["accounts"] == [] && (answer["month"]?.text ?? "z") < month)
        }
    }

    @Test("set what plans bring against what they cost, by tier")
    func margins() async throws {
        try await Bookings.run { bookings in
            let answer = try await bookings.node.get("/v1/margins?from=2020-01-01&revenue=team:99.50,pro:20").json
            #expect(answer["plans_without_usage"] == ["pro"] && answer["plans_without_revenue"] == [])
            #expect(
                answer["rows"] == [
                    ["tier": "free", "subscriptions": 1, "revenue_usd": 99.5, "cost_usd": 0.00721, "margin_usd": 99.49279]
                ])
        }
    }

    private static let mistakes = [
        ("statements?month=2026-13", "/month"), ("statements?month=26-1", "/month"), ("statements?by=user", "/by"),
        ("statements?only=", "/only"), ("statements?format=pdf", "/format"), ("statements?year=1", "/year"), ("margins", "/revenue"),
        ("margins?revenue=pro", "/revenue"), ("margins?revenue=pro:1,pro:2", "/revenue"), ("margins?revenue=pro:-1", "/revenue"),
        ("margins?revenue=:1", "/revenue"), ("margins?revenue=a:1&from=x", "/from"),
        ("margins?revenue=a:1&to=2020-01-01", "/to"), ("margins?revenue=a:1000001", "/revenue"),
    ]

    @Test("name the parameter that is wrong")
    func mistakes() async throws {
        try await Bookings.run { bookings in
            for (path, pointer) in Self.mistakes {
                let answer = try await bookings.node.get("/v1/\(path)")
                #expect(answer.status == 400 && answer.pointer == pointer, "\(path): \(answer.json)")
            }
        }
    }
}
