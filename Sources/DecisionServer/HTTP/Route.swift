import BudgetHTTP
import BudgetModel
import NIOHTTP1

/// What a request asks for, by method and path. The prefix `/v1` may be left out.
enum Route {
    case reserve, check, commit, release, extend, record
    case user(Identifier)
    case live, ready

    init(_ method: HTTPMethod, _ target: String) throws(Problem) {
        var target = target
        let path = target.withUTF8 { Self.path(of: $0) }
        if let verb = target.withUTF8({ Self.verb(at: $0[path.short]) }) {
            self = try .post(verb, method)
            return
        }
        let short = target.utf8.dropFirst(path.short.lowerBound).prefix(path.short.count)
        func whole() -> String { String(target.utf8.dropFirst(path.whole.lowerBound).prefix(path.whole.count)) ?? target }
        if short.elementsEqual("/livez".utf8) {
            self = try .get(.live, method)
        } else if short.elementsEqual("/readyz".utf8) {
            self = try .get(.ready, method)
        } else {
            let segment = Substring(short.dropFirst(7))
            guard short.starts(with: "/users/".utf8), !segment.isEmpty, !segment.utf8.contains(UInt8(ascii: "/")) else {
                throw .notFound(whole())
            }
            self = try .get(.user(try Self.user(segment)), method)
        }
    }

    /// Where in a target in origin form (`/v1/reserve?x`) or absolute form (`http://host/v1/reserve`) its path stands, and
    /// where without `/v1`.
    private static func path(of target: UnsafeBufferPointer<UInt8>) -> (whole: Range<Int>, short: Range<Int>) {
        var start = 0
        for scheme in ["http://", "https://"] where target.starts(with: scheme.utf8) {
            start = target[scheme.utf8.count...].firstIndex(of: UInt8(ascii: "/")) ?? target.count
        }
        let end = target[start...].firstIndex(of: UInt8(ascii: "?")) ?? target.count
        let isVersioned = target[start..<end].starts(with: "/v1/".utf8)
        return (start..<end, (isVersioned ? start + 3 : start)..<end)
    }

    private static func verb(at path: Slice<UnsafeBufferPointer<UInt8>>) -> Route? {
        func isPath(_ name: StaticString) -> Bool {
            path.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        }
        // By length first: the hot path compares once.
        switch path.count {
        case 6: return isPath("/check") ? .check : nil
        case 7: return isPath("/commit") ? .commit : isPath("/extend") ? .extend : isPath("/record") ? .record : nil
        case 8: return isPath("/reserve") ? .reserve : isPath("/release") ? .release : nil
        default: return nil
        }
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
        guard let text = PercentEncoding.decode(segment), Identifier(text).isValid else { throw malformed }
        return Identifier(text)
    }
}
