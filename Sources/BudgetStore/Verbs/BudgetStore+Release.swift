package import BudgetModel
import BudgetScripts

/// `POST /v1/release`: cancels a reservation; what checkpoints booked stays booked.
extension BudgetStore {
    package func release(_ reservation: String, environment: EnvironmentTag?, _ answer: @escaping Answer<Settlement>) {
        guard watch.isWhole else { return answer(.failure(watch.refusal)) }
        guard let id = known(reservation, environment) else { return answer(.failure(.unknownReservation)) }
        run(.release, keys: 4) { arguments in
            arguments.appendKeys(of: id)
            arguments.appendStream(of: id.user)
            arguments.append { id.seal.append(to: &$0) }
        } _: { [self] result in
            answer(
                result.flatMap { bytes in
                    settlement(bytes, id) { report, states in
                        tally.released(report)
                        let state = Settlement.State(report.hold.state)
                        let hold = report.hold
                        var settlement = Settlement(
                            state, charged: hold.booked, released: hold.released, expiresAt: hold.expires, allowances: states)
                        settlement.replayed = state == .released && report.replayed
                        return settlement
                    }
                })
        }
    }
}
