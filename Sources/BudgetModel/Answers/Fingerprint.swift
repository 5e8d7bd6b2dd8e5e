import Crypto

/// 16 bytes that stand for a request's parsed values: equal requests have equal ones, whatever their spelling.
package struct Fingerprint: ~Copyable {
    private var bytes = ByteWriter(capacity: 256)
    package static let length = 16

    /// - Parameter verb: keeps a reserve and a record of one idempotency key apart.
    package init(verb: String) { add(verb) }

    package mutating func add(_ text: String?) {
        guard let text else { return bytes.append(0) }
        bytes.append(1)
        bytes.append(variable: UInt64(text.utf8.count))
        bytes.append(utf8: text)
    }

    package mutating func add(_ number: Int64?) {
        guard let number else { return bytes.append(0) }
        bytes.append(1)
        bytes.append(variable: UInt64(bitPattern: number))
    }

    mutating func add(_ attribution: Attribution) {
        for dimension in Dimension.allCases where dimension != .model {
            add(attribution.value(of: dimension, model: nil)?.text)
        }
    }

    mutating func add(_ labels: [String: String]) {
        let sorted = labels.map { (Array($0.key.utf8), $0.key, $0.value) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }
        add(Int64(sorted.count))
        for label in sorted {
            add(label.1)
            add(label.2)
        }
    }

    mutating func add(_ usage: Usage?) {
        add(usage?.inputTokens)
        add(usage?.outputTokens)
        add(usage?.cachedInputTokens)
        add(usage?.cacheWriteInputTokens)
        add(usage?.reasoningTokens)
        guard let usage, usage.hasRareParts else { return }
        // Neither of the marks that begin whatever follows a usage without them.
        bytes.append(2)
        for part in usage.rareParts { add(part) }
    }

    package var digest: [UInt8] {
        var hash = SHA256()
        bytes.withBytes { hash.update(bufferPointer: $0) }
        return hash.finalize().withUnsafeBytes { Array($0.prefix(Self.length)) }
    }
}

extension ReserveRequest {
    /// Everything asked but the idempotency key itself.
    package var fingerprint: [UInt8] {
        var print = Fingerprint(verb: "reserve")
        print.add(attribution)
        print.add(model.text)
        print.add(inputTokens)
        print.add(maximumOutput)
        print.add(minimumOutput)
        print.add(priceClass.rawValue)
        print.add(timeToLive)
        print.add(labels)
        print.add(promptHash)
        return print.digest
    }
}

extension CommitRequest {
    /// Everything reported but the reservation's id.
    package var fingerprint: [UInt8] {
        var print = Fingerprint(verb: "commit")
        print.add(usage)
        print.add(model?.text)
        print.add(final ? 1 : 0)
        print.add(latencyMilliseconds)
        print.add(status)
        return print.digest
    }
}

extension RecordRequest {
    package var fingerprint: [UInt8] {
        var print = Fingerprint(verb: "record")
        print.add(attribution)
        switch what {
        case .tokens(let usage, let model):
            print.add(usage)
            print.add(model.text)
        case .cost(let microcents, let component):
            print.add(microcents)
            print.add(component.text)
        }
        print.add(priceClass.rawValue)
        print.add(labels)
        print.add(promptHash)
        return print.digest
    }
}
