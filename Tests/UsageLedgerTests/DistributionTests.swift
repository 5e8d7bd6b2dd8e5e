import Testing
@testable import UsageLedger

@Suite struct DistributionTests {
    private func distribution(_ amounts: [Int64]) -> Distribution {
        amounts.reduce(into: Distribution()) { $0.add($1) }
    }

    @Test func percentilesGoByNearestRank() {
        let hundred = distribution(Array(1...100))
        #expect(hundred.percentile(5) == 5 && hundred.percentile(99) == 99 && hundred.percentile(100) == 100)
        #expect(distribution([7]).percentile(1) == 7 && distribution([]).percentile(50) == 0)
    }

    @Test func largeAmountsAreKeptToAThousandth() {
        for amount in [1_023, 1_024, 4_097, 123_457, .max] as [Int64] {
            let bucket = Distribution.bucket(amount)
            #expect(bucket <= amount && amount - bucket <= amount / 512)
        }
        #expect(Distribution.bucket(1_023) == 1_023)
    }

    @Test func sumsAndMeansAreExact() {
        let three = distribution([100_001, 5, 0])
        #expect(three.sum == 100_006 && three.mean == 33_335 && three.largest == 100_001)
        #expect(distribution([3, 10, 20]).sum(above: 5) == 20 && distribution([3, 10, 20]).count(above: 5) == 2)
    }
}
