import BudgetHTTP
import HTTPTypes

/// Without keys everybody on the machine may call, and so may the pages its browsers show: a form's POST needs nobody's leave,
/// and a page whose name has come to mean 127.0.0.1 counts as this service's own. What browsers say of themselves tells them apart.
enum LoopbackCall {
    /// - Throws: 403 for a call that a page from elsewhere has made, or that was meant for another host.
    static func check(_ head: HTTPRequest) throws(Problem) {
        let origins = head.headerFields[values: .origin]
        guard origins.allSatisfy(isLoopback(origin:)), head.authority.map(isLoopback(authority:)) ?? true else {
            throw Problem(
                403, "foreign_origin", "Forbidden",
                "Without a keys file only programs of this machine change anything: call a loopback address by localhost or its "
                    + "number, and not from a web page.")
        }
    }

    /// `http://localhost:3000`; browsers send `null` where they hide it.
    static func isLoopback(origin: String) -> Bool {
        guard let scheme = origin.firstRange(of: "://") else { return false }
        return isLoopback(authority: String(origin[scheme.upperBound...]))
    }

    /// `localhost:8081`, `127.0.0.1`, `[::1]:8081`.
    static func isLoopback(authority: String) -> Bool {
        let host = authority.lowercased().replacing(/:[0-9]*$/, with: "")
        if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { $0.first?.isWholeNumber == true && UInt8($0) != nil }
    }
}

extension HTTPField.Name {
    static let origin = HTTPField.Name("origin")!
}
