package import BudgetModel
import Logging
import NIOCore

/// Price catalogues by digest: a hold is settled at the rates of its reserve, after a restart and on every node.
extension BudgetStore {
    /// Leaves the snapshot's prices in the store, ahead of the first decision that is made under them.
    func publishPrices() {
        guard let snapshot else { return }
        var command = Command("SET", Keys.prices(snapshot.priceVersion))
        command.append(snapshot.priceText)
        command.append("EX")
        command.append(String(connection.limits.pricesKept.nanoseconds / 1_000_000_000))
        connection.send(command) { result in
            guard case .failure(let fault) = result, self.connection.isReady else { return }
            self.logger.warning("prices could not be left in the store; trying again", metadata: ["why": "\(fault)"])
            let store = NIOLoopBound(self, eventLoop: self.connection.loop)
            self.connection.loop.scheduleTask(in: self.connection.limits.pricesRetry) {
                if store.value.snapshot?.priceVersion == snapshot.priceVersion { store.value.publishPrices() }
            }
        }
    }

    /// The catalogue of a version as it was left in the store; nil where it is there no more, or is none.
    package func storedPrices(_ version: PriceVersion, _ answer: @escaping Answer<PriceCatalogue?>) {
        connection.send(Command("GET", Keys.prices(version)), inBackground: true) { result in
            switch result {
            case .failure(let fault): answer(.failure(.store(fault)))
            case .success(.bytes(let bytes)): answer(.success(try? PriceCatalogue(stored: bytes)))
            case .success: answer(.success(nil))
            }
        }
    }

    /// The catalogue of a version: known here, else fetched once.
    func catalogue(_ version: PriceVersion, _ answer: @escaping Answer<PriceCatalogue>) {
        if let snapshot, snapshot.priceVersion == version { return answer(.success(snapshot.catalogue)) }
        if let known = catalogues[version] { return answer(.success(known)) }
        // Whoever comes while it is fetched waits with the first: one trip, one reading.
        priceWaiters[version, default: []].append(answer)
        guard priceWaiters[version]?.count == 1 else { return }
        connection.send(Command("GET", Keys.prices(version))) { [self] result in
            let catalogue = fetched(version, result)
            for waiter in priceWaiters.removeValue(forKey: version) ?? [] { waiter(catalogue) }
        }
    }

    private func fetched(_ version: PriceVersion, _ result: Result<Reply, StoreFault>) -> Result<PriceCatalogue, BudgetError> {
        switch result {
        case .failure(let fault): return .failure(.store(fault))
        case .success(.bytes(let bytes)):
            guard let catalogue = try? PriceCatalogue(stored: bytes) else {
                return .failure(.store(.corrupt("the price version \(version) cannot be read")))
            }
            remember(catalogue, as: version)
            return .success(catalogue)
        case .success:
            // The id is forged, or the store lost its prices: what was spent is booked at today's rates rather than not at all.
            logger.warning("a reservation names an unknown price version", metadata: ["version": "\(version)"])
            return .success(snapshot?.catalogue ?? PriceCatalogue())
        }
    }
}
