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
            let digest = Insecure.SHA1.hash(data: Array(source.utf8))
            let name = digest.map { byte in
                let text = String(byte, radix: 16)
                return byte < 16 ? "0" + text : text
            }.joined()
            return Entry(source: source, digest: name, call: Command("EVALSHA", name))
        }
    }

    package subscript(script: Script) -> Entry { entries[Script.allCases.firstIndex(of: script) ?? 0] }
}
