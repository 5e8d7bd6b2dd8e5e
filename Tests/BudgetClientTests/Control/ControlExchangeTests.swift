import ArgumentParser
import BudgetClient
import Foundation
import Testing

@testable import token_budget

/// What goes over the wire, and what becomes of the answers.
@Suite(.timeLimit(.minutes(1))) struct ControlExchangeTests {
    private static let tier = #"{"allowances":[{"name":"daily","unit":"tokens","limit":50000,"window":"day"}]}"#
    private static let stored = #"{"version":13,"dry_run":false,"changes":[],"new_field":{}}"#
    private static let conflict = #"{"title":"Conflict","status":412,"code":"version_conflict","detail":"Another version is current."}"#

    @Test func whoAndWhyTravelWithTheChange() async throws {
        try await ScriptedService.run([.init(body: Self.stored)], actor: "eva") { client, service in
            let request = ControlRequest.store(policy: Data("tiers: {}\n".utf8), as: .yaml)
                .because("less & less").dryRun(true).onlyIf("12-9f2c1a7b")
            #expect(try await client.send(request).value.version == 13)
            let seen = try #require(service.seen.first)
            #expect(seen.line == "PUT /v1/policy?reason=less%20%26%20less&dry_run=true")
            #expect(seen.fields["x-actor"] == "eva")
            #expect(seen.fields["if-match"] == "\"12-9f2c1a7b\"")
            #expect(seen.fields["content-type"] == "application/yaml")
            #expect(seen.body == "tiers: {}\n")
        }
    }

    @Test func aPolicyAskedForAsYamlComesBackByteForByte() async throws {
        let text = "# ours\ntiers: {}\r\n\n"
        try await ScriptedService.run([.init(etag: "\"3-0a\"", body: text)]) { client, service in
            let received = try await client.send(.policy(as: .yaml))
            #expect(received.body == Data(text.utf8))
            #expect(received.etag == "\"3-0a\"")
            #expect(service.seen.first?.fields["accept"] == "application/yaml")
        }
    }

    @Test func anEditIsMadeAgainOnTopOfSomebodyElses() async throws {
        let raised = Self.tier.replacing("}]", with: #","soft_limit":"90%"}]"#)
        let answers: [ScriptedService.Answer] = [
            .init(etag: "\"1-a\"", body: Self.tier), .init(status: 412, body: Self.conflict),
            .init(etag: "\"2-b\"", body: raised), .init(body: Self.stored),
        ]
        try await ScriptedService.run(answers) { client, service in
            let command = try TierCommand.Set.parse(["free", "--allowance", "daily", "--limit", "60000", "--reason", "x"])
            #expect(try await command.edit(client).value.version == 13)
            let puts = service.seen.filter { $0.line.hasPrefix("PUT") }
            #expect(puts.map(\.line) == ["PUT /v1/tiers/free?reason=x", "PUT /v1/tiers/free?reason=x"])
            #expect(puts.map { $0.fields["if-match"] } == ["\"1-a\"", "\"2-b\""])
            #expect(puts.last?.body == raised.replacing("50000", with: "60000"))
        }
    }

    @Test func anEditThatAlwaysComesTooLateEnds() async throws {
        let round: [ScriptedService.Answer] = [.init(etag: "\"1-a\"", body: Self.tier), .init(status: 412, body: Self.conflict)]
        try await ScriptedService.run((0..<20).flatMap { _ in round }) { client, service in
            let command = try TierCommand.Set.parse(["free", "--allowance", "daily", "--limit", "60000"])
            let problem = await #expect(throws: BudgetProblem.self) { try await command.edit(client) }
            #expect(problem?.code == "version_conflict")
            #expect(service.seen.count == 10)
        }
    }

    @Test func anUnknownAllowanceStoresNothing() async throws {
        try await ScriptedService.run([.init(body: Self.tier)]) { client, service in
            let command = try TierCommand.Set.parse(["free", "--allowance", "dayly", "--limit", "1"])
            await #expect(throws: TierEdit.Impossible.self) { try await command.edit(client) }
            #expect(service.seen.map(\.line) == ["GET /v1/tiers/free"])
        }
    }

    @Test func pagesAreFollowedThroughEmptyOnes() async throws {
        let pages: [ScriptedService.Answer] = [
            .init(body: #"{"users":[{"user":"a-1","tier":"free","frozen":false}],"next_cursor":"c 1"}"#),
            .init(body: #"{"users":[],"next_cursor":"c2"}"#),
            .init(body: #"{"users":[{"user":"a-2","tier":"pro","frozen":true}],"next_cursor":null}"#),
        ]
        try await ScriptedService.run(pages) { client, service in
            let found = try await UserCommand.List.users(client, "a-", 3) { _ in }
            #expect(found.users.map(\.user) == ["a-1", "a-2"])
            #expect(found.isAll)
            #expect(
                service.seen.map(\.line) == [
                    "GET /v1/users?search=a-&limit=3", "GET /v1/users?search=a-&limit=2&cursor=c%201",
                    "GET /v1/users?search=a-&limit=2&cursor=c2",
                ])
        }
    }

    @Test func pagesEndWhenThereAreEnoughUsers() async throws {
        try await ScriptedService.run([.init(body: #"{"users":[{"user":"a"}],"next_cursor":"more"}"#)]) { client, service in
            let found = try await UserCommand.List.users(client, nil, 1) { _ in }
            #expect(found.users.count == 1 && !found.isAll)
            #expect(service.seen.count == 1)
        }
    }

    @Test func aMistakeInADocumentIsNamedWithFileAndLine() async throws {
        let problem =
            #"{"title":"Invalid","status":422,"code":"invalid_policy","detail":"limit: too low","line":5,"column":29}"#
        try await ScriptedService.run([.init(status: 422, body: problem)]) { client, _ in
            let document = DocumentFile(name: "policy.yaml", bytes: Data("x".utf8), form: .yaml)
            let refused = await #expect(throws: DocumentFile.Refused.self) {
                try await document.locating { try await client.send(.store(policy: document.bytes, as: document.form)) }
            }
            #expect(refused?.description == "policy.yaml:5:29: limit: too low")
        }
    }

    @Test(arguments: [
        (404, #"{"status":404,"code":"not_found","detail":"There is nothing at /v1/tiers."}"#, "looks like the decision listener"),
        (405, #"{"status":405,"code":"method_not_allowed","detail":"Use GET, HEAD here."}"#, "looks like the decision listener"),
        (404, "<html>", "Is this the control listener?"), (200, "<html>", "Is this the control listener?"),
        (200, #"{"user":"u","tier":null,"frozen":false,"allowances":[]}"#, "Is this the control listener?"),
    ])
    func whoAnswersLikeAnotherListenerIsSaidToBeOne(status: Int, body: String, words: String) async throws {
        try await ScriptedService.run([.init(status: status, body: body)]) { client, _ in
            let error = await #expect(throws: (any Error).self) { try await client.send(.user("u")) }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains(words) && text.contains("usually on 8081"), "\(text)")
        }
    }

    @Test func whatTheControlListenerRefusesIsNoMistake() async throws {
        let problem = #"{"status":404,"code":"unknown_tier","detail":"Policy has no tier \"x\"."}"#
        try await ScriptedService.run([.init(status: 404, body: problem)]) { client, _ in
            let refused = await #expect(throws: BudgetProblem.self) { try await client.send(.tier("x")) }
            #expect(refused?.hint == nil)
        }
    }
}
