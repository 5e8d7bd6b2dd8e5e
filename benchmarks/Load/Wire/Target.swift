import CommandSupport
import Foundation

/// Where the load goes: a host and a port that speak HTTP in the clear.
struct Target: Hashable, Sendable {
    let host: String
    let port: Int

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter url: such as `http://127.0.0.1:8080`.
    init(_ url: String) throws(Problem) {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty else {
            throw Problem(description: "\"\(url)\" is no URL such as http://127.0.0.1:8080")
        }
        guard parts.scheme?.lowercased() == "http" else {
            throw Problem(description: "\(url): only http is spoken; TLS would measure this tool's own encryption as well")
        }
        guard parts.path.isEmpty || parts.path == "/", parts.query == nil, parts.fragment == nil, parts.user == nil else {
            throw Problem(description: "\(url): it may name a host and a port only")
        }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? 80
        guard (1...65_535).contains(port) else { throw Problem(description: "\(url): there is no such port") }
    }

    /// As a URL and the `host` field write it.
    var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
    var url: String { "http://" + authority }

    var isLoopback: Bool { Loopback.contains(host) }
}
