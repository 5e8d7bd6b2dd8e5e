import BudgetModel
package import BudgetScripts
import Crypto

/// The scripts as Redis knows them: source, and the SHA-1 that names it.
package struct ScriptLibrary: Sendable {
    /// A class, for an array holds nothing that cannot be copied, as its command cannot.
    package final class Entry: Sendable {
        package let source: String
        /// 40 hexadecimal digits.
        package let digest: String
        /// `EVALSHA` and the digest.
        let call: Command

        fileprivate init(_ source: String) {
            self.source = source
            digest = hexadecimal(Insecure.SHA1.hash(data: Array(source.utf8)))
            call = Command("EVALSHA", digest)
        }
    }
    private let entries: [Entry]

    /// - Parameter clock: where the scripts read the time; anything but the store's own is for tests.
    package init(clock: Script.Clock = .store) {
        entries = Script.allCases.map { Entry($0.source(clock: clock)) }
    }

    package subscript(script: Script) -> Entry { entries[Script.allCases.firstIndex(of: script) ?? 0] }
}
