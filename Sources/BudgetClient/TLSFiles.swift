import NIOSSL

/// What a client trusts and shows where the service speaks TLS: paths of PEM files.
package struct TLSFiles: Hashable, Sendable {
    /// Authorities of the service's certificate, in the place of the system's.
    package var authority: String?
    /// The client's own certificate, with what leads to its authority, and its key: both or none.
    package var certificate: String?
    package var key: String?

    package init(authority: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }

    /// - Throws: `BudgetClientError.invalidTLS` for a file that cannot be read, or one of two that belong together.
    func configuration() throws(BudgetClientError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let authority { configuration.trustRoots = .certificates(try Self.certificates(authority)) }
        switch (certificate, key) {
        case (nil, nil): break
        case (let certificate?, let key?):
            configuration.certificateChain = try Self.certificates(certificate).map { .certificate($0) }
            guard let own = try? NIOSSLPrivateKey(file: key, format: .pem) else { throw .invalidTLS("\(key) holds no key in PEM form") }
            configuration.privateKey = .privateKey(own)
        default: throw .invalidTLS("a client's certificate and its key belong together: name both files")
        }
        return configuration
    }

    private static func certificates(_ path: String) throws(BudgetClientError) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty else {
            throw .invalidTLS("\(path) holds no certificate in PEM form")
        }
        return certificates
    }
}

/// Why two could not agree on TLS, in words; nil for an error of another kind.
func handshakeFailure(_ error: any Error) -> String? {
    let text = String(describing: error)
    func says(_ words: String...) -> Bool { words.contains { text.contains($0) } }
    guard error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError else { return nil }
    if says("CERTIFICATE_VERIFY_FAILED") { return "its certificate is of no authority that is trusted here" }
    if says("ailedToValidateHostname", "failed to validate hostname") { return "its certificate is for another name" }
    if says("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE") { return "it asks for a client's certificate" }
    if says("UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN", "UNSUPPORTED_CERTIFICATE", "CERTIFICATE_EXPIRED") {
        return "it does not take this client's certificate"
    }
    if says("WRONG_VERSION_NUMBER") { return "no TLS is spoken there" }
    return says("handshakeFailed") ? text : nil
}
