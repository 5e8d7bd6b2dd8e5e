package import NIOSSL

/// What both listeners answer TLS with: a certificate chain with its key, read once.
package struct ServerTLS: Sendable {
    package let configuration: TLSConfiguration

    /// - Throws: when a file cannot be read or the two do not belong together.
    package init(certificate: String, key: String) throws {
        let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
        let privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
        configuration = .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(privateKey))
        _ = try NIOSSLContext(configuration: configuration)
    }
}
