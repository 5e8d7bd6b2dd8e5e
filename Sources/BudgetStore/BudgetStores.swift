package import BudgetModel
package import BudgetScripts
package import Logging
package import NIOCore
import NIOSSL
import Synchronization

/// One ``BudgetStore`` per event loop, and what they do together: follow a policy, sweep, stop.
package final class BudgetStores: Sendable {
    private let stores: [(loop: any EventLoop, store: NIOLoopBound<BudgetStore>)]
    private let next = Atomic(0)
    private let byLoop: [ObjectIdentifier: NIOLoopBound<BudgetStore>]

    /// Settings of the way to the store.
    package struct Settings: Sendable {
        package var address: StoreAddress
        package var limits = StoreLimits()
        /// How long the outcome of a committed reservation is kept, milliseconds.
        package var settledRetention: Int64 = 15 * 60_000
        /// Anything but the store's own clock is for tests.
        package var clock: Script.Clock = .store
        /// Whether its loops sweep, renew prices and store what they counted. Of several in one process one is enough.
        package var doesUpkeep = true

        /// Whether decisions wait for a ledger to say that the store has all its data, see ``EpochWatch``.
        package var watchesEpoch = false

        package init(address: StoreAddress) { self.address = address }
    }

    /// Starts connecting on every loop of `group`.
    package static func start(_ settings: Settings, group: any EventLoopGroup, logger: Logger) async throws -> BudgetStores {
        let scripts = ScriptLibrary(clock: settings.clock)
        // Reading the system's certificates takes a while: once, and not on a loop.
        let tls = settings.address.usesTLS ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
        let admission = SeriesAdmission(limit: settings.limits.decisionSeries)
        var stores: [(any EventLoop, NIOLoopBound<BudgetStore>)] = []
        for loop in group.makeIterator() {
            let store = try await loop.submit {
                let connection = StoreConnection(
                    settings.address, tls: tls, scripts: scripts, on: loop, limits: settings.limits, logger: logger)
                let store = BudgetStore(
                    connection, settledRetention: settings.settledRetention, admission: admission, logger: logger)
                store.watch = EpochWatch(isOn: settings.watchesEpoch)
                connection.start()
                return NIOLoopBound(store, eventLoop: loop)
            }.get()
            stores.append((loop, store))
        }
        let all = BudgetStores(stores)
        if settings.watchesEpoch { all.startWatching(every: settings.limits.epochInterval) }
        guard settings.doesUpkeep else { return all }
        all.startSweeping(every: settings.limits.sweepInterval)
        all.startRenewingPrices(every: settings.limits.pricesRenewal)
        all.startFlushing(every: settings.limits.shadowFlush)
        return all
    }

    private init(_ stores: [(any EventLoop, NIOLoopBound<BudgetStore>)]) {
        self.stores = stores.map { (loop: $0.0, store: $0.1) }
        byLoop = Dictionary(uniqueKeysWithValues: stores.map { (ObjectIdentifier($0.0), $0.1) })
    }

    /// The store of the loop the caller runs on.
    package func store(on loop: any EventLoop) -> BudgetStore {
        guard let store = byLoop[ObjectIdentifier(loop)] else { preconditionFailure("an event loop of another group") }
        return store.value
    }

    /// Runs `body` with each loop's store, on its loop, and waits for all of them.
    package func onEach(_ body: @escaping @Sendable (BudgetStore) -> Void) async throws {
        for (loop, store) in stores { try await loop.submit { body(store.value) }.get() }
    }

    /// Lets `body` add each loop's store to `initial`, on that store's loop.
    func fold<Value: Sendable>(_ initial: Value, _ body: @escaping @Sendable (inout Value, BudgetStore) -> Void) async throws -> Value {
        var value = initial
        for (loop, store) in stores {
            let before = value
            value = try await loop.submit {
                var after = before
                body(&after, store.value)
                return after
            }.get()
        }
        return value
    }

    /// Decisions from now on follow `policy`.
    package func use(_ policy: PolicySnapshot) async throws { try await onEach { $0.use(policy) } }

    /// Waits until every loop can decide.
    /// - Returns: what stands in the way when `time` has passed; nil when all is ready.
    package func obstacle(within time: Duration) async throws -> Obstacle? {
        let deadline = ContinuousClock.now + time
        while let obstacle = try await obstacle() {
            if ContinuousClock.now > deadline { return obstacle }
            try await Task.sleep(for: .milliseconds(5))
        }
        return nil
    }

    /// Why some loop cannot decide right now; nil when all can.
    package func obstacle() async throws -> Obstacle? {
        for (loop, store) in stores {
            if let obstacle = try await loop.submit({ store.value.obstacle }).get() { return obstacle }
        }
        return nil
    }

    /// The store's clock as far as it is known here, milliseconds since 1970.
    package func now() async throws -> Int64 { try await ask { $1(.success($0.now)) } }

    /// Asks one loop's store, in turn, from outside the loops.
    /// - Throws: ``BudgetError``.
    package func ask<Value: Sendable>(
        _ body: @escaping @Sendable (BudgetStore, @escaping BudgetStore.Answer<Value>) -> Void
    ) async throws -> Value {
        let (loop, store) = stores[next.wrappingAdd(1, ordering: .relaxed).oldValue % stores.count]
        return try await loop.flatSubmit {
            let promise = loop.makePromise(of: Value.self)
            body(store.value) { result in promise.completeWith(result.mapError { $0 as any Error }) }
            return promise.futureResult
        }.get()
    }

    package func close() async throws { try await onEach { $0.connection.close() } }

    /// Every loop of every node sweeps, so that no single connection is needed for it; a second sweep of a partition finds nothing.
    private func startSweeping(every interval: TimeAmount) {
        for (loop, store) in stores {
            loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
                if store.value.connection.isReady { store.value.sweepAll() }
            }
        }
    }

    /// Each loop for itself: its decisions and its looks at the epoch are in one order.
    private func startWatching(every interval: TimeAmount) {
        for (loop, store) in stores {
            loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in store.value.lookAtEpoch() }
        }
    }

    private func startRenewingPrices(every interval: TimeAmount) {
        for (loop, store) in stores {
            loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
                if store.value.connection.isReady { store.value.publishPrices() }
            }
        }
    }

    private func startFlushing(every interval: TimeAmount) {
        for (loop, store) in stores {
            loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in store.value.flushWouldReject() }
        }
    }
}
