import CommandSupport

/// Hands the trace out to whoever is free, in its order.
actor ReplayFeed {
    struct Item: Sendable {
        /// From 0.
        let number: Int
        let row: TraceRow
    }

    private let reader: TraceReader
    private let limit: Int
    private var number = 0
    private(set) var isStopped = false
    /// The file changed while it was replayed.
    private(set) var failure: TraceError?

    init(_ settings: ReplaySettings) throws(TraceError) {
        reader = try TraceReader(settings.file, needsTimes: settings.pace.needsTimes)
        limit = settings.limit
    }

    /// nil at the end, or once stopped.
    func next() -> Item? {
        guard !isStopped, number < limit else { return nil }
        do throws(TraceError) {
            guard let row = try reader.next() else { return nil }
            defer { number += 1 }
            return Item(number: number, row: row)
        } catch {
            failure = error
            isStopped = true
            return nil
        }
    }

    func stop() { isStopped = true }
}
