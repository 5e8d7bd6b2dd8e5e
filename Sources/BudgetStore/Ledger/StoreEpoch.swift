import Logging

/// What the key `tb:epoch` says: whose ledger this store's is, and that it has everything it ever had since the epoch was written.
/// It goes with the data: where it is gone, or another, data were lost.
package struct StoreEpoch: Hashable, Sendable, CustomStringConvertible {
    /// The ledger's own name, 16 hexadecimal digits.
    package var ledger: String
    /// Random, of this very set of data.
    package var mark: String

    package init(ledger: String, mark: String) { (self.ledger, self.mark) = (ledger, mark) }

    /// Another epoch of a ledger.
    package static func new(of ledger: String) -> StoreEpoch {
        StoreEpoch(ledger: ledger, mark: String(UInt64.random(in: 0...UInt64.max), radix: 16))
    }

    /// `3f2a91c0d4e5b678-9c01ffab12345678`; nil for something else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-")
        guard parts.count == 2 else { return nil }
        self.init(ledger: String(parts[0]), mark: String(parts[1]))
    }

    package var description: String { "\(ledger)-\(mark)" }
}

/// What one event loop knows of the store's epoch. Without one nothing is decided: an empty store would grant everybody a fresh budget.
struct EpochWatch {
    private enum Finding {
        case unwatched
        /// Not asked on this connection yet.
        case unasked
        case none
        case there
    }
    private var finding = Finding.unwatched
    /// Whether this process has seen the store with an epoch.
    private var wasThere = false
    /// Whether verbs may act: looked at for every call.
    private(set) var isWhole = true
    /// How often data turned out to be lost.
    private(set) var losses: Int64 = 0

    init(isOn: Bool = false) { if isOn { set(.unasked) } }

    var isOn: Bool { if case .unwatched = finding { false } else { true } }

    /// It may be another Redis, or one that lost what it had.
    mutating func connected() { if isOn { set(.unasked) } }

    /// - Returns: whether data turn out to be lost.
    mutating func found(_ isThere: Bool) -> Bool {
        let isNews = !isThere && wasThere
        if case .none = finding, !isThere { return false }
        set(isThere ? .there : .none)
        wasThere = wasThere || isThere
        if isNews { losses += 1 }
        return isNews
    }

    private mutating func set(_ finding: Finding) {
        self.finding = finding
        switch finding {
        case .unwatched, .there: isWhole = true
        case .unasked, .none: isWhole = false
        }
    }

    var obstacle: Obstacle? {
        switch finding {
        case .unwatched, .there: nil
        case .unasked: .storeUnavailable("it has just been connected")
        case .none: wasThere ? .storeLostData : .storeUnclaimed
        }
    }

    /// How a verb fails meanwhile.
    var refusal: BudgetError {
        switch obstacle {
        case .storeLostData, .storeUnclaimed: .store(.lostData("the store \(wasThere ? "has lost its data" : "has no ledger yet")"))
        default: .store(.unavailable("just connected"))
        }
    }
}

extension BudgetStore {
    /// Asks whether the epoch is there. What a broken connection does not answer shows by itself.
    func lookAtEpoch() {
        guard watch.isOn, connection.isReady else { return }
        connection.send(Command("GET", Keys.epoch), inBackground: true) { result in
            guard case .success(let reply) = result else { return }
            guard self.watch.found(reply.text.flatMap(StoreEpoch.init) != nil) else { return }
            self.logger.critical("the store has lost its data: nothing is decided until the ledger has rebuilt it")
            // What this loop left there is gone as well.
            self.attributionsLeft.forgetAll()
            self.publishPrices()
        }
    }
}
