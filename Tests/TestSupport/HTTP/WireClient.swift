/// Well-formed requests to a listener of a test's own, each on a connection of its own.
package struct WireClient: Sendable {
    package let port: Int

    package init(port: Int) { self.port = port }

    /// - Parameter body: sent as `application/json`, unless `fields` say otherwise.
    package func send(_ method: String, _ path: String, _ body: JSON? = nil, _ fields: String...) async throws -> Answer {
        let type = fields.contains { $0.lowercased().hasPrefix("content-type") } ? [] : ["content-type: application/json"]
        return try await send(method, path, fields + (body == nil ? [] : type), body?.bytes)
    }

    package func get(_ path: String, _ fields: String...) async throws -> Answer { try await send("GET", path, fields, nil) }

    package func send(_ method: String, _ path: String, _ fields: [String], _ body: [UInt8]?) async throws -> Answer {
        let request = Self.request(method, path, fields, body)
        return try await Wire.open(port: port) { wire in
            try await wire.send(request)
            return try await wire.answer(bodiless: method == "HEAD")
        }
    }

    package static func request(_ method: String, _ path: String, _ fields: [String] = [], _ body: [UInt8]? = nil) -> [UInt8] {
        var head = "\(method) \(path) HTTP/1.1\r\nhost: localhost\r\n"
        for field in fields { head += field + "\r\n" }
        if let body { head += "content-length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + (body ?? [])
    }
}
