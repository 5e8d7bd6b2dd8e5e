package import BudgetModel
import BudgetScripts
package import Logging
import NIOCore

/// The budgets as one event loop sees them: its connection to Redis, the policy it plans with, and what it remembers of both.
///
/// Confined to its loop: no locks, no hops, no `await`. One verb, one file: `Verbs/BudgetStore+Reserve.swift` and so on.
package final class BudgetStore {
    package typealias Answer<Value> = (Result<Value, BudgetError>) -> Void

    package let connection: StoreConnection
    /// How long the outcome of a committed reservation is kept, milliseconds.
    package let settledRetention: Int64
    let logger: Logger
    private(set) var planner: Planner?
    private var assignments: [Identifier: Assignment] = [:]
    var catalogues: [PriceVersion: PriceCatalogue] = [:]
    /// Who waits for a catalogue that is being fetched.
    var priceWaiters: [PriceVersion: [Answer<PriceCatalogue>]] = [:]
    /// The store's clock minus this machine's monotonic one, milliseconds.
    private var clockOffset: Int64 = 0
    var origins = OriginMemory()
    /// What this loop has left in the store, and what it has read from there.
    var attributionsLeft = AttributionMemory()
    var attributions: [AttributionDigest: AttributionRecord] = [:]
    var shadows = ShadowTally()
    /// Whether the store has all its data.
    var watch = EpochWatch()
    private var nonces = NonceSource()
    package internal(set) var tally = StoreTally()
    var decisions: DecisionTallies
    /// Calls that the store failed, by ``StoreFault/Kind``.
    var faults = [Int64](repeating: 0, count: StoreFault.Kind.allCases.count)

    /// - Parameter admission: of series of decisions; shared by all loops.
    package init(_ connection: StoreConnection, settledRetention: Int64, admission: SeriesAdmission, logger: Logger) {
        self.connection = connection
        self.settledRetention = settledRetention
        self.logger = logger
        decisions = DecisionTallies(admission)
        connection.onReady = { self.becameReady() }
    }

    package var snapshot: PolicySnapshot? { planner?.snapshot }

    /// Plans with `snapshot` from the next decision on, and leaves its prices in the store for other nodes.
    package func use(_ snapshot: PolicySnapshot) {
        connection.loop.assertInEventLoop()
        let old = planner?.snapshot
        if let old { remember(old.catalogue, as: old.priceVersion) }
        planner = Planner(snapshot)
        if connection.isReady, old?.priceVersion != snapshot.priceVersion { publishPrices() }
    }

    /// Why decisions cannot be made right now; nil when they can.
    package var obstacle: Obstacle? {
        // Without the store nobody knows whether there is a policy.
        guard connection.isReady else { return .storeUnavailable(connection.fault) }
        // A ledger takes a store only when there is a policy to tell its time zone.
        if watch.obstacle != .storeLostData, snapshot == nil { return .noPolicy }
        return watch.obstacle
    }

    /// Why nothing can be decided before a policy is there: it is in the store, unless the store is away.
    var withoutPolicy: BudgetError { connection.isReady ? .plan(.noPolicy) : .store(.unavailable(connection.fault ?? "not connected")) }

    /// Commands keep their order on a connection: what is sent here comes before any decision.
    private func becameReady() {
        // It may be another Redis, or one that lost what it had.
        watch.connected()
        lookAtEpoch()
        attributionsLeft.forgetAll()
        publishPrices()
        connection.send(Command("TIME")) { result in
            guard case .success(.array(let parts)) = result, parts.count == 2,
                let seconds = parts[0].text.flatMap(Int64.init), let micros = parts[1].text.flatMap(Int64.init)
            else { return }
            self.observe(storeTime: seconds * 1_000 + micros / 1_000)
        }
    }

    // MARK: Time

    /// The store's clock as far as this loop knows it, milliseconds since 1970. Good for planning only: scripts decide.
    package var now: Int64 { monotonic + clockOffset }
    private var monotonic: Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000) }
    func observe(storeTime: Int64) { clockOffset = storeTime - monotonic }

    // MARK: Memory

    func assignment(of user: Identifier) -> Assignment { assignments[user] ?? Assignment() }

    /// - Returns: the assignment, nil when its bytes are damaged.
    func learn(_ bytes: [UInt8], of user: Identifier) -> Assignment? {
        guard let assignment = AssignmentRecord.decode(bytes) else { return nil }
        if assignment.revision == Assignment.none {
            assignments[user] = nil
        } else {
            if assignments.count >= connection.limits.rememberedAssignments { assignments.removeAll(keepingCapacity: true) }
            assignments[user] = assignment
        }
        return assignment
    }

    func remember(_ catalogue: PriceCatalogue, as version: PriceVersion) {
        if catalogues.count >= connection.limits.rememberedCatalogues { catalogues.removeAll() }
        catalogues[version] = catalogue
    }

    func nextNonce() -> [UInt8] { nonces.next() }

    func withPlanner<Value>(_ body: (inout Planner) throws(PlanError) -> Value) throws(PlanError) -> Value {
        guard planner != nil else { throw .noPolicy }
        // Planned in place: a copy would copy its window memory each time.
        return try body(&planner!)
    }

    /// The present calendar window of an allowance; nil for other kinds of window.
    func calendarWindow(of allowance: Allowance, at now: Int64) -> WindowBounds? { planner?.window(of: allowance, at: now) }
    func calendarWindow(of compiled: CompiledAllowance, at now: Int64) -> WindowBounds? { planner?.window(of: compiled, at: now) }

    // MARK: Scripts

    /// Runs a script; one that Redis has forgotten is loaded and run again, unseen by the caller.
    func run(_ script: Script, keys: Int, _ fill: (inout Command) -> Void, _ answer: @escaping Answer<[UInt8]>) {
        var arguments = Command(capacity: ByteWriter.page)
        arguments.append(contentsOf: connection.scripts[script].call)
        arguments.append(String(keys))
        fill(&arguments)
        // Kept for the case that it must be sent again.
        let call = arguments
        connection.send(call, inBackground: script.isInBackground) { [self] result in
            guard case .failure(.refusing(let text)) = result, text.hasPrefix("NOSCRIPT") else {
                return answer(script.bytes(of: result))
            }
            connection.send(Command("SCRIPT", "LOAD", connection.scripts[script].source)) { _ in }
            connection.send(call, inBackground: script.isInBackground) { answer(script.bytes(of: $0)) }
        }
    }
}

