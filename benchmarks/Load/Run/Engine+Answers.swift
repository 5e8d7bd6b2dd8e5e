import CommandSupport
import NIOCore

/// What the end of a call means for its request, for the figures and for the books.
extension Engine {
    func answer(_ call: Call, _ outcome: Outcome, at now: Int64) {
        switch outcome {
        case .answered(let response) where response.status == 200:
            record.figures[call.verb].service.record(now - call.sent)
            record.figures[call.verb].total.record(now - call.due)
            if call.verb == .reserve { decided(call, response.body, at: now) } else { settled(call, response.body, at: now) }
        case .answered(let response): refused(call, response, at: now)
        case .broken(let failure):
            record.books.loseTrack(call.request)
            fail(call, failure.rawValue, at: now)
        case .dropped:
            if call.verb != .reserve { record.books.leave(call.request) }
            fail(call, "dropped", at: now)
        }
    }

    private func fail(_ call: Call, _ what: String, at now: Int64) {
        record.figures.failed(call.verb, what)
        second.errors += 1
        step.errors += 1
        takeTurn(after: call, at: now)
    }

    // MARK: Decisions

    private func decided(_ call: Call, _ body: ByteBuffer, at now: Int64) {
        guard let reply = DecisionAnswer(body) else {
            record.books.loseTrack(call.request)
            return fail(call, Failure.malformed.rawValue, at: now)
        }
        let request = call.request
        record.figures.decided(reply.decision, reason: reply.reason)
        second.decided(reply.decision, after: now - call.due)
        step.decided(reply.decision, after: now - call.due)
        record.books.decided(request)
        if let model = reply.model, !record.otherModels.contains(model) { record.otherModels.append(model) }
        guard reply.decision != .reject else { return takeTurn(after: call, at: now) }
        request.id = reply.id
        request.granted = reply.granted
        request.held = reply.heldTokens
        let timeToLive = settings.traffic.timeToLive * 1_000_000_000
        request.ends = (call.sent + timeToLive)...(now + timeToLive)
        live(request, from: now)
    }

    /// What a request does after its reserve.
    private func live(_ request: LoadRequest, from now: Int64) {
        record.figures.fates[request.fate, default: 0] += 1
        switch request.fate {
        case .lost: record.books.leave(request)
        case .late: agenda.add(request, due: request.ends.upperBound + LoadLimits.lateness)
        case .commit, .release: return agenda.add(request, due: now + request.think)
        }
        // Nobody waits for these.
        takeTurn(at: now)
    }

    private func settled(_ call: Call, _ body: ByteBuffer, at now: Int64) {
        let reply = SettlementAnswer(body)
        if call.verb == .commit {
            guard let reply, let tokens = reply.chargedTokens else {
                record.books.loseTrack(call.request)
                return fail(call, Failure.malformed.rawValue, at: now)
            }
            record.books.charge(call.request, tokens)
            record.figures.tokensCharged += tokens
            if reply.isLate { record.figures.lateCommits += 1 }
        } else if reply == nil {
            record.books.loseTrack(call.request)
            return fail(call, Failure.malformed.rawValue, at: now)
        }
        takeTurn(after: call, at: now)
    }

    /// A late commit comes long after another request took its turn.
    private func takeTurn(after call: Call, at now: Int64) {
        if call.verb == .reserve || call.request.fate != .late { takeTurn(at: now) }
    }

    // MARK: Errors

    private func refused(_ call: Call, _ response: ResponseReader.Response, at now: Int64) {
        let code = ProblemAnswer.code(response.body) ?? "without a code"
        if Self.hadNoEffect(call.verb, response.status, code) {
            if call.verb != .reserve { record.books.leave(call.request) }
        } else {
            record.books.loseTrack(call.request)
        }
        guard response.status == 503 else { return fail(call, "\(response.status) \(code)", at: now) }
        record.figures.shed(call.verb, code)
        second.shed += 1
        step.shed += 1
        takeTurn(after: call, at: now)
    }

    /// Whether the service has said that it did nothing. A settlement refused for its reservation's sake tells that the
    /// service's books are not what this run believes, so nothing can be said of that user.
    private static func hadNoEffect(_ verb: Verb, _ status: Int, _ code: String) -> Bool {
        switch status {
        case 503: code != "store_unavailable"
        case 400..<500: verb == .reserve && status != 408
        default: false
        }
    }
}
