package import BudgetModel
import BudgetScripts

/// `POST /v1/extend`: keeps a long call's reservation alive.
extension BudgetStore {
    /// - Parameter timeToLive: milliseconds from now; nil is the reservation's own.
    /// - Parameter answer: gets the new expiry, milliseconds since 1970.
    package func extend(
        _ reservation: String, timeToLive: Int64?, environment: EnvironmentTag?, _ answer: @escaping Answer<Int64>
    ) {
        guard watch.isWhole else { return answer(.failure(watch.refusal)) }
        guard let id = known(reservation, environment) else { return answer(.failure(.unknownReservation)) }
        run(.extend, keys: 3) { arguments in
            arguments.appendKeys(of: id)
            arguments.append { id.seal.append(to: &$0) }
            arguments.append(String(timeToLive ?? 0))
        } _: { [self] result in
            answer(
                result.flatMap { bytes in
                    var reader = Unpacker(bytes)
                    switch reader.byte() {
                    case UInt8(ascii: "k"): return .success(reader.time())
                    case UInt8(ascii: "n"): return .failure(.reservationEnded)
                    default: return .failure(untraced(id))
                    }
                })
        }
    }
}
