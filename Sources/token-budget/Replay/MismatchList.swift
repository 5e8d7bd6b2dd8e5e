/// Where the service's books differ from what was sent.
struct MismatchList: Sendable {
    struct Mismatch: Encodable, Hashable, Sendable {
        var user: String
        var subject: String
        var expected: String
        var actual: String
    }

    /// A broken service could differ in every request; a thousand are enough to see how.
    private static let kept = 1_000

    private(set) var count = 0
    private(set) var first: [Mismatch] = []

    mutating func add(_ user: String, _ subject: String, expected: String, actual: String) {
        count += 1
        if first.count < Self.kept {
            first.append(Mismatch(user: user, subject: subject, expected: expected, actual: actual))
        }
    }
}
