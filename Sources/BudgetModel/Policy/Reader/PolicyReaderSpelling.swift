/// What to write instead of a word nobody knows: the closest known one, else all of them.
func adviceOnSpelling(of word: String, among known: [String]) -> String {
    if let closest = closestWord(to: word, among: known) { return "did you mean \(quoted(closest))?" }
    return known.isEmpty ? "there is none to name here yet" : "write \(oneOf(known))"
}

/// `a, b or c`; a long list is cut short.
func oneOf(_ words: [String]) -> String {
    let shown = 12
    guard words.count <= shown else { return "one of " + words.prefix(shown).joined(separator: ", ") + ", ..." }
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
}

/// The known word that needs fewest edits; nil when every one needs more than a third of its letters changed.
private func closestWord(to word: String, among known: [String]) -> String? {
    let longest = 64
    let letters = Array(word.lowercased().utf8.prefix(longest))
    var best: (word: String, edits: Int)?
    for candidate in known {
        let other = Array(candidate.lowercased().utf8.prefix(longest))
        let allowed = max(1, max(letters.count, other.count) / 3)
        guard abs(letters.count - other.count) <= allowed else { continue }
        let edits = editDistance(letters, other)
        if edits <= allowed, edits < best?.edits ?? .max { best = (candidate, edits) }
    }
    return best?.word
}

/// Letters to insert, remove or replace, or pairs to swap ("optimal string alignment").
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var rows = [Array(0...b.count)]
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            let replaced = rows[i][j] + (a[i] == b[j] ? 0 : 1)
            var edits = min(replaced, row[j] + 1, rows[i][j + 1] + 1)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { edits = min(edits, rows[i - 1][j - 1] + 1) }
            row.append(edits)
        }
        rows.append(row)
    }
    return rows[a.count][b.count]
}
