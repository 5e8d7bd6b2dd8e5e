import Dispatch
import Synchronization

/// Rows as they come from the database, read ahead by a page or two at most: however many there are, memory stays flat.
///
/// Each iteration reads anew, on a snapshot of its own. Whoever stops iterating ends the reading.
package struct RowStream<Element: Sendable>: AsyncSequence, Sendable {
    typealias Produce = @Sendable (any SQLConnection, (Element) throws -> Void) throws -> Void
    private let database: any SQLDatabase
    private let produce: Produce

    /// How long a reading waits, snapshot in hand, for somebody to take the next page.
    static var patience: DispatchTimeInterval { .seconds(60) }
    private static var page: Int { 256 }

    init(_ database: any SQLDatabase, _ produce: @escaping Produce) {
        self.database = database
        self.produce = produce
    }

    package func makeAsyncIterator() -> Iterator {
        let pipe = RowPipe<Element>(patience: Self.patience)
        let reading = Task { [database, produce] in
            do {
                try await database.read { connection in
                    var page: [Element] = []
                    try produce(connection) { row in
                        page.append(row)
                        guard page.count == Self.page else { return }
                        try pipe.offer(page)
                        page.removeAll(keepingCapacity: true)
                    }
                    if !page.isEmpty { try pipe.offer(page) }
                }
                pipe.finish(nil)
            } catch {
                pipe.finish(error)
            }
        }
        return Iterator(lease: Lease(pipe, reading))
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let lease: Lease<Element>
        private var page: ArraySlice<Element> = []

        fileprivate init(lease: Lease<Element>) { self.lease = lease }

        package mutating func next() async throws -> Element? {
            if page.isEmpty {
                guard let next = try await lease.pipe.next() else { return nil }
                page = next[...]
            }
            return page.popFirst()
        }
    }
}

/// Ends the reading when the last iterator that could go on with it is gone.
private final class Lease<Element: Sendable>: Sendable {
    let pipe: RowPipe<Element>
    private let reading: Task<Void, Never>
    init(_ pipe: RowPipe<Element>, _ reading: Task<Void, Never>) { (self.pipe, self.reading) = (pipe, reading) }

    deinit {
        pipe.close()
        reading.cancel()
    }
}

/// Hands pages from a database's thread, which may block, to a task, which must not.
private final class RowPipe<Element: Sendable>: Sendable {
    private struct State {
        var page: [Element]?
        var taker: CheckedContinuation<[Element]?, any Error>?
        var end: Result<Void, any Error>?
        var closed = false
    }

    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: 0)
    private let patience: DispatchTimeInterval

    init(patience: DispatchTimeInterval) { self.patience = patience }

    // MARK: The database's thread

    func offer(_ page: [Element]) throws {
        while true {
            let placed = try state.withLock { state in
                if state.closed { throw LedgerError.abandoned }
                if let taker = state.taker {
                    state.taker = nil
                    taker.resume(returning: page)
                    return true
                }
                if state.page == nil {
                    state.page = page
                    return true
                }
                return false
            }
            if placed { return }
            if room.wait(timeout: .now() + patience) == .timedOut { throw LedgerError.abandoned }
        }
    }

    func finish(_ error: (any Error)?) {
        state.withLock { state in
            state.end = error.map { .failure($0) } ?? .success(())
            guard let taker = state.taker else { return }
            state.taker = nil
            if let error { taker.resume(throwing: error) } else { taker.resume(returning: nil) }
        }
    }

    // MARK: The task

    func next() async throws -> [Element]? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    if let page = state.page {
                        state.page = nil
                        room.signal()
                        continuation.resume(returning: page)
                    } else if state.closed {
                        continuation.resume(throwing: CancellationError())
                    } else if let end = state.end {
                        continuation.resume(with: end.map { nil })
                    } else {
                        state.taker = continuation
                    }
                }
            }
        } onCancel: {
            close()
        }
    }

    func close() {
        state.withLock { state in
            state.closed = true
            state.taker?.resume(throwing: CancellationError())
            state.taker = nil
        }
        room.signal()
    }
}
