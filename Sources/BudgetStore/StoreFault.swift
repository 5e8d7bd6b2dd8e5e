/// Why the store could not answer. Nothing says whether a command ran: whoever repeats it must be safe to repeat.
package enum StoreFault: Error, Hashable, Sendable {
    /// No connection, or it broke before the answer came.
    case unavailable(String)
    /// No answer by the command's deadline.
    case timedOut
    /// The pipeline is full; nothing was sent.
    case overloaded
    /// Redis refuses for now: loading, read only, out of memory, a script hangs.
    case refusing(String)
    /// A key of ours holds something that is not ours.
    case corrupt(String)
    /// It answers, but lost what it had, or nobody has said yet that it has everything: nothing is decided by what is left.
    case lostData(String)
    /// Redis lacks something for good: a permission, a command.
    case misconfigured(String)

    /// Errors after which only another connection can help: the server was demoted, or no longer knows us. Connecting anew
    /// resolves its name again and shows in readiness.
    static func endsConnection(_ reply: String) -> Bool {
        ["READONLY", "MASTERDOWN", "NOAUTH", "NOPERM", "WRONGPASS"].contains { reply.hasPrefix($0) }
    }

    /// Reads an error reply of Redis.
    init(reply text: String) {
        let word = text.prefix { $0 != " " }
        switch word {
        case "WRONGTYPE": self = .corrupt(text)
        case "NOAUTH", "NOPERM", "WRONGPASS": self = .misconfigured(text)
        case "LOADING", "READONLY", "MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN", "MISCONF", "OOM", "BUSY", "UNKILLABLE":
            self = .refusing(text)
        default:
            if text.contains("CORRUPT") || text.contains("WRONGTYPE") || text.contains("data string too short") {
                self = .corrupt(text)
            } else if text.contains("OOM") || text.contains("READONLY") || text.contains("MISCONF") {
                self = .refusing(text)
            } else if text.contains("ACL") || text.contains("permission") || text.contains("NOPERM") {
                self = .misconfigured(text)
            } else {
                self = .refusing(text)
            }
        }
    }
}

extension StoreFault: CustomStringConvertible {
    /// A sentence for logs and ops, with Redis' own words where it said some.
    package var description: String {
        switch self {
        case .unavailable: "Redis cannot be reached (\(words))."
        case .timedOut: "Redis did not answer in time."
        case .overloaded: "More is asked than Redis can answer in time."
        case .refusing: "Redis refuses for now (\(words))."
        case .corrupt: "Redis holds what this service did not write (\(words))."
        case .lostData: "Nothing is decided or booked: \(words)."
        case .misconfigured: "Redis does not let this service do its work (\(words))."
        }
    }

    /// What Redis or the connection said of it.
    var words: String {
        switch self {
        case .unavailable(let words), .refusing(let words), .corrupt(let words), .lostData(let words),
            .misconfigured(let words):
            words
        case .timedOut: "no answer in time"
        case .overloaded: "too many commands wait"
        }
    }
}
