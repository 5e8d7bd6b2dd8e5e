import BudgetModel
import Logging

/// Price catalogues by digest: a hold is settled at the rates of its reserve, after a restart and on every node.
extension BudgetStore {
    /// Leaves the policy's prices in the store, ahead of the first decision that is made under them.
    func publishPrices() {
        guard let snapshot else { return }
        var command = Arguments("SET", Keys.prices(snapshot.priceVersion))
        command.append(snapshot.policy.catalogue.canonicalText)
        connection.send(command) { [logger] result in
            if case .failure(let fault) = result {
                logger.warning("prices could not be left in the store", metadata: ["why": "\(fault)"])
            }
        }
    }

    /// The catalogue of a version: known here, else fetched once.
    func catalogue(_ version: PriceVersion, _ answer: @escaping Answer<PriceCatalogue>) {
        if let snapshot, snapshot.priceVersion == version { return answer(.success(snapshot.policy.catalogue)) }
        if let known = catalogues[version] { return answer(.success(known)) }
        connection.send(Arguments("GET", Keys.prices(version))) { [self] result in
            switch result {
            case .failure(let fault): answer(.failure(.store(fault)))
            case .success(.bytes(let bytes)):
                let text = String(decoding: bytes, as: UTF8.self)
                guard let catalogue = try? PriceCatalogue(yaml: text, file: Keys.prices(version)) else {
                    return answer(.failure(.store(.corrupt("the price version \(version) cannot be read"))))
                }
                remember(catalogue, as: version)
                answer(.success(catalogue))
            case .success:
                // The id is forged, or the store lost its prices: what was spent is booked at today's rates rather than not at all.
                logger.warning("a reservation names an unknown price version", metadata: ["version": "\(version)"])
                answer(.success(snapshot?.policy.catalogue ?? PriceCatalogue()))
            }
        }
    }
}
