/// The service's version: one place, for people and metrics.
enum Version {
    static let current = "0.1.0"
}
