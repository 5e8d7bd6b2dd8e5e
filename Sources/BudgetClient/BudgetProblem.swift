package import Foundation

/// The service refused a call: its `application/problem+json` (RFC 9457), or as much of it as the answer had.
package struct BudgetProblem: Error, Hashable, Sendable {
    package var status: Int
    /// The service's word for it, such as `unknown_tier`; nil when somebody on the way answered.
    package var code: String?
    package var title: String
    package var detail: String?
    /// The field at fault, a JSON pointer such as `/input_tokens`.
    package var pointer: String?
    /// What the caller knows that field as, such as `--input-tokens`; nil where it has no other name.
    package var option: String?
    /// Where in a document that was sent the fault stands, from 1.
    package var line: Int?
    package var column: Int?
    /// Entries of a catalogue that were not taken, where none was.
    package var skipped: [ImportReply.Skipped]?
    /// Seconds, where the answer says when to try again.
    package var retryAfter: Int64?
    /// What may be behind it, for people; nil when the answer says it all.
    package var hint: String?

    /// - Parameter retryAfter: the header's text.
    package init(status: Int, body: Data, retryAfter: String?) {
        let fields = try? JSONDecoder().decode(Fields.self, from: body)
        self.status = status
        code = fields?.code
        title = fields?.title ?? "HTTP status \(status)"
        detail = fields?.detail
        pointer = fields?.pointer
        line = fields?.line
        column = fields?.column
        skipped = fields?.skipped
        self.retryAfter = retryAfter.flatMap { Int64($0) }
    }

    private struct Fields: Decodable {
        var code, title, detail, pointer: String?
        var line, column: Int?
        var skipped: [ImportReply.Skipped]?
    }

    /// The service failed half way: the call may have had its effect.
    package var leavesOutcomeUnknown: Bool { status >= 500 || status == 408 }
}

extension BudgetProblem: CustomStringConvertible {
    /// One line: `422 unknown_tier: Policy has no tier "x". (/tier)`, with the hint behind it.
    package var description: String {
        var line = [String(status), code].compactMap { $0 }.joined(separator: " ") + ": " + (detail ?? title)
        if let name = option ?? pointer, !name.isEmpty { line += " (\(name))" }
        if let retryAfter { line += " Try again in \(retryAfter) s." }
        if let hint { line += " \(hint)" }
        return line
    }
}

/// A call without a usable answer, or one that could not be made.
package enum BudgetClientError: Error, Hashable, Sendable {
    /// The URL, and what to write instead.
    case invalidServer(String, String)
    /// A key is visible ASCII: it travels in a header.
    case invalidKey
    /// Files for TLS that cannot be used, and why.
    case invalidTLS(String)
    /// No connection that both sides trust, and why: nothing has been done.
    case handshakeFailed(String, String)
    /// No connection: nothing has been sent.
    case unreachable(String, String)
    case timedOut(seconds: Int64)
    /// The connection or the answer ended early.
    case brokenOff(String)
    case unreadableAnswer(status: Int, String)

    /// The call may have had its effect.
    package var leavesOutcomeUnknown: Bool {
        switch self {
        case .invalidServer, .invalidKey, .invalidTLS, .handshakeFailed, .unreachable: false
        case .timedOut, .brokenOff, .unreadableAnswer: true
        }
    }
}

extension BudgetClientError: CustomStringConvertible {
    /// One line for people.
    package var description: String {
        switch self {
        case .invalidServer(let text, let advice): "\"\(text)\" is no address of a service: \(advice)"
        case .invalidKey: "the key is empty or has characters other than visible ASCII"
        case .invalidTLS(let reason): reason
        case .handshakeFailed(let server, let reason): "no secure connection to \(server): \(reason); nothing was done"
        case .unreachable(let server, let reason): "cannot reach \(server): \(reason)"
        case .timedOut(let seconds): "no answer within \(seconds) s; the call may have had its effect"
        case .brokenOff(let reason): "the exchange broke off (\(reason)); the call may have had its effect"
        case .unreadableAnswer(let status, let reason): "an answer with status \(status) that cannot be read: \(reason)"
        }
    }
}
