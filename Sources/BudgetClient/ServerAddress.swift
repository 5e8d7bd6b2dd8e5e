import Foundation

/// Where the service is: a URL without a slash at its end.
struct ServerAddress: Hashable, Sendable {
    let base: String

    init(_ text: String) throws(BudgetClientError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased() else {
            throw .invalidServer(text, "write it as http://HOST:PORT")
        }
        guard scheme == "http" || scheme == "https" else {
            throw .invalidServer(text, "only http and https are spoken")
        }
        guard let host = parts.host, !host.isEmpty else { throw .invalidServer(text, "it names no host") }
        guard parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil else {
            throw .invalidServer(text, "it may have no user, query or fragment")
        }
        base = String(text.reversed().drop { $0 == "/" }.reversed())
    }

    /// One path segment, percent-encoded byte by byte, so that `a/b`, `..` and `%41` stay what they are.
    static func segment(_ text: String) -> String {
        // A segment of dots alone would be taken for a step up the path.
        let dotsOnly = text.utf8.allSatisfy { $0 == UInt8(ascii: ".") }
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: ".") where !dotsOnly: encoded += "."
            default: encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
