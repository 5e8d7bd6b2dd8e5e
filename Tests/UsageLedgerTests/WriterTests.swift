import BudgetModel
import Testing
@testable import UsageLedger

/// Reports as text.
@Suite struct WriterTests {
    private static func query(_ groups: [UsageGroup], _ period: UsagePeriod? = nil) -> UsageQuery {
        var query = UsageQuery(from: Times.noon - Times.day, to: Times.noon + Times.day)
        query.groups = groups
        query.period = period
        return query
    }

    @Test func jsonHasTheRowsOfTheContract() async throws {
        let ledger = try await TestLedger(.sqlite)
        try await ledger.book([.commit(1), .commit(2, model: "q\"uote", cost: 1)])
        #expect(
            try await ledger.text(Self.query([.dimension(.model), .dimension(.team)], .day), .json(detail: false))
                == """
                {"rows":[{"day":"2026-11-20","model":"gpt-4o","team":null,"requests":1,"input_tokens":1000,"output_tokens":200,\
                "tokens":1200,"cost_usd":0.0045},{"day":"2026-11-20","model":"q\\"uote","team":null,"requests":1,"input_tokens":1000,\
                "output_tokens":200,"tokens":1200,"cost_usd":0.00000001}],"from":"2026-11-19T12:00:00Z","to":"2026-11-21T12:00:00Z",\
                "time_zone":"UTC"}
                """)
    }

    @Test func detailAddsTheParts() async throws {
        let ledger = try await TestLedger(.sqlite)
        var event = LedgerEvent.commit(1, cost: nil)
        event.usage.cachedInputTokens = 7
        event.usage.reasoningTokens = 5
        event.flags = [.unpriced]
        try await ledger.book([event])
        #expect(
            try await ledger.text(Self.query([]), .csv(detail: true)) == """
                requests,input_tokens,output_tokens,tokens,cost_usd,cached_input_tokens,cache_write_input_tokens,reasoning_tokens,\
                unpriced_requests,cached_share,input_per_output\r\n1,1000,200,1200,0,7,0,5,1,0.007,5\r\n
                """)
    }

    @Test func averagesAreOfRequestsAndOfDaysTouched() async throws {
        let ledger = try await TestLedger(.sqlite)
        try await ledger.book([.commit(1, cost: 100), .commit(2, cost: 101)])
        #expect(
            try await ledger.text(Self.query([]), .csv(detail: false, averages: true)).hasSuffix(
                ",cost_usd,average_cost_usd,daily_cost_usd\r\n2,2000,400,2400,0.00000201,0.00000101,0.00000067\r\n"))
        #expect(try await !ledger.text(Self.query([], .day), .csv(detail: false, averages: true)).contains("daily_cost_usd"))
    }

    @Test(arguments: [(0, "0"), (1, "0.0001"), (4_200, "0.42"), (10_000, "1"), (-25_000, "-2.5"), (Int64.max, "922337203685477.5807")])
    func sharesAreDecimals(_ value: Int64, _ text: String) {
        #expect(CSVText.ratio(value) == text)
    }

    @Test func noUsageIsNoRows() async throws {
        let ledger = try await TestLedger(.sqlite)
        #expect(
            try await ledger.text(Self.query([]), .json(detail: false))
                == #"{"rows":[],"from":"2026-11-19T12:00:00Z","to":"2026-11-21T12:00:00Z","time_zone":"UTC"}"#)
    }

    @Test(arguments: [
        ("=cmd()", "'=cmd()"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("a=1", "a=1"), ("a,b", "\"a,b\""),
        ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""), ("\tx", "'\tx"), ("\rx", "\"'\rx\""), ("", ""),
    ])
    func aCellThatASpreadsheetWouldComputeIsDisarmed(_ text: String, _ cell: String) {
        #expect(String(decoding: CSVText.line([.text(text)]), as: UTF8.self) == cell + "\r\n")
    }

    @Test func amountsBelowNothingStayNumbers() {
        #expect(String(decoding: CSVText.line([.integer(-5), .money(-150_000_000)]), as: UTF8.self) == "-5,-1.5\r\n")
    }

    @Test func aHostileUserIsHarmlessInCSV() async throws {
        let ledger = try await TestLedger(.sqlite)
        try await ledger.book([.commit(1, user: "=1+1,\"x\"")])
        let lines = try await ledger.text(Self.query([.dimension(.user)]), .csv(detail: false)).split(separator: "\r\n")
        #expect(lines.last == "\"'=1+1,\"\"x\"\"\",1,1000,200,1200,0.0045")
    }

    @Test func focusHasItsMandatoryColumns() async throws {
        let ledger = try await TestLedger(.sqlite)
        var event = LedgerEvent.commit(1)
        event.attribution.team = "red"
        event.attribution.tier = "pro"
        event.priceVersion = PriceVersion(bytes: 0xAB)
        try await ledger.book([event])
        let query = UsageQuery.focus(from: Times.noon - Times.day, to: Times.noon + Times.day)
        let lines = try await ledger.text(query, .focusCSV(FocusSettings())).split(separator: "\r\n").map(String.init)
        let names = lines[0].split(separator: ",").map(String.init)
        let mandatory = [
            "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd",
            "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodStart", "ChargePeriodEnd", "ContractedCost",
            "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName",
            "ServiceCategory", "ServiceName",
        ]
        #expect(Set(mandatory).subtracting(names).isEmpty)
        let json = try await ledger.text(query, .focusJSON(FocusSettings()))
        for part in [
            #""BilledCost":0,"EffectiveCost":0.0045"#, #""BillingPeriodStart":"2026-11-01T00:00:00Z""#,
            #""ChargePeriodEnd":"2026-11-21T00:00:00Z""#, #""ChargeClass":null"#, #""ServiceName":"OpenAI API""#,
            #""SkuPriceId":"00000000000000ab/gpt-4o/standard""#, #""SubAccountId":"red""#, #""ConsumedQuantity":1200"#,
            #""PricingUnit":"Tokens""#, #""ResourceType":"Feature""#, #""SkuMeter":"tokens""#,
            #""Tags":"{\"feature\":\"default\",\"tier\":\"pro\"}""#,
        ] {
            #expect(json.contains(part), "\(part)")
        }
    }

    /// FOCUS: of usage that is no correction, quantities, their units and the SKU price are never null.
    @Test func focusCountsAComponentAsOneUnit() async throws {
        let ledger = try await TestLedger(.sqlite)
        var event = LedgerEvent.commit(1, input: 0, output: 0, cost: 300_000_000)
        (event.kind, event.component, event.model, event.decision) = (.record, "gpu-hours", nil, nil)
        event.priceVersion = PriceVersion(bytes: 0xAB)
        try await ledger.book([event])
        let query = UsageQuery.focus(from: Times.noon - Times.day, to: Times.noon + Times.day)
        let json = try await ledger.text(query, .focusJSON(FocusSettings()))
        for part in [
            #""SkuId":"gpu-hours","SkuMeter":"gpu-hours","SkuPriceId":"gpu-hours""#, #""PricingQuantity":1,"PricingUnit":"Units""#,
            #""ConsumedQuantity":1,"ConsumedUnit":"Units""#, #""ListCost":3,"#, #""ChargeDescription":"gpu-hours""#,
            #""ServiceCategory":"Other","ServiceSubcategory":"Other (Other)""#,
        ] {
            #expect(json.contains(part), "\(part): \(json)")
        }
    }

    @Test func focusHasASKUPriceOfUsageWithoutAPrice() async throws {
        let ledger = try await TestLedger(.sqlite)
        var event = LedgerEvent.commit(1, cost: nil)
        event.flags = [.unpriced]
        try await ledger.book([event])
        let query = UsageQuery.focus(from: Times.noon - Times.day, to: Times.noon + Times.day)
        let json = try await ledger.text(query, .focusJSON(FocusSettings()))
        #expect(json.contains(#""SkuPriceId":"gpt-4o/standard""#) && json.contains(#""x_UnpricedRequestCount":1"#), "\(json)")
    }

    @Test func focusFollowsItsVersionAndShowsCorrections() async throws {
        let ledger = try await TestLedger(.sqlite)
        var late = LedgerEvent.commit(1)
        late.settledAt = late.reservedAt + 40 * Times.day
        late.flags = [.late]
        try await ledger.book([late])
        var settings = FocusSettings()
        settings.version = .v14
        settings.isBilled = true
        let query = UsageQuery.focus(from: Times.noon - Times.day, to: Times.noon + Times.day, byUser: true)
        let json = try await ledger.text(query, .focusJSON(settings))
        #expect(json.contains(#""ChargeClass":"Correction""#) && json.contains(#""BilledCost":0.0045"#))
        #expect(json.contains(#""x_UserId":"u""#))
        #expect(!json.contains("PublisherName") && json.contains("HostProviderName"))
    }
}
