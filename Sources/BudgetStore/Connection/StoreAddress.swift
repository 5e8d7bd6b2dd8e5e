import Foundation

/// Where Redis is and how to sign in, from a URL: `redis://[user:pass@]host:port/db`, `rediss://...` (TLS),
/// `unix:///path.sock?db=0`.
package struct StoreAddress: Hashable, Sendable, CustomStringConvertible {
    package enum Endpoint: Hashable, Sendable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }
    package var endpoint: Endpoint
    package var usesTLS = false
    package var user: String?
    package var password: String?
    package var database = 0

    package init(unixSocket path: String, database: Int = 0) {
        endpoint = .unix(path: path)
        self.database = database
    }

    /// The name a server's certificate must have; nil for a bare IP address, which TLS does not send as a name.
    var hostName: String? {
        guard case .tcp(let host, _) = endpoint, !host.contains(":"), host.contains(where: \.isLetter) else { return nil }
        return host
    }

    /// The address without its password: fit for logs.
    package var description: String {
        switch endpoint {
        case .tcp(let host, let port): "\(usesTLS ? "rediss" : "redis")://\(host):\(port)/\(database)"
        case .unix(let path): "unix://\(path)?db=\(database)"
        }
    }

    package struct Malformed: Error, CustomStringConvertible {
        package let description: String
    }

    package init(url text: String) throws(Malformed) {
        func malformed(_ why: String) -> Malformed {
            Malformed(description: "the Redis URL \(why); write redis://host:6379/0, rediss://... or unix:///path.sock?db=0")
        }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased() else {
            throw malformed("cannot be read")
        }
        for item in parts.queryItems ?? [] where item.name != "db" || scheme != "unix" {
            throw malformed("has the unknown parameter \"\(item.name)\"")
        }
        var number: String?
        switch scheme {
        case "unix":
            guard parts.path.hasPrefix("/"), parts.host ?? "" == "" else { throw malformed("needs an absolute path") }
            endpoint = .unix(path: parts.path)
            number = parts.queryItems?.first?.value
        case "redis", "rediss":
            guard let host = parts.host, !host.isEmpty else { throw malformed("names no host") }
            guard (1...65_535).contains(parts.port ?? 6379) else { throw malformed("has a bad port") }
            endpoint = .tcp(host: host.trimmingCharacters(in: ["[", "]"]), port: parts.port ?? 6379)
            usesTLS = scheme == "rediss"
            number = parts.path.isEmpty || parts.path == "/" ? nil : String(parts.path.dropFirst())
        default: throw malformed("has the unknown scheme \"\(scheme)\"")
        }
        if let number {
            guard let database = Int(number), database >= 0 else { throw malformed("has the bad database \"\(number)\"") }
            self.database = database
        }
        user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        password = parts.password
    }
}
