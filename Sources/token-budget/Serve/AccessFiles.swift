import BudgetHTTP
import Foundation
import Logging

/// The files that say who may call and as whom the service answers: keys and certificates. They are read again on SIGHUP and
/// whenever they have changed; one that cannot be used changes nothing.
struct AccessFiles: Sendable {
    let keys: AccessKeys?
    let tls: ServerTLS?
    private let keysFile: String?
    private let keysWatch: FileWatch
    private let certificateWatch: FileWatch
    private let logger: Logger

    /// How often to look whether a file has changed. One still being written is left alone until it has been the same twice,
    /// so a change is in force within a second.
    private static let interval: Duration = .milliseconds(500)

    /// - Throws: what is wrong with a file.
    init(keys file: String?, tls files: ServerTLS.Files?, logger: Logger) throws {
        keysFile = file
        // Before they are read: what is written from now on is noticed.
        keysWatch = FileWatch([file].compactMap { $0 })
        certificateWatch = FileWatch(files.map { [$0.certificate, $0.key] } ?? [])
        keys = try file.map { try AccessKeys(yaml: KeysFile.read($0), file: $0) }
        tls = try files.map { try ServerTLS($0) }
        self.logger = logger
    }

    /// Reads everything again.
    func reload() {
        reloadKeys()
        reloadCertificate()
    }

    /// Looks after the files until it is cancelled.
    func follow() async throws {
        var (keysWatch, certificateWatch) = (keysWatch, certificateWatch)
        while true {
            try await Task.sleep(for: Self.interval)
            if keysWatch.hasChanged() { reloadKeys() }
            if certificateWatch.hasChanged() { reloadCertificate() }
        }
    }

    private func reloadKeys() {
        guard let keys, let keysFile else { return }
        do {
            try keys.replace(yaml: KeysFile.read(keysFile), file: keysFile)
            logger.notice("keys read again", metadata: ["file": "\(keysFile)", "keys": "\(keys.status.count)"])
        } catch {
            keys.keep(because: "\(error)")
            logger.error("keys not changed: \(error)")
        }
    }

    private func reloadCertificate() {
        guard let tls else { return }
        do {
            try tls.reload()
            logger.notice("certificate read again", metadata: ["file": "\(tls.files.certificate)"])
        } catch {
            logger.error("certificate not changed: \(error)")
        }
    }
}
