package import Foundation

/// One call of the control API before it is sent: a value, so that what would be sent can be shown and tested.
///
/// - Parameter Reply: what a successful answer says.
package struct ControlRequest<Reply>: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    package let method: Method
    /// Percent-encoded, without the query.
    package let path: String
    package private(set) var query: [(name: String, value: String)] = []
    /// The media type of the answer asked for.
    package var accept = MediaType.json
    package private(set) var contentType = MediaType.json
    package private(set) var body: Data?
    /// The entity tag that must be the current one, with its quotes, or `*`.
    package private(set) var ifMatch: String?

    /// - Parameter segments: of the path below `/v1`, as they are; they are percent-encoded here.
    package init(_ method: Method, _ segments: String...) {
        self.method = method
        path = "/v1/" + segments.map(ServerAddress.segment).joined(separator: "/")
    }

    /// Path and query, percent-encoded.
    package var target: String {
        let pairs = query.map { "\($0.name)=\(ServerAddress.segment($0.value))" }
        return pairs.isEmpty ? path : path + "?" + pairs.joined(separator: "&")
    }

    // MARK: With more said

    /// With a query parameter; unchanged for nil.
    package func asking(_ name: String, _ value: String?) -> Self {
        guard let value else { return self }
        var request = self
        request.query.append((name, value))
        return request
    }

    /// With why it is done, for histories; at most 500 bytes.
    package func because(_ reason: String?) -> Self { asking("reason", reason) }

    /// A dry run stores nothing and answers what would change.
    package func dryRun(_ isDryRun: Bool) -> Self { asking("dry_run", isDryRun ? "true" : nil) }

    /// Refused (412 `version_conflict`) unless this entity tag is the current one; `*` is any, nil asks nothing.
    package func onlyIf(_ etag: String?) -> Self {
        var request = self
        request.ifMatch = etag.map(Self.quoted)
        return request
    }

    package func sending(_ document: Data, as contentType: MediaType = .json) -> Self {
        var request = self
        request.body = document
        request.contentType = contentType
        return request
    }

    func sending(_ value: some Encodable) throws -> Self {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return sending(try encoder.encode(value))
    }

    /// Shells eat the quotes of an entity tag: they are put back.
    private static func quoted(_ etag: String) -> String {
        etag == "*" || etag.hasSuffix("\"") ? etag : "\"\(etag)\""
    }
}

extension ControlRequest: CustomStringConvertible {
    /// One line for people: `PUT /v1/users/u_42 {"tier":"pro"}`.
    package var description: String {
        let content = body.map { contentType == .json ? String(decoding: $0, as: UTF8.self) : "(\($0.count) bytes)" }
        return [method.rawValue, target, content].compactMap { $0 }.joined(separator: " ")
    }
}

/// The media types that the control API speaks.
package enum MediaType: String, Sendable {
    case json = "application/json"
    case yaml = "application/yaml"
}
