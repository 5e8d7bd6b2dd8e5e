import Foundation

/// Draws ranks so that rank k comes up in proportion to 1/k^exponent: few users are busy, most are not.
///
/// Rejection-inversion (Hörmann and Derflinger 1996, "Rejection-inversion to generate variates from monotone discrete
/// distributions"): exact, in constant time and memory whatever the number of users. Exponent 0 draws all alike.
struct Zipf: Sendable {
    private let count: Double
    private let exponent: Double
    private let areaOfFirst: Double
    private let areaOfAll: Double
    /// Below this distance from its rank a point need not be tested.
    private let accepted: Double

    init(count: Int, exponent: Double) {
        self.count = Double(count)
        self.exponent = exponent
        areaOfFirst = Self.area(1.5, exponent) - 1
        areaOfAll = Self.area(Double(count) + 0.5, exponent)
        accepted = 2 - Self.point(ofArea: Self.area(2.5, exponent) - Self.weight(2, exponent), exponent)
    }

    /// From 0, which is the most frequent, to `count` - 1.
    func rank(_ random: inout Random) -> Int {
        while true {
            let area = areaOfAll + random.unit() * (areaOfFirst - areaOfAll)
            let point = Self.point(ofArea: area, exponent)
            let rank = min(max((point + 0.5).rounded(.down), 1), count)
            if rank - point <= accepted || area >= Self.area(rank + 0.5, exponent) - Self.weight(rank, exponent) {
                return Int(rank) - 1
            }
        }
    }

    private static func weight(_ x: Double, _ exponent: Double) -> Double { exp(-exponent * log(x)) }

    /// The integral of `weight` up to `x`.
    private static func area(_ x: Double, _ exponent: Double) -> Double {
        let logarithm = log(x)
        let t = (1 - exponent) * logarithm
        // Near exponent 1 the formula would divide 0 by 0.
        return logarithm * (abs(t) > 1e-8 ? expm1(t) / t : 1 + t / 2)
    }

    /// The inverse of `area`.
    private static func point(ofArea area: Double, _ exponent: Double) -> Double {
        let t = max(area * (1 - exponent), -1)
        return exp(area * (abs(t) > 1e-8 ? log1p(t) / t : 1 - t / 2))
    }
}
