/// One HTTP answer as it came off the wire.
package struct Answer: Sendable {
    package var status: Int
    /// Names in lower case, in order.
    package var fields: [(name: String, value: String)]
    package var body: [UInt8]

    package struct Malformed: Error {
        let bytes: String
    }

    /// Takes one answer off the front of `bytes`; nil while it is not whole.
    /// - Parameter bodiless: the answer to a HEAD: a length, but no body.
    package init?(takingFrom bytes: inout [UInt8], bodiless: Bool) throws {
        guard let end = Self.endOfHead(bytes) else { return nil }
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: true)
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else { throw Malformed(bytes: head) }
        self.status = status
        fields = try lines.dropFirst().map { line in
            guard let colon = line.firstIndex(of: ":") else { throw Malformed(bytes: head) }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return (line[..<colon].lowercased(), String(value))
        }
        body = []
        let isBodiless = bodiless || status < 200
        if !isBodiless, self["transfer-encoding"] == "chunked" {
            guard let (whole, after) = try Self.chunks(bytes[end...]) else { return nil }
            body = whole
            bytes.removeFirst(after)
            return
        }
        let length = isBodiless ? 0 : Int(self["content-length"] ?? "0") ?? 0
        guard bytes.count >= end + length else { return nil }
        body = Array(bytes[end..<(end + length)])
        bytes.removeFirst(end + length)
    }

    /// The content of chunks without trailers, and where they end; nil while the last one is missing.
    private static func chunks(_ bytes: ArraySlice<UInt8>) throws -> (body: [UInt8], end: Int)? {
        var (rest, body) = (bytes, [UInt8]())
        while let line = rest.firstIndex(of: 0x0A) {
            let digits = String(decoding: rest[..<line], as: UTF8.self).dropLast()
            guard let size = Int(digits, radix: 16) else { throw Malformed(bytes: String(digits)) }
            let start = line + 1
            guard rest.endIndex >= start + size + 2 else { return nil }
            body += rest[start..<(start + size)]
            rest = rest[(start + size + 2)...]
            if size == 0 { return (body, rest.startIndex) }
        }
        return nil
    }

    package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    package var json: JSON { (try? JSON(parsing: body)) ?? .null }
    package var closes: Bool { self["connection"]?.lowercased() == "close" }

    /// `code` of problem details; nil for anything that is no problem.
    package var code: String? { self["content-type"] == "application/problem+json" ? json["code"]?.text : nil }
    package var pointer: String? { json["pointer"]?.text }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        let end = Array("\r\n\r\n".utf8)
        return (4...bytes.count).first { bytes[($0 - 4)..<$0].elementsEqual(end) }
    }
}
