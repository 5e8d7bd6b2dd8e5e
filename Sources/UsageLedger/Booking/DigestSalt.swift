import Crypto

/// What makes a reservation's digest this ledger's own: random, made with the ledger. Empty in ledgers from before there was one.
struct DigestSalt: Hashable, Sendable {
    let text: String

    /// A reservation's name has its user's in it, and must not outlive a pseudonym: only a digest is kept, 16 bytes.
    /// - Parameter user: the user's number.
    func digest(_ reservation: String, of user: Int64) -> [UInt8] {
        guard !reservation.isEmpty else { return [] }
        return Array(SHA256.hash(data: Array("\(text)\(user) \(reservation)".utf8)).prefix(16))
    }
}
