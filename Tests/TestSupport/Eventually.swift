/// Waits for what comes about by itself. How long it takes decides nothing: what never comes ends the wait after 20 seconds.
/// - Returns: whether it came.
package func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}
