package import Foundation
package import NIOSSL

/// A certificate with its key: paths of PEM files.
package struct Certificate: Sendable {
    package let certificate: String
    package let key: String
}

/// An authority of a test's own, whose certificates hold for 127.0.0.1 and for a day.
package struct Authority: Sendable {
    private let own: Certificate
    private let directory: URL

    package struct Failed: Error {
        let output: String
    }

    /// - Parameter directory: where all files go.
    package init(_ name: String, in directory: URL) throws {
        self.directory = directory
        own = Self.files(name, directory)
        try Self.request(name, own, ["-addext", "basicConstraints=critical,CA:TRUE"])
    }

    /// The authority's own certificate: what trusts it reads this.
    package var certificate: String { own.certificate }

    package func issue(_ name: String) throws -> Certificate {
        let files = Self.files(name, directory)
        try Self.request(
            name, files, ["-CA", own.certificate, "-CAkey", own.key, "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"])
        return files
    }

    private static func files(_ name: String, _ directory: URL) -> Certificate {
        Certificate(
            certificate: directory.appending(path: "\(name).pem").path, key: directory.appending(path: "\(name).key").path)
    }

    private static func request(_ name: String, _ files: Certificate, _ arguments: [String]) throws {
        let openssl = Process()
        let output = Pipe()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        openssl.arguments =
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
            + ["-subj", "/CN=\(name)", "-keyout", files.key, "-out", files.certificate] + arguments
        openssl.standardError = output
        try openssl.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        openssl.waitUntilExit()
        guard openssl.terminationStatus == 0 else { throw Failed(output: text) }
    }
}

/// What a client trusts, and what it shows.
package struct ClientTLS: Sendable {
    package let configuration: TLSConfiguration

    package init(trusting authority: Authority, showing certificate: Certificate? = nil) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority.certificate))
        if let certificate {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate.certificate).map { .certificate($0) }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: certificate.key, format: .pem))
        }
        self.configuration = configuration
    }
}
