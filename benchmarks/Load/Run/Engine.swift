import CommandSupport
import NIOCore

/// A run on its event loop: begins requests when the timetable says so, carries each through its life, counts.
///
/// One timer serves everything that waits for a time: arrivals, settlements, the ends of seconds and of a ramp's steps.
final class Engine {
    let settings: LoadSettings
    let pool: ConnectionPool
    var record: RunRecord
    var second = Window()
    var step = Window()
    /// Settlements to come.
    var agenda = Agenda<LoadRequest>()
    /// Nanoseconds of the event loop's clock.
    private(set) var start: Int64 = 0
    /// When the last request began, or the time for it was over; nil before.
    private(set) var loadEnd: Int64?

    private let loop: any EventLoop
    private let progress: @Sendable (Progress) -> Void
    private let finished: EventLoopPromise<RunRecord>
    private var timetable: Timetable
    private var maker: RequestMaker
    /// Nanoseconds from the start.
    private var nextArrival: Int64?
    private var begun = 0
    private var nextSecond: Int64 = 0
    private var stepNumber = 0
    private var armed: (due: Int64, timer: NIOScheduledCallback)?
    private var cpuAtStart: Double = 0
    private var isClosing = false

    init(
        _ settings: LoadSettings, on loop: any EventLoop, finished: EventLoopPromise<RunRecord>,
        progress: @escaping @Sendable (Progress) -> Void
    ) {
        self.settings = settings
        self.loop = loop
        self.finished = finished
        self.progress = progress
        pool = ConnectionPool(settings, on: loop)
        record = RunRecord(books: Books(users: settings.traffic.users))
        maker = RequestMaker(settings)
        timetable = Self.timetable(settings)
        pool.onEnd = { [unowned self] in ended($0, $1, at: $2) }
        pool.onBatch = { [unowned self] in pump() }
    }

    private static func timetable(_ settings: LoadSettings) -> Timetable {
        switch settings.shape {
        case .open(let arrivals):
            Timetable(arrivals, settings.stretches, limit: settings.maxRequests, seed: settings.seed)
        case .trace:
            Timetable(times: settings.traffic.rows.map(\.arrival), until: settings.length, limit: settings.maxRequests)
        case .closed: Timetable(times: [], until: settings.length, limit: 0)
        }
    }

    // MARK: Beginning and end

