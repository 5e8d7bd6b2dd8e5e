/// Waits for what comes about by itself, such as `the first booking`. How long it takes decides nothing: only what never comes is an
/// error.
/// - Throws: when it has not come within `time`: what was awaited, and where.
package func eventually(
    _ what: String, within time: Duration = .seconds(20), file: StaticString = #fileID, line: Int = #line,
    isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + time
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw Overdue(description: "\(what) did not come: \(file):\(line)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

private struct Overdue: Error, CustomStringConvertible {
    let description: String
}