@available(*, unavailable)
extension BudgetStore: Sendable {}

extension Script {
    /// What a script answers is one string.
    fileprivate func bytes(of result: Result<Reply, StoreFault>) -> Result<[UInt8], BudgetError> {
        switch result {
        case .success(.bytes(let bytes)): .success(bytes)
        case .success: .failure(.store(.corrupt("the script \(rawValue) answered with another type")))
        case .failure(let fault): .failure(.store(fault))
        }
    }

    /// No caller waits for it.
    fileprivate var isInBackground: Bool {
        [.sweep, .confirm, .lease, .epoch, .audit, .repair, .forget, .attribute].contains(self)
    }
}

/// Names for reservations that no other loop, process or machine gives.
struct NonceSource {
    private let prefix: [UInt8]
    private var count: UInt64 = 0

    init() {
        var random = SystemRandomNumberGenerator()
        let bits = random.next()
        prefix = [UInt8(ascii: ".")] + Base64URL.encode(stride(from: 0, to: 64, by: 8).map { UInt8(truncatingIfNeeded: bits >> $0) })
    }

    /// A dot, 64 random bits of this source, and its own count.
    mutating func next() -> [UInt8] {
        count += 1
        return ByteWriter.bytes(capacity: 32) { nonce in
            nonce.append(prefix)
            var rest = count
            while rest != 0 {
                nonce.append(Base64URL.character(UInt32(rest & 63)))
                rest >>= 6
            }
        }
    }

    /// The name under a caller's idempotency key: never one of `next`.
    static func named(_ key: String) -> [UInt8] { [UInt8(ascii: "=")] + Array(key.utf8) }
}