    func run() {
        loop.assertInEventLoop()
        pool.open().assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.startLoad()
            case .failure(let error): self.finished.fail(error)
            }
        }
    }

    /// No further requests; what is under way may finish, what would come later is left to end by itself.
    func stop() {
        record.wasStopped = true
        endLoad(at: ConnectionPool.now)
        for request in agenda.removeAll() { record.books.leave(request) }
        pump()
    }

    private func startLoad() {
        start = ConnectionPool.now
        nextSecond = start + 1_000_000_000
        cpuAtStart = processorTime()
        nextArrival = timetable.next()
        if case .closed(let count) = settings.shape {
            for _ in 0..<count { begin(due: start, at: start) }
        }
        pump()
    }

    private func endLoad(at now: Int64) {
        guard loadEnd == nil else { return }
        timetable.stop()
        nextArrival = nil
        loadEnd = now
        // Stopped before it began, it has no length.
        record.elapsed = start > 0 ? Double(now - start) / 1e9 : 0
        record.inTime = Verb.allCases.map { record.figures[$0].total.count }
        let calls = record.inTime.reduce(0, +)
        record.cpuPerCall = (processorTime() - cpuAtStart) * 1e6 / Double(max(calls, 1))
    }

    /// When what is left is given up: the longest think time or the last late commit, and a call's own time.
    private var deadline: Int64? {
        let traffic = settings.traffic
        let late = traffic.late > 0 ? Double(traffic.timeToLive) + 1 : 0
        let longest = max(traffic.think * LoadLimits.thinkMultiple, late)
        return loadEnd.map { $0 + Int64(longest * 1e9) + 2 * LoadLimits.callTime }
    }

    private func finishIfDone(_ now: Int64) {
        guard let deadline, now >= deadline || (agenda.isEmpty && pool.underWay == 0) else { return }
        isClosing = true
        armed?.timer.cancel()
        for request in agenda.removeAll() { record.books.leave(request) }
        pool.close()
        succeedIfClosed()
    }

    private func succeedIfClosed() {
        guard isClosing, pool.underWay == 0 else { return }
        finished.succeed(record)
    }

    // MARK: Time

    private func pump() {
        guard start > 0, !isClosing else { return }
        let now = ConnectionPool.now
        endPieces(now)
        while let due = nextArrival, start + due <= now {
            begin(due: start + due, at: now)
            nextArrival = timetable.next()
        }
        if nextArrival == nil, loadEnd == nil { endLoadIfOver(now) }
        while let (due, request) = agenda.take(by: now) {
            pool.submit(Call(verb: request.settles, request: request, due: due))
        }
        finishIfDone(now)
        if !isClosing { arm() }
    }

    /// Without arrivals left the time goes on to its end, but for a run that has sent all it may.
    private func endLoadIfOver(_ now: Int64) {
        if now >= start + settings.length {
            endLoad(at: start + settings.length)
        } else if begun >= settings.maxRequests || settings.shape == .trace {
            endLoad(at: now)
        }
    }

    private func arm() {
        var due = nextSecond
        if let nextArrival { due = min(due, start + nextArrival) }
        if let next = agenda.nextDue { due = min(due, next) }
        if stepNumber < settings.stretches.count, loadEnd == nil { due = min(due, start + settings.stretches[stepNumber].end) }
        // An earlier timer will come here again.
        if let armed, armed.due <= due { return }
        armed?.timer.cancel()
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(due))
        armed = (try? loop.assumeIsolated().scheduleCallback(at: deadline, handler: self)).map { (due, $0) }
    }

    private func endPieces(_ now: Int64) {
        while nextSecond <= now {
            endSecond()
            nextSecond += 1_000_000_000
            pool.giveUpOld(at: now)
            pool.renewIdle(at: now)
        }
        guard loadEnd == nil, stepNumber < settings.stretches.count, start + settings.stretches[stepNumber].end <= now else { return }
        endStep(now)
    }

    private func endSecond() {
        let from = nextSecond - 1_000_000_000
        // The load may end within a second.
        let length = loadEnd.map { $0 > from ? min($0 - from, 1_000_000_000) : 1_000_000_000 } ?? 1_000_000_000
        let row = second.row(
            start: Double(from - start) / 1e9, seconds: Double(length) / 1e9, nominal: nil,
            inFlight: pool.underWay - pool.waiting, waiting: pool.waiting)
        // After the load only a backlog is of interest.
        let hadBacklog = record.seconds.last.map { $0.waiting > 0 } ?? false
        if loadEnd.map({ from < $0 }) ?? true || hadBacklog { record.seconds.append(row) }
        progress(loadEnd == nil ? .second(row) : .drain(calls: pool.underWay, late: agenda.count))
        second.reset()
    }

    private func endStep(_ now: Int64) {
        let stretch = settings.stretches[stepNumber]
        if let limit = settings.rampP99 {
            let saturation = Saturation(step, p99: limit)
            let row = step.row(
                start: Double(stretch.start) / 1e9, seconds: Double(stretch.end - stretch.start) / 1e9, nominal: stretch.rate,
                inFlight: pool.underWay - pool.waiting, waiting: pool.waiting)
            record.steps.append(.init(window: row, saturation: saturation?.text))
            if saturation != nil { endLoad(at: start + stretch.end) }
        }
        step.reset()
        stepNumber += 1
    }

    // MARK: Requests

    private func begin(due: Int64, at now: Int64) {
        begun += 1
        record.figures.offered += 1
        second.offered += 1
        step.offered += 1
        record.figures.lag.record(now - due)
        pool.submit(Call(verb: .reserve, request: LoadRequest(&maker), due: due))
    }

    /// A request of a closed loop has ended: the next one's turn.
    func takeTurn(at now: Int64) {
        guard settings.shape.isClosed, loadEnd == nil, now < start + settings.length, begun < settings.maxRequests else { return }
        begin(due: now, at: now)
    }

    private func ended(_ call: Call, _ outcome: Outcome, at now: Int64) {
        answer(call, outcome, at: now)
        succeedIfClosed()
    }
}

extension Engine: NIOScheduledCallbackHandler {
    func handleScheduledCallback(eventLoop: some EventLoop) {
        armed = nil
        pump()
    }
}

@available(*, unavailable)
extension Engine: Sendable {}
