import BudgetModel
@testable import ControlServer
import HTTPTypes
import NIOHTTP1
import TestSupport
import Testing

@testable import DecisionServer

/// What the OpenAPI document says beside what is served. Whether answers look as it says is asked of the running service by
/// deploy/contract.sh.
@Suite("The OpenAPI document") struct OpenAPITests {
    private let document: Description

    init() throws { document = Description(json: try JSON(parsing: OpenAPIDocument.json.get())) }

    /// Calls that are described before they are served.
    private static let notYetServed: Set<String> = []

    @Test("describes every call of the control API and no other")
    func controlCalls() async throws {
        let described = Set(document.operations(of: "control").map(\.call))
        try await Node.run { node in
            let served = Set(node.endpoints.map(\.call))
            #expect(served.subtracting(described).isEmpty, "served, not described")
            #expect(described.subtracting(served) == Self.notYetServed, "described, not served")
        }
    }

    @Test("says for every call of the control API which key it takes")
    func controlRoles() async throws {
        let described = Dictionary(uniqueKeysWithValues: document.operations(of: "control").map { ($0.call, $0) })
        try await Node.run { node in
            for endpoint in node.endpoints {
                let operation = try #require(described[endpoint.call])
                #expect(operation.isOpen == (endpoint.access == .open), "\(endpoint.call)")
                #expect((operation.role == "ops") == (endpoint.access == .change), "\(endpoint.call)")
            }
        }
    }

    @Test("describes every call of the decision API and no other")
    func decisionCalls() throws {
        let described = document.operations(of: "decision").map(\.call)
        #expect(Set(described) == Set(Self.routes.map(\.call)))
        for call in described {
            let words = call.split(separator: " ")
            let route = try Route(HTTPMethod(rawValue: String(words[0])), String(words[1].replacing("{user}", with: "u")))
            #expect(route.call == call)
        }
    }

    /// One of each; `Route.call` below does not compile while one is missing there.
    private static let routes: [Route] = [.reserve, .check, .commit, .release, .extend, .record, .user("u"), .live, .ready]

    @Test("refers only to what it has")
    func everyReferenceResolves() {
        let references = document.references
        #expect(references.count > 200)
        for reference in Set(references) {
            #expect(document.resolves(reference), "\(reference)")
        }
    }

    @Test("names every call once and says what it is for")
    func callsAreNamed() {
        let operations = document.operations
        #expect(Set(operations.map(\.id)).count == operations.count)
        for operation in operations {
            #expect(operation.json["summary"]?.text?.isEmpty == false, "\(operation.call)")
            #expect(operation.json["tags"]?.items.count == 1, "\(operation.call)")
            #expect(operation.statuses.contains("200") && operation.statuses.contains("503"), "\(operation.call)")
            #expect(operation.statuses.contains("401") == !operation.isOpen, "\(operation.call)")
        }
    }

    @Test("is served as JSON, without a key")
    func isServed() async throws {
        var setting = Node.Setting()
        setting.keys = "- {key_sha256: 06e55b633481f7bb072957eabcf110c972e86691c3cfedabe088024bffe42f23, role: ops}"
        try await Node.run(setting) { node in
            let answer = try await node.get("/openapi.json")
            #expect(answer.status == 200 && answer["content-type"] == "application/json")
            #expect(answer.json["openapi"] == "3.1.1")
            #expect(answer.json["x-listeners"] == nil)
        }
    }
}

extension Route {
    /// As OpenAPI writes it.
    fileprivate var call: String {
        switch self {
        case .reserve: "POST /v1/reserve"
        case .check: "POST /v1/check"
        case .commit: "POST /v1/commit"
        case .release: "POST /v1/release"
        case .extend: "POST /v1/extend"
        case .record: "POST /v1/record"
        case .user: "GET /v1/users/{user}"
        case .live: "GET /livez"
        case .ready: "GET /readyz"
        }
    }
}

extension Endpoint {
    fileprivate var call: String { "\(method.rawValue) \(path)" }
}

/// An OpenAPI document, as far as these tests read it.
private struct Description {
    let json: JSON

    struct Operation {
        var call: String
        var json: JSON
        var id: String { json["operationId"]?.text ?? "" }
        var role: String? { json["x-role"]?.text }
        /// Takes no key.
        var isOpen: Bool { json["security"] == [] }
        var statuses: Set<String> { json["responses"]?.keys ?? [] }
    }

    var operations: [Operation] {
        (json["paths"]?.keys ?? []).sorted().flatMap { path in
            ["get", "put", "post", "delete"].compactMap { method in
                json["paths"]?[path]?[method].map { Operation(call: "\(method.uppercased()) \(path)", json: $0) }
            }
        }
    }

    func operations(of listener: String) -> [Operation] {
        operations.filter { $0.json["x-listener"]?.items.contains(.string(listener)) == true }
    }

    var references: [String] { Self.references(in: json) }

    private static func references(in json: JSON) -> [String] {
        switch json {
        case .array(let items): items.flatMap(references)
        case .object(let fields): fields.flatMap { $0.key == "$ref" ? [$0.value.text ?? ""] : references(in: $0.value) }
        default: []
        }
    }

    /// Whether a reference such as `#/components/schemas/Charge` leads somewhere.
    func resolves(_ reference: String) -> Bool {
        guard reference.hasPrefix("#/") else { return false }
        return reference.dropFirst(2).split(separator: "/").reduce(json as JSON?) { $0?[String($1)] } != nil
    }
}
