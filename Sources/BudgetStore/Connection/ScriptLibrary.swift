import BudgetModel
package import BudgetScripts
import Crypto

/// The scripts as Redis knows them: source, and the SHA-1 that names it.
package struct ScriptLibrary: Sendable {
    package struct Entry: Sendable {
        package let source: String
        /// 40 hexadecimal digits.
        package let digest: String
        /// `EVALSHA` and the digest.
        let call: Command
    }
    private let entries: [Entry]

    /// - Parameter clock: where the scripts read the time; anything but the store's own is for tests.
    package init(clock: Script.Clock = .store) {
        entries = Script.allCases.map { script in
            let source = script.source(clock: clock)
            let digest = hexadecimal(Insecure.SHA1.hash(data: Array(source.utf8)))
            return Entry(source: source, digest: digest, call: Command("EVALSHA", digest))
        }
    }

    package subscript(script: Script) -> Entry { entries[Script.allCases.firstIndex(of: script) ?? 0] }
}
