import BudgetModel
import NIOHTTP1

/// What a request asks for, by method and path. The prefix `/v1` may be left out.
enum Route {
    case reserve, check, commit, release, extend, record
    case user(Identifier)
    case live, ready

    init(_ method: HTTPMethod, _ target: String) throws(Problem) {
        let path = Self.path(of: target)
        let short = path.hasPrefix("/v1/") ? path.dropFirst(3) : path
        switch short {
        case "/reserve": self = try .post(.reserve, method)
        case "/check": self = try .post(.check, method)
        case "/commit": self = try .post(.commit, method)
        case "/release": self = try .post(.release, method)
        case "/extend": self = try .post(.extend, method)
        case "/record": self = try .post(.record, method)
        case "/livez": self = try .get(.live, method)
        case "/readyz": self = try .get(.ready, method)
        default:
            guard short.hasPrefix("/users/") else { throw .notFound(String(path)) }
            let segment = short.dropFirst(7)
            guard !segment.isEmpty, !segment.utf8.contains(UInt8(ascii: "/")) else { throw .notFound(String(path)) }
            self = try .get(.user(try Self.user(segment)), method)
        }
    }

    /// The path of a target in origin form (`/v1/reserve?x`) or absolute form (`http://host/v1/reserve`).
    private static func path(of target: String) -> Substring {
        var rest = target[...]
        for scheme in ["http://", "https://"] where target.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count).drop { $0 != "/" }
        }
        return rest.prefix { $0 != "?" }
    }

    private static func post(_ route: Route, _ method: HTTPMethod) throws(Problem) -> Route {
        guard method == .POST else { throw .notAllowed("POST") }
        return route
    }

    private static func get(_ route: Route, _ method: HTTPMethod) throws(Problem) -> Route {
        guard method == .GET || method == .HEAD else { throw .notAllowed("GET, HEAD") }
        return route
    }

    /// A path segment, percent-decoded once.
    private static func user(_ segment: Substring) throws(Problem) -> Identifier {
        let malformed = Problem(
            400, "invalid_user", "Malformed request", "The user in the path must be 1 to 256 bytes of UTF-8, percent-encoded.",
            pointer: "/user")
        var bytes: [UInt8] = []
        var rest = segment.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
                throw malformed
            }
            bytes.append(high << 4 | low)
        }
        guard let text = String(validating: bytes, as: UTF8.self), Identifier(text).isValid else { throw malformed }
        return Identifier(text)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
