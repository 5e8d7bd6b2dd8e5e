/// The addresses that only this machine reaches.
package enum Loopback {
    /// 127.0.0.0/8, ::1 and localhost; not a name that only begins like one.
    package static func contains(_ host: String) -> Bool {
        let octets = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return host == "localhost" || host == "::1" || (octets.count == 4 && octets[0] == 127 && !octets.contains(nil))
    }
}
