import Yams

/// What a scalar without quotes is in YAML 1.2's core schema: `yes` and `on` are words, `true` is not.
enum PlainKind {
    case null, boolean, number, text

    init(_ text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE", "false", "False", "FALSE": self = .boolean
        default: self = isNumber(text) ? .number : .text
        }
    }
}

private func isNumber(_ text: String) -> Bool {
    var rest = text.utf8[...]
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
    let unsigned = String(Substring(rest))
    if [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(unsigned) { return true }
    if unsigned.hasPrefix("0x") || unsigned.hasPrefix("0o") {
        return unsigned.utf8.dropFirst(2).allSatisfy { isDigit($0) || (0x41...0x46).contains($0 & 0xDF) }
    }
    let whole = takeDigits(&rest)
    var fraction = 0
    if rest.first == UInt8(ascii: ".") {
        rest = rest.dropFirst()
        fraction = takeDigits(&rest)
    }
    guard whole + fraction > 0 else { return false }
    guard let mark = rest.first else { return true }
    guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
    rest = rest.dropFirst()
    if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
    return takeDigits(&rest) > 0 && rest.isEmpty
}

private func takeDigits(_ rest: inout Substring.UTF8View) -> Int {
    let digits = rest.prefix(while: isDigit).count
    rest = rest.dropFirst(digits)
    return digits
}

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

extension PolicyNode {
    /// Text, in quotes or plain; a plain number or truth value is none. `free`: any text will do, so quotes would help.
    func text(_ advice: String, free: Bool = false) throws(PolicyError) -> String {
        let scalar = try scalar(advice)
        guard scalar.style == .plain else { return scalar.string }
        switch PlainKind(scalar.string) {
        case .text: return scalar.string
        case .boolean where free, .number where free:
            throw refusal("is \(kind), where text is due", "write it in quotes: \(quoted(scalar.string))")
        case .boolean, .number, .null: throw refusal("is \(kind)", advice)
        }
    }

    func truth() throws(PolicyError) -> Bool {
        let advice = "write true or false"
        let scalar = try scalar(advice)
        switch (scalar.style, scalar.string) {
        case (.plain, "true"): return true
        case (.plain, "false"): return false
        default: throw refusal("is \(kind)", advice)
        }
    }

    /// One of a few words.
    func word(_ known: [String]) throws(PolicyError) -> String {
        let word = try text("write \(oneOf(known))")
        guard known.contains(word) else {
            throw refusal("\(quoted(word)) is not known", adviceOnSpelling(of: word, among: known))
        }
        return word
    }

    func identifier(_ what: String, maximumBytes: Int = Identifier.maximumLength) throws(PolicyError) -> Identifier {
        try checked(Identifier(try text("write \(what)", free: true)), what, maximumBytes: maximumBytes)
    }

    func checked(
        _ id: Identifier, _ what: String, maximumBytes: Int = Identifier.maximumLength
    ) throws(PolicyError) -> Identifier {
        let length = id.text.utf8.count
        guard id.isValid, length <= maximumBytes else {
            let problem = length == 0 ? "is empty" : length > maximumBytes ? "has \(length) bytes" : "has control characters"
            throw refusal(problem, "write \(what) of 1 to \(maximumBytes) bytes without control characters")
        }
        return id
    }

    /// The IANA name of a time zone.
    func zone() throws(PolicyError) -> String {
        let advice = "write an IANA time zone such as Europe/Berlin, America/New_York or UTC"
        let name = try text(advice)
        guard ZoneClock(name) != nil else { throw refusal("\(quoted(name)) is no time zone", advice) }
        return name
    }
}
