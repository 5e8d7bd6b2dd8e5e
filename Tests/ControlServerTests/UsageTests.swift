import BudgetModel
import TestSupport
import Testing

/// Usage reports over HTTP, of what was really reserved and committed.
@Suite("GET /v1/usage", .timeLimit(.minutes(1)))
struct UsageTests {
    @Test("sums what was settled, exactly, by what it is asked for")
    func groups() async throws {
        try await Bookings.run { bookings in
            let answer = try await bookings.usage("group_by=model")
            #expect(answer.status == 200 && answer["content-type"] == "application/json")
            #expect(
                answer.json["rows"] == [
                    ["model": "large", "requests": 2, "input_tokens": 2_000, "output_tokens": 200, "tokens": 2_200, "cost_usd": 0.007],
                    [
                        "model": "small", "requests": 1, "input_tokens": 1_000, "output_tokens": 100, "tokens": 1_100,
                        "cost_usd": 0.00021,
                    ],
                ])
            #expect(answer.json["from"] == "2020-01-01T00:00:00Z" && answer.json["time_zone"] == "UTC")
            let rows = try await bookings.rows("group_by=team,user", "team", "user", "requests")
            #expect(rows == ["- ann 2.0", "red bob 1.0"])
            #expect(try await bookings.usage("").json["rows"]?.items.count == 1)
            let day = try await bookings.rows("group_by=model,day&model=small", "day").first
            #expect(day?.wholeMatch(of: /20\d\d-\d\d-\d\d/) != nil)
        }
    }

    @Test("covers this month so far unless it is told otherwise, and days of any zone")
    func spans() async throws {
        try await Bookings.run { bookings in
            let report = try await bookings.node.get("/v1/usage").json
            #expect(report["from"]?.text?.hasSuffix("-01T00:00:00Z") == true)
            let zoned = try await bookings.node.get("/v1/usage?from=2026-07-01&to=2026-07-02T06:00:00Z&time_zone=America/New_York").json
            #expect(zoned["from"] == "2026-07-01T04:00:00Z" && zoned["to"] == "2026-07-02T06:00:00Z")
            #expect(zoned["time_zone"] == "America/New_York" && zoned["rows"] == [])
            #expect(try await bookings.node.get("/v1/usage?since=2d").json["rows"]?[0]?["requests"] == 3)
        }
    }

    @Test("filters by one value, by several, and by none")
    func filters() async throws {
        try await Bookings.run { bookings in
            let questions = [
                ("user=ann", ["2.0"]), ("user=ann,bob&model=large", ["2.0"]), ("team=", ["2.0"]),
                ("team=,red&price_class=standard", ["3.0"]), ("tier=nobody", []), ("user=ann%5C,bob", []),
            ]
            for (query, requests) in questions {
                let rows = try await bookings.rows(query, "requests")
                #expect(rows == requests, "\(query)")
            }
        }
    }

    @Test("takes a comma after a backslash for a name's own")
    func commas() async throws {
        try await Bookings.run { bookings in
            try await bookings.spend("ann,bob", "small")
            try await eventually("a booking") { try await bookings.rows("user=ann%5C,bob", "requests") == ["1.0"] }
        }
    }

    @Test("shows who costs most, with averages and shares when asked")
    func topWithAverages() async throws {
        try await Bookings.run { bookings in
            let top = try await bookings.usage("group_by=user&order=cost&limit=1&averages=true&detail=true").json["rows"]
            #expect(top?.items.count == 1)
            #expect(top?[0]?["user"] == "ann" && top?[0]?["average_cost_usd"] == 0.001855)
            #expect(top?[0]?["cached_share"] == 0 && top?[0]?["input_per_output"] == 10 && top?[0]?["unpriced_requests"] == 0)
            #expect(top?[0]?["daily_cost_usd"]?.number != nil)
            let daily = try await bookings.usage("group_by=day&averages=true").json["rows"]?[0]
            #expect(daily?["average_cost_usd"] != nil && daily?["daily_cost_usd"] == nil)
        }
    }

    @Test("is CSV that no spreadsheet computes, with a name to save it by")
    func csv() async throws {
        try await Bookings.run { bookings in
            let answer = try await bookings.usage("group_by=feature&format=csv&to=2099-01-01")
            #expect(answer["content-type"]?.hasPrefix("text/csv; charset=utf-8") == true)
            #expect(answer["content-disposition"] == "attachment; filename=\"usage-2020-01-01-2098-12-31.csv\"")
            #expect(
                String(decoding: answer.body, as: UTF8.self) == """
                    feature,requests,input_tokens,output_tokens,tokens,cost_usd\r
                    '=search,1,1000,100,1100,0.0035\r
                    chat,2,2000,200,2200,0.00371\r\n
                    """)
        }
    }

    @Test("has the columns of FOCUS")
    func focus() async throws {
        try await Bookings.run { bookings in
            let csv = String(decoding: try await bookings.usage("format=focus&group_by=month").body, as: UTF8.self)
            #expect(csv.hasPrefix("BilledCost,") && csv.split(separator: "\r\n").count == 4)
            let rows = try await bookings.usage("format=focus_json&focus_version=1.4&billed=true&group_by=day,user").json["rows"]
            #expect(rows?[0]?["BilledCost"] == rows?[0]?["EffectiveCost"] && rows?[0]?["PublisherName"] == nil)
            #expect(Set(rows?.items.compactMap { $0["x_UserId"]?.text } ?? []) == ["ann", "bob"])
            for group in ["model", "week"] {
                #expect(try await bookings.usage("format=focus&group_by=\(group)").pointer == "/group_by", "\(group)")
            }
        }
    }

    private static let mistakes = [
        ("from=yesterday", "/from"), ("from=1969-12-31", "/from"), ("from=2030-01-02&to=2030-01-01", "/from"), ("to=2026-13-01", "/to"),
        ("to=2020-01-01", "/to"),
        ("since=30", "/since"), ("since=1d&from=2026-01-01", "/since"), ("since=+3d", "/since"), ("time_zone=Mars/Base", "/time_zone"),
        ("group_by=day,week", "/group_by"), ("group_by=colour", "/group_by"), ("from=1990-01-01&group_by=hour", "/group_by"),
        ("format=xml", "/format"), ("order=name", "/order"), ("limit=0", "/limit"), ("detail=yes", "/detail"),
        ("price_class=cheap", "/price_class"), ("correction=1", "/correction"), ("user=%01", "/user"), ("colour=red", "/colour"),
        ("billed=true", "/billed"), ("format=focus&focus_version=2", "/focus_version"),
    ]

    @Test("names the parameter that is wrong")
    func mistakes() async throws {
        try await Bookings.run { bookings in
            for (query, pointer) in Self.mistakes {
                let answer = try await bookings.node.get("/v1/usage?\(query)")
                #expect(answer.status == 400 && answer.pointer == pointer, "\(query): \(answer.json)")
            }
        }
    }

    @Test("is 503 where no ledger is kept")
    func withoutLedger() async throws {
        try await Node.run { node in
            let answer = try await node.get("/v1/usage")
            #expect(answer.status == 503 && answer.code == "ledger_unavailable" && answer["retry-after"] == "1")
        }
    }

    @Test("names the node that has the ledger, where that is a file of another")
    func elsewhere() async throws {
        var setting = Node.Setting()
        setting.keepsLedger = true
        try await Node.runTwo(setting) { first, second in
            var refused: Answer?
            // Until one of them holds the lease both answer that there is no ledger yet.
            try await eventually("a ledger") {
                let answers = [try await first.get("/v1/usage"), try await second.get("/v1/usage")]
                refused = answers.first { $0.code == "ledger_elsewhere" }
                return refused != nil && answers.contains { $0.status == 200 }
            }
            #expect(refused?.status == 503 && refused?.json["detail"]?.text?.contains("http://here") == true)
        }
    }

    @Test("has a length for HEAD")
    func head() async throws {
        try await Bookings.run { bookings in
            let path = "/v1/usage?from=2020-01-01&to=2099-01-01&group_by=user"
            let length = try await bookings.node.get(path).body.count
            #expect(try await bookings.node.send("HEAD", path, [], nil)["content-length"] == "\(length)")
        }
    }

    @Test("streams thousands of periods, with rows where there was usage")
    func manyPeriods() async throws {
        try await Bookings.run { bookings in
            let csv = try await bookings.node.get("/v1/usage?since=180d&group_by=hour,model,user&format=csv")
            #expect(csv["transfer-encoding"] == "chunked" && csv.body.split(separator: 0x0A).count == 4)
        }
    }
}
