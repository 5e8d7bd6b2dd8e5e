import NIOCore
package import NIOSSL
import Synchronization

/// What both listeners answer TLS with: a certificate chain with its key, from files that may be replaced while they listen.
package final class ServerTLS: Sendable {
    /// The files, PEM each.
    package struct Files: Hashable, Sendable {
        package var certificate: String
        package var key: String
        /// Authorities of which every client must show a certificate; nil asks for none.
        package var clientCA: String?

        package init(certificate: String, key: String, clientCA: String? = nil) {
            self.certificate = certificate
            self.key = key
            self.clientCA = clientCA
        }
    }

    package struct Unusable: Error, CustomStringConvertible {
        package let description: String
    }

    package let files: Files
    /// Asks for the present certificate at each handshake.
    package let configuration: TLSConfiguration
    private let present: Present

    /// - Throws: when a file cannot be read, or certificate and key do not belong together.
    package init(_ files: Files) throws {
        let present = Present(try Identity(files))
        var configuration = present.identity.configuration
        if let authorities = files.clientCA {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try Self.certificates(authorities))
            configuration.sendCANameList = true
        }
        configuration.sslContextCallback = { _, promise in promise.succeed(present.identity.override) }
        _ = try NIOSSLContext(configuration: configuration)
        self.files = files
        self.configuration = configuration
        self.present = present
    }

    /// Reads certificate and key again, for connections to come. Client authorities stay those of the start.
    /// - Throws: as `init`; then the old pair stays.
    package func reload() throws { present.identity = try Identity(files) }

    private static func certificates(_ path: String) throws -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty else {
            throw Unusable(description: "\(path): no certificate in PEM can be read there")
        }
        return certificates
    }

    /// A certificate chain and its key.
    private struct Identity: Sendable {
        let chain: [NIOSSLCertificateSource]
        let key: NIOSSLPrivateKeySource

        init(_ files: Files) throws {
            chain = try ServerTLS.certificates(files.certificate).map { .certificate($0) }
            guard let key = try? NIOSSLPrivateKey(file: files.key, format: .pem) else {
                throw Unusable(description: "\(files.key): no private key in PEM can be read there")
            }
            self.key = .privateKey(key)
            // Whether the two belong together is found out here, not at somebody's handshake.
            guard (try? NIOSSLContext(configuration: configuration)) != nil else {
                throw Unusable(description: "the certificate \(files.certificate) and the key \(files.key) do not belong together")
            }
        }

        var configuration: TLSConfiguration {
            var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
            configuration.minimumTLSVersion = .tlsv12
            return configuration
        }

        var override: NIOSSLContextConfigurationOverride {
            var override = NIOSSLContextConfigurationOverride()
            override.certificateChain = chain
            override.privateKey = key
            return override
        }
    }

    /// The pair in force.
    private final class Present: Sendable {
        private let stored: Mutex<Identity>

        init(_ identity: Identity) { stored = Mutex(identity) }

        var identity: Identity {
            get { stored.withLock { $0 } }
            set { stored.withLock { $0 = newValue } }
        }
    }
}
