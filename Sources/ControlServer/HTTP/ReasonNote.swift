import Synchronization

/// The reason a caller gives for a change. The endpoint finds it, in body or query; the log wants it whatever becomes of the call.
final class ReasonNote: Sendable {
    private let text = Mutex("")

    /// At most 500 bytes; empty: none was given.
    var reason: String {
        get { text.withLock { $0 } }
        set { text.withLock { $0 = newValue } }
    }
}
