import ArgumentParser
import BudgetClient
import Foundation
import Testing

@testable import token_budget

/// From a command line to the request it makes.
@Suite struct ControlRequestTests {
    @Test func aUserIsGivenATierAndLimits() throws {
        let command = try UserCommand.Set.parse([
            "a/b", "--tier", "pro", "--limit", "daily-tokens=80000", "--limit", "usd=0.10", "--no-limit", "burst", "--reason", "r",
        ])
        #expect(
            try command.request.description
                == #"PUT /v1/users/a%2Fb {"limits":{"burst":null,"daily-tokens":80000,"usd":0.1},"reason":"r","tier":"pro"}"#)
    }

    @Test func takingATierBackSaysSo() throws {
        #expect(try UserCommand.Set.parse(["u", "--no-tier"]).request.description == #"PUT /v1/users/u {"tier":null}"#)
    }

    @Test func freezingIsOneWord() throws {
        #expect(try UserCommand.Freeze.parse(["u"]).request.description == #"PUT /v1/users/u {"frozen":true}"#)
        #expect(
            try UserCommand.Unfreeze.parse(["u", "--reason", "ok"]).request.description
                == #"PUT /v1/users/u {"frozen":false,"reason":"ok"}"#)
    }

    @Test func aGrantHasItsAmountToTheLastDigit() throws {
        let command = try UserCommand.Grant.parse([
            "u", "--allowance", "usd", "--amount", "90071992.54740991", "--expires", "2026-12-01", "--grant-id", "t-1",
            "--dimension", "feature=a=b",
        ])
        #expect(
            try command.request.description
                == #"POST /v1/users/u/grants {"allowance":"usd","amount":90071992.54740991,"dimensions":{"feature":"a=b"},"#
                + #""expires_at":"2026-12-01T00:00:00Z","grant_id":"t-1"}"#)
    }

    @Test func whatIsTakenForGoodNamesItsUser() throws {
        #expect(
            try UserCommand.Reset.parse(["u", "--allowance", "d"]).request.description
                == #"POST /v1/users/u/reset {"allowance":"d"}"#)
        #expect(try UserCommand.Erase.parse(["u", "--reason", "r"]).request.description == #"POST /v1/users/u/erase {"reason":"r"}"#)
        #expect(try UserCommand.Unassign.parse(["u", "--reason", "r"]).request.description == "DELETE /v1/users/u?reason=r")
        #expect(try TierCommand.Delete.parse(["t", "--dry-run"]).request.description == "DELETE /v1/tiers/t?dry_run=true")
    }

    @Test func policiesAreShownAsWritten() throws {
        #expect(try PolicyCommand.Show.parse([]).request.accept == .yaml)
        #expect(try PolicyCommand.Show.parse(["--json"]).request.accept == .json)
        #expect(try PolicyCommand.Show.parse(["--version", "3"]).request.description == "GET /v1/policy/history/3")
    }

    @Test func aRollbackNamesItsVersion() throws {
        #expect(
            try PolicyCommand.Rollback.parse(["12", "--reason", "r", "--dry-run"]).request.description
                == #"POST /v1/policy/rollback?dry_run=true {"reason":"r","version":12}"#)
    }

    @Test func anAppliedPolicyMayBeMeantForOneVersion() throws {
        let document = DocumentFile(name: "p.json", bytes: Data("{}".utf8), form: .json)
        for etag in ["12-9f", "\"12-9f\""] {
            let request = try PolicyCommand.Apply.parse(["p.json", "--if-match", etag]).request(document)
            #expect(request.ifMatch == "\"12-9f\"")
        }
        #expect(try PolicyCommand.Apply.parse(["p.json", "--if-match", "*"]).request(document).ifMatch == "*")
    }

    @Test func aRollbackMayBeMeantForOneVersion() throws {
        #expect(try PolicyCommand.Rollback.parse(["12", "--if-match", "13-9f"]).request.ifMatch == "\"13-9f\"")
        #expect(try PricesCommand.Rollback.parse(["12", "--if-match", "13-9f"]).request.ifMatch == "\"13-9f\"")
    }

    @Test func pricesAreRolledBackToAVersion() throws {
        let words = ["12", "--effective-from", "2026-12-01", "--reason", "r", "--dry-run"]
        #expect(
            try PricesCommand.Rollback.parse(words).request.description
                == #"POST /v1/prices/rollback?effective_from=2026-12-01T00%3A00%3A00Z&dry_run=true {"reason":"r","version":12}"#)
    }

    @Test func pricesAreAskedForAModelAndATime() throws {
        #expect(
            try PricesCommand.Show.parse(["ft:gpt-4o:a", "--at", "2026-12-01T10:00:00+01:00"]).request.description
                == "GET /v1/prices?model=ft%3Agpt-4o%3Aa&at=2026-12-01T09%3A00%3A00Z")
        let catalogue = DocumentFile(name: "c.json", bytes: Data("{}".utf8), form: .json)
        #expect(
            try PricesCommand.Import.parse(["c.json", "--effective-from", "2026-12-01", "--dry-run"]).request(catalogue).target
                == "/v1/prices/import?effective_from=2026-12-01T00%3A00%3A00Z&dry_run=true")
    }

    @Test func reservationsNameTheirUser() {
        #expect(ControlRequest.reservations(of: "ü b").target == "/v1/reservations?user=%C3%BC%20b")
    }

    @Test func theUserAloneIsToShowThem() throws {
        let command = try TokenBudget.parseAsRoot(["user", "u_42", "--json"])
        #expect((command as? UserCommand.Show)?.user == "u_42")
        #expect(try TokenBudget.parseAsRoot(["user", "show", "list"]) is UserCommand.Show)
        #expect(try TokenBudget.parseAsRoot(["user", "list"]) is UserCommand.List)
    }

    @Test(arguments: [
        ["tier", "set", "free"], ["tier", "set", "free", "--allowance", "a"], ["tier", "set", "free", "--limit", "1"],
        ["tier", "set", "free", "--allowance", "a", "--limit", "1", "--file", "f"], ["user", "set", "u"],
        ["tier", "set", "free", "--file", "f", "--limit", "1"], ["user", "set", "u", "--tier", "a", "--no-tier"],
        ["user", "set", "u", "--limit", "a=1", "--no-limit", "a"], ["user", "set", "u", "--limit", "a=1", "--limit", "a=2"],
        ["user", "grant", "u", "--allowance", "a", "--amount", "0"], ["user", "grant", "u", "--allowance", "a", "--amount", "-1"],
        ["user", "grant", "u", "--allowance", "a", "--amount", "1", "--grant-id", "g", "--expires", "24h"],
        ["user", "list", "--limit", "0"], ["policy", "rollback", "x"], ["policy", "show", "--yaml", "--json"],
        ["policy", "show", "--etag", "--version", "2"],
        ["user", "grant", "u", "--allowance", "a", "--amount", "1", "--dimension", "x"],
    ])
    func contradictionsAreWrongUsage(words: [String]) {
        #expect(throws: (any Error).self) { try TokenBudget.parseAsRoot(words) }
    }
}
