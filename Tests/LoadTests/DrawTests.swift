import Foundation
import Testing

@testable import budget_load

@Suite struct DrawTests {
    @Test(arguments: [0, 0.7, 1, 1.1, 2])
    func ranksComeUpAsZipfSays(exponent: Double) {
        let zipf = Zipf(count: 50, exponent: exponent)
        var random = Random(seed: 11)
        let draws = 200_000
        var counts = [Int](repeating: 0, count: 50)
        for _ in 0..<draws { counts[zipf.rank(&random)] += 1 }
        let weights = (1...50).map { pow(Double($0), -exponent) }
        let total = weights.reduce(0, +)
        for rank in [0, 1, 4, 49] {
            let expected = weights[rank] / total * Double(draws)
            #expect(abs(Double(counts[rank]) - expected) < 6 * expected.squareRoot() + 5, "rank \(rank)")
        }
    }

    @Test func oneUserIsAlwaysTheFirst() {
        var random = Random(seed: 1)
        #expect((0..<100).allSatisfy { _ in Zipf(count: 1, exponent: 1.1).rank(&random) == 0 })
    }

    @Test func aMixGivesEachNameItsShare() throws {
        let mix = try Mix("chat:70,summarize:30")
        #expect(mix.names == ["chat", "summarize"])
        #expect(mix.pick(0) == 0 && mix.pick(0.699) == 0)
        #expect(mix.pick(0.701) == 1 && mix.pick(0.999) == 1)
    }

    @Test func aNameMayHaveColonsAndNoWeight() throws {
        #expect(try Mix("ft:gpt-4o:acme").names == ["ft:gpt-4o:acme"])
        #expect(try Mix("ft:gpt-4o:acme:2,b").names == ["ft:gpt-4o:acme", "b"])
    }

    @Test(arguments: ["", ",a", "a:0", "a:-1", "a:inf", "a,a", ":3"])
    func whatIsNoMixIsRefused(text: String) {
        #expect(throws: Mix.Problem.self) { try Mix(text) }
    }

    @Test func tokensSpreadAroundTheirMedian() throws {
        let spread = try #require(TokenSpread("400:0.8"))
        var random = Random(seed: 5)
        let draws = (0..<20_001).map { _ in spread.draw(&random) }.sorted()
        #expect(abs(draws[10_000] - 400) < 20)
        #expect(draws.last.map { $0 > 4_000 } == true, "some are long")
        #expect(TokenSpread("400:0").map { [$0.draw(&random), $0.draw(&random)] } == [400, 400])
    }

    @Test(arguments: ["", "0", "-1", "400:", "400:x", "400:1:2", "99999999"])
    func whatIsNoSpreadIsRefused(text: String) { #expect(TokenSpread(text) == nil) }

    @Test func aUserKeepsItsTierAndFatesHaveTheirShares() throws {
        var settings = try Example.settings(port: 1)
        settings.traffic.tiers = try Mix("free:9,pro")
        (settings.traffic.released, settings.traffic.lost, settings.traffic.late) = (0.02, 0.01, 0.03)
        let maker = RequestMaker(settings)
        #expect((0..<100).allSatisfy { maker.tier(of: $0) == maker.tier(of: $0) })
        let pro = (0..<10_000).count { maker.tier(of: $0) == 1 }
        #expect((850...1_150).contains(pro))
        #expect([0.019, 0.021, 0.031, 0.061].map(maker.fate) == [.release, .lost, .late, .commit])
    }

    @Test func theSameSeedDrawsTheSameRequests() throws {
        func requests(_ seed: UInt64) throws -> [[Int64]] {
            var settings = try Example.settings(port: 1)
            settings.seed = seed
            var maker = RequestMaker(settings)
            return (0..<50).map { _ in
                let request = LoadRequest(&maker)
                return [Int64(request.user), request.inputTokens, request.outputTokens, request.think]
            }
        }
        #expect(try requests(1) == requests(1))
        #expect(try requests(1) != requests(2))
    }

    @Test(arguments: [("200ms", 0.2), ("30s", 30), ("1.5m", 90), ("50us", 0.000_05)])
    func timesHaveUnits(text: String, seconds: Double) {
        #expect(TimeSpan(argument: text).map { abs($0.seconds - seconds) < 1e-12 } == true)
        #expect(TimeSpan(argument: String(text.dropLast(text.hasSuffix("m") ? 1 : 2))) == nil || text == "30s")
    }

    @Test func sharesArePercentOrFractions() {
        #expect(Share(argument: "2%")?.value == 0.02)
        #expect(Share(argument: "0.5")?.value == 0.5)
        #expect(Share(argument: "101%") == nil && Share(argument: "-1%") == nil && Share(argument: "x") == nil)
    }
}
