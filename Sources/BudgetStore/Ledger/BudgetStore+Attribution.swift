import BudgetModel
import BudgetScripts

/// Attributions by digest: left in the store ahead of the first reservation that names them, looked up when events are read.
extension BudgetStore {
    /// Milliseconds for which the store keeps one after it was last left there: longer than any event waits for its ledger.
    private static var timeToLive: Int64 { 60 * 86_400_000 }

    /// Commands keep their order on a connection, so it is there before what names it.
    func leave(_ attribution: KnownAttribution) {
        guard attributionsLeft.isNew(attribution.digest, at: now) else { return }
        var command = Command("SET", Keys.attribution(attribution.digest))
        command.append(attribution.bytes)
        command.append("PX")
        command.append(String(Self.timeToLive))
        connection.send(command, inBackground: true) { result in
            if case .failure = result { self.attributionsLeft.refused(attribution.digest) }
        }
    }

    /// For what is booked or held in any case: a full Redis takes it too. A plain `SET` ahead of a reserve is refused then, as the
    /// reserve is, so that requests which get nothing take no memory; what was granted all the same is made up for here.
    func leaveInAnyCase(_ attribution: KnownAttribution) {
        guard attributionsLeft.isNew(attribution.digest, at: now) else { return }
        run(.attribute, keys: 1) { arguments in
            arguments.append(Keys.attribution(attribution.digest))
            arguments.append(attribution.bytes)
            arguments.append(String(Self.timeToLive))
        } _: { result in
            if case .failure = result { self.attributionsLeft.refused(attribution.digest) }
        }
    }

    /// Makes sure that all that can be known of these digests is known here.
    func learn(_ digests: Set<AttributionDigest>, _ answer: @escaping Answer<Void>) {
        if attributions.count + digests.count > connection.limits.rememberedAttributions { attributions.removeAll() }
        let wanted = digests.filter { attributions[$0] == nil }
        guard !wanted.isEmpty else { return answer(.success(())) }
        var command = Command("MGET")
        for digest in wanted { command.append(Keys.attribution(digest)) }
        connection.send(command, inBackground: true) { [self] result in
            switch result {
            case .failure(let fault): answer(.failure(.store(fault)))
            case .success(.array(let found)):
                for (digest, reply) in zip(wanted, found) {
                    if case .bytes(let bytes) = reply { attributions[digest] = AttributionRecord(bytes) }
                }
                answer(.success(()))
            case .success: answer(.failure(.store(.corrupt("MGET answers something else"))))
            }
        }
    }
}
