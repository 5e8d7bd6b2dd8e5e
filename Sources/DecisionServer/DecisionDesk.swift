import BudgetHTTP
import BudgetMetrics
import BudgetModel
import BudgetStore
import NIOCore
import NIOHTTP1
import Synchronization

/// What all loops of one listener share.
final class ServerState: Sendable {
    let isDraining = Atomic(false)
    let connections = Atomic(0)
    let keys: AccessKeys?
    let limits: ServerLimits

    init(keys: AccessKeys?, limits: ServerLimits) {
        self.keys = keys
        self.limits = limits
    }
}

/// One event loop's desk: its store, its connections, its clock. Requests come in, answers go out, all on the loop.
final class DecisionDesk {
    let store: BudgetStore
    let limits: ServerLimits
    private let shared: ServerState
    private let keys: KeyCache?
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private var httpDate = HTTPDate()
    /// The answer being written: one room for all, as long as the system takes each at once.
    var outgoing = ByteBufferAllocator().buffer(capacity: 4 << 10)
    /// What this loop's connections have counted.
    private var counted = ListenerFigures()

    init(_ store: BudgetStore, _ shared: ServerState) {
        self.store = store
        self.shared = shared
        keys = shared.keys.map { KeyCache($0) }
        limits = shared.limits
    }

    var isDraining: Bool { shared.isDraining.load(ordering: .relaxed) }
    var isFull: Bool { shared.connections.load(ordering: .relaxed) > limits.connections }
    func date() -> String { httpDate.at(store.now) }

    // MARK: Connections

    func add(_ connection: HTTPConnection) {
        shared.connections.add(1, ordering: .relaxed)
        connections[ObjectIdentifier(connection)] = connection
    }

    func remove(_ connection: HTTPConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        shared.connections.subtract(1, ordering: .relaxed)
    }

    /// Ends what is overdue; called once a second.
    func tick() {
        let now = NIODeadline.now()
        for connection in connections.values where connection.deadline <= now { connection.overdue() }
    }

    func drain() {
        for connection in connections.values { connection.drain() }
    }

    /// Counts an answer.
    /// - Parameter time: since the request had been read whole; nil when it never was.
    func count(_ response: Response, after time: TimeAmount?) {
        counted.count(status: response.status, nanoseconds: time?.nanoseconds)
    }

    var figures: ListenerFigures {
        var figures = counted
        figures.connections = Int64(connections.count)
        return figures
    }

    var busyConnections: Int { connections.values.reduce(0) { $0 + ($1.isIdle ? 0 : 1) } }

    // MARK: Requests

    typealias Respond = (Response) -> Void

    func handle(_ head: HTTPRequestHead, _ fields: RequestFields, _ body: ByteBuffer, _ respond: @escaping Respond) {
        do throws(Problem) {
            let route = try Route(head.method, head.uri)
            if case .live = route { return respond(Response { $0.text("status", "live") }) }
            if case .ready = route { return respond(readiness) }
            let call = Call(
                body: body, idempotencyKey: try Call.idempotencyKey(fields.idempotencyKeys),
                environment: try keys?.environment(of: fields.authorizations) ?? nil, traceID: fields.correlation.trace?.id)
            try answer(route, call, respond)
        } catch {
            respond(Response(error))
        }
    }

    private func answer(_ route: Route, _ call: Call, _ respond: @escaping Respond) throws(Problem) {
        switch route {
        case .reserve: try reserve(call, respond)
        case .check: try check(call, respond)
        case .commit: try commit(call, respond)
        case .release: try release(call, respond)
        case .extend: try extend(call, respond)
        case .record: try record(call, respond)
        case .user(let user): self.user(user, respond)
        case .live, .ready: break
        }
    }

    /// The answer of a call: what `make` makes of a success, or the problem.
    /// - Parameter readsOnly: the call changes nothing.
    func response<Value>(
        _ result: Result<Value, BudgetError>, readsOnly: Bool = false, _ make: (Value) -> Response
    ) -> Response {
        switch result {
        case .success(let value): return make(value)
        case .failure(let error):
            store.count(error)
            return Response(Problem(error, readsOnly: readsOnly))
        }
    }

    private var readiness: Response {
        if isDraining { return notReady("draining") }
        return store.obstacle.map { notReady($0.code) } ?? Response { $0.text("status", "ready") }
    }

    private func notReady(_ why: String) -> Response {
        var problem = Problem(503, why, "Not ready", "The service cannot decide: \(why).")
        problem.fields = [("retry-after", "1")]
        return Response(problem)
    }
}

@available(*, unavailable)
extension DecisionDesk: Sendable {}

/// One request on its way: what every verb needs of it.
struct Call {
    var body: ByteBuffer
    /// From the header; a body may name it too.
    var idempotencyKey: String?
    /// The environment the app key is bound to.
    var environment: Identifier?
    var traceID: TraceID?

    /// The tag reservations must carry to exist for this caller; nil is any.
    var environmentTag: EnvironmentTag? { environment.map { EnvironmentTag($0) } }

    /// `Idempotency-Key`, quoted (as its draft says) or bare (as most clients send it).
    static func idempotencyKey(_ fields: [String]) throws(Problem) -> String? {
        guard var text = fields.first else { return nil }
        if text.utf8.count >= 2, text.utf8.first == UInt8(ascii: "\""), text.utf8.last == UInt8(ascii: "\"") {
            text = String(text.dropFirst().dropLast())
        }
        guard fields.count == 1, isValidIdempotencyKey(text) else {
            throw Problem(
                400, "invalid_idempotency_key", "Malformed request",
                "The Idempotency-Key field must be 1 to 128 visible ASCII characters.",
                pointer: "/idempotency_key")
        }
        return text
    }

    /// The one key of header and body.
    func idempotencyKey(body text: String?) throws(Problem) -> String? {
        guard let text else { return idempotencyKey }
        if let idempotencyKey, !idempotencyKey.utf8.elementsEqual(text.utf8) {
            throw Problem(
                400, "idempotency_key_differs", "Malformed request", "The Idempotency-Key field and idempotency_key differ.",
                pointer: "/idempotency_key")
        }
        return text
    }

    /// Stamps the app key's environment on a call; another one named in the body is not its to use.
    func stamp(_ attribution: inout Attribution) throws(Problem) {
        guard let environment else { return }
        if let named = attribution.environment, named != environment {
            throw Problem(
                403, "wrong_environment", "Forbidden", "The key is bound to another environment.", pointer: "/environment")
        }
        attribution.environment = environment
    }
}

/// 1-128 visible ASCII characters.
func isValidIdempotencyKey(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
}
