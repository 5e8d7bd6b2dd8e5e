extension PolicyError {
    /// ``path`` as a JSON pointer (RFC 6901): `tiers.free.allowances[1].limit` is `/tiers/free/allowances/1/limit`.
    package var pointer: String {
        var pointer = ""
        var rest = path[...]
        while let mark = rest.first {
            if mark == "[", rest.dropFirst().first == "\"" {
                pointer += JSONError.step(Self.takeQuoted(&rest))
            } else if mark == "[" {
                pointer += "/" + rest.dropFirst().prefix { $0 != "]" }
                rest = rest.drop { $0 != "]" }.dropFirst()
            } else {
                if mark == "." { rest.removeFirst() }
                let name = rest.prefix { $0 != "." && $0 != "[" }
                pointer += JSONError.step(String(name))
                rest = rest.dropFirst(name.count)
            }
        }
        return pointer
    }

    /// Takes `["name"]` off the front; a name that was cut short or had control characters stays as the path shows it.
    private static func takeQuoted(_ rest: inout Substring) -> String {
        var name = ""
        rest.removeFirst(2)
        while let character = rest.popFirst(), character != "\"" {
            name.append(character == "\\" ? rest.popFirst() ?? character : character)
        }
        rest = rest.drop { $0 != "]" }.dropFirst()
        return name
    }
}
