import BudgetModel

extension JSONText {
    /// What `check --json` says of a file, before what each kind of file adds.
    static func check(of file: String, isOK: Bool, _ write: (inout JSONText) -> Void) -> [UInt8] {
        JSONText.object { json in
            json.text("file", file)
            json.flag("ok", isOK)
            write(&json)
        }
    }
}
