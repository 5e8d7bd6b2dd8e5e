import BudgetModel

/// What commit, release and extend share: finding a reservation by its id, and reading what a settling script says.
extension BudgetStore {
    /// The id behind a text; nil for one we never made, or one of another environment.
    func known(_ text: String, _ environment: EnvironmentTag?) -> ReservationID? {
        guard let id = ReservationID(text), environment == nil || id.seal.environment == environment else { return nil }
        return id
    }

    /// A settling script's answer; `build` makes the reply of a report.
    func settlement<Value>(
        _ bytes: [UInt8], _ id: ReservationID, _ build: (HoldReport, [AllowanceState]) -> Value
    ) -> Result<Value, BudgetError> {
        var reader = Unpacker(bytes)
        switch reader.byte() {
        case UInt8(ascii: "k"):
            guard let report = HoldReport(&reader, &origins), let states = states(of: report, user: id.user) else {
                return .failure(.store(.corrupt("the reservation cannot be read")))
            }
            return .success(build(report, states))
        case UInt8(ascii: "x"): return .failure(.alreadyCommitted)
        case UInt8(ascii: "n"): return .failure(.reservationEnded)
        case UInt8(ascii: "o"): return .failure(.amountTooLarge)
        default: return .failure(untraced(id))
        }
    }

    /// No trace of a reservation: too long ago, or it never was.
    func untraced(_ id: ReservationID) -> BudgetError {
        now - id.seal.issued > settledRetention ? .reservationGone : .unknownReservation
    }
}

extension Command {
    /// KEYS of the settling scripts.
    mutating func appendKeys(of id: ReservationID) { appendKeys(id.user, nonce: id.nonce) }

    /// The stream of a user's partition.
    mutating func appendStream(of user: Identifier) {
        append { Keys.appendStream(partition: Keys.partition(of: user), to: &$0) }
    }

    /// The first three KEYS of most scripts: the user's hash, the reservation, the expiry index of their partition.
    mutating func appendKeys(_ user: Identifier, nonce: [UInt8]) {
        let partition = Keys.partition(of: user)
        append { Keys.appendUser(user, partition: partition, to: &$0) }
        append { Keys.appendReservation(user, nonce: nonce, partition: partition, to: &$0) }
        append { Keys.appendExpiryIndex(partition: partition, to: &$0) }
    }
}
