import Foundation

/// SplitMix64 (Steele, Lea, Flood 2014): the same run for the same seed, everywhere.
struct Random: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// At least 0, below 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// What passes between two events of a Poisson process.
    mutating func exponential(mean: Double) -> Double { -mean * log1p(-unit()) }

    /// Mean 0, deviation 1 (Box and Muller 1958).
    mutating func normal() -> Double { (-2 * log1p(-unit())).squareRoot() * cos(2 * .pi * unit()) }
}
