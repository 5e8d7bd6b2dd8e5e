import BudgetStore
import Synchronization

/// What Redis says of itself, looked at no more than once in a while however many scrapers ask.
final class StoreGlance: Sendable {
    struct View: Sendable {
        /// nil when Redis did not say.
        var openHolds: Int64?
        var status: StoreStatus?
    }

    private let time: Duration
    private let last = Mutex<(view: View, until: ContinuousClock.Instant)?>(nil)

    /// - Parameter time: how long a look is good for.
    init(lasting time: Duration) { self.time = time }

    func look(at stores: BudgetStores) async -> View {
        if let last = last.withLock({ $0 }), ContinuousClock.now < last.until { return last.view }
        var view = View()
        view.openHolds = try? await stores.ask { $0.openHolds($1) }
        view.status = try? await stores.ask { $0.status($1) }
        let now = view
        last.withLock { $0 = (now, ContinuousClock.now + time) }
        return view
    }
}
