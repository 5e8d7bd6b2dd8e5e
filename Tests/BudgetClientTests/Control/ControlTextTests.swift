import BudgetClient
import CommandSupport
import Foundation
import Testing

@testable import token_budget

/// What people read.
@Suite struct ControlTextTests {
    private static func decoded<Reply: Decodable>(_ text: String, as reply: Reply.Type = Reply.self) throws -> Reply {
        try JSONDecoder().decode(Reply.self, from: Data(text.utf8))
    }

    private static func state(_ fields: String) throws -> UserStateReply {
        try decoded(
            #"{"user":"u_42","frozen":false,"allowances":[{"name":"daily","unit":"tokens","limit":50000,"used":1,"held":0,"remaining":49999,"#
                + #""resets_at":null},{"name":"money","unit":"usd","limit":5,"used":0,"held":0,"remaining":5,"resets_at":null}],"#
                + fields + "}")
    }

    @Test func changesAreMarkedAndExplained() throws {
        let stored: StoredReply = try Self.decoded(
            #"""
            {"version":13,"dry_run":false,"changes":[
             {"path":"tiers.free.allowances.daily.limit","kind":"changed","from":"50000","to":"60000","text":"tier free: daily: limit 50,000 -> 60,000 tokens","effect":"more"},
             {"path":"tiers.trial","kind":"removed","from":"x"},{"path":"features.a","kind":"added","to":"{}"}]}
            """#)
        #expect(
            ChangeText.blocks(stored, "policy") == [
                "policy version 13",
                """
                ~ tier free: daily: limit 50,000 -> 60,000 tokens
                    more
                - tiers.trial: was x
                + features.a: {}
                """, "",
            ])
    }

    @Test func aDryRunSaysThatNothingWasStored() throws {
        let stored: StoredReply = try Self.decoded(#"{"version":13,"dry_run":true,"changes":[]}"#)
        #expect(ChangeText.blocks(stored, "policy") == ["no difference", "", "dry run: nothing was stored"])
    }

    @Test func aRollbackSaysWhatItRepeats() throws {
        let stored: StoredReply = try Self.decoded(#"{"version":14,"rolled_back_to":3,"dry_run":false,"changes":[]}"#)
        #expect(ChangeText.blocks(stored, "policy").first == "policy version 14, the same as version 3")
    }

    @Test func onlyColumnsWithSomethingToSayAreShown() throws {
        let tier: TierReply = try Self.decoded(
            #"""
            {"allowances":[{"name":"daily","unit":"tokens","limit":50000,"window":"day","per":["user"],"soft_limit":"80%"},
             {"name":"burst","unit":"usd","limit":0.50,"window":{"refill":"minute"}}],"degrade_to":["a","b"],"unheard_of":1}
            """#)
        #expect(
            TierText.blocks(tier, named: "free") == [
                "tier    free\nladder  a > b",
                """
                ALLOWANCE  UNIT     LIMIT  WINDOW         PER   SOFT
                daily      tokens  50,000  day            user   80%
                burst      usd      $0.50  refill minute  -        -
                """,
            ])
    }

    @Test func aUserIsShownWithWhatOpsGave() throws {
        let state = try Self.state(
            #""tier":"pro","assigned_tier":"pro","limits":{"money":7.50,"daily":80000},"#
                + #""grants":[{"grant_id":"g1","allowance":"money","amount":2.5,"expires_at":"2026-12-01T00:00:00Z","actor":"eva\u001b[2J"}]"#
        )
        let blocks = UserText.blocks(state)
        #expect(
            blocks.first == "user        u_42\ntier        pro (assigned)\nown limits  daily = 80,000 tokens, money = $7.50")
        #expect(
            blocks.last == """
                TOP-UP  AMOUNT  EXPIRES                  BY       GRANT
                money    $2.50  2026-12-01 00:00:00 UTC  eva\u{FFFD}[2J  g1
                """)
    }

    @Test func whatDoesNotApplyIsShownInTheUnitItWasGivenIn() throws {
        let state = try Self.state(
            #""tier":"pro","limits":{"money":80000,"gone":5,"daily":7},"limit_units":{"money":"tokens","gone":"usd","daily":"tokens"},"#
                + #""limits_not_applied":["gone","money"],"#
                + #""grants":[{"allowance":"daily","amount":2.5,"unit":"usd","applies":false},"#
                + #"{"allowance":"money","amount":3,"unit":"usd","applies":true}]"#)
        let blocks = UserText.blocks(state)
        #expect(
            blocks.first == """
                user        u_42
                tier        pro
                own limits  daily = 7 tokens, gone = $5 (does not apply: unit was usd, no such allowance is counted for this user now), \
                money = 80,000 tokens (does not apply: unit was tokens, is usd)
                """)
        #expect(
            blocks.last == """
                TOP-UP  AMOUNT  NOTE
                daily    $2.50  does not apply: unit was usd, is tokens
                money       $3  -
                """)
    }

    @Test func whereTheUnitIsNotToldTodaysIsNotTakenForIt() throws {
        let state = try Self.state(#""limits":{"money":80000},"limits_not_applied":["money"]"#)
        #expect(UserText.blocks(state).first?.contains("money = 80,000 (does not apply") == true)
    }

    @Test func aChangeOfAUserIsShownAsBeforeAndAfter() throws {
        let before = try Self.state(#""tier":"free","limits":{"money":7}"#)
        var after = try Self.state(#""tier":"pro","assigned_tier":"pro","limits":{"daily":80000}"#)
        after.frozen = true
        #expect(
            UserChanges.lines(before, after) == [
                "tier free -> pro (assigned)", "frozen, every request is rejected",
                "own limit of daily: the tier's -> 80,000 tokens", "own limit of money: $7 -> the tier's",
            ])
        #expect(UserText.blocks(before, before).first == "u_42: Nothing changed.")
    }

    @Test func aRepeatedGrantIsSaidToHaveAddedNothing() throws {
        let grant: GrantReply = try Self.decoded(#"{"grant_id":"g","allowance":"a","amount":5,"expires_at":null,"replayed":true}"#)
        #expect(UserCommand.Grant.text(grant, "u").first?.contains("nothing was added") == true)
    }

    @Test func whatWasErasedIsCounted() throws {
        let reply: EraseReply = try Self.decoded(#"{"user":"u","erased":{"counters":1200,"reservations":1,"holds":0}}"#)
        #expect(UserCommand.Erase.text(reply) == ["u: erased 1,200 counters, 1 reservation, 0 holds"])
    }

    @Test func versionsAreListedWithoutEmptyColumns() throws {
        let reply: VersionsReply = try Self.decoded(
            #"""
            {"versions":[{"version":14,"current":true,"at":"2026-11-21T05:00:00Z","actor":"eva","reason":"","bytes":1812,"rolled_back_to":3},
             {"version":13,"current":false,"at":"2026-11-20T05:00:00Z","actor":"key:0a1b2c3d","reason":"","bytes":812}]}
            """#)
        #expect(
            TextTable(reply.versions).text == """
                VERSION  STORED                   BY            BYTES  NOTE
                     14  2026-11-21 05:00:00 UTC  eva           1,812  current, again version 3
                     13  2026-11-20 05:00:00 UTC  key:0a1b2c3d    812  -
                """)
    }

    @Test func pricesOfAModelAreShownToTheLastDigit() throws {
        let reply: PricesReply = try Self.decoded(
            #"""
            {"version":3,"price_version":"00ff","at":"2026-11-21T05:00:00Z","aliases":{},"discounts":[],
             "prices":{"m":{"output":10.00,"input":2.50,"batch":{"input":1.25},"above":{"200000":{"input":0.0000001}},"max_output_tokens":16384,"from":"document","new":"x"}}}
            """#)
        #expect(
            PriceText.details(reply)[1] == """
                m (from the document)
                input                    $2.50
                output                     $10
                above.200000.input  $0.0000001
                batch.input              $1.25
                max_output_tokens       16,384
                """)
        #expect(PriceText.list(reply)[1].hasSuffix("m      $2.50     $10  above, batch  document"))
    }

    @Test func whatIsCancelledIsTold() throws {
        for dry in [true, false] {
            let reply: StoredReply = try Self.decoded(
                #"""
                {"version":27,"dry_run":\#(dry),"effective_from":"2026-11-21T05:00:00Z","changes":[],
                 "supersedes":[{"version":26,"effective_from":"2027-01-01T00:00:00Z"}]}
                """#)
            let text = PricesCommand.stored(reply).joined(separator: "\n")
            #expect(text.contains("takes the place of version 26, due 2027-01-01T00:00:00Z"), "\(text)")
            #expect(text.contains("token-budget prices rollback 26 --effective-from 2027-01-01T00:00:00Z"), "\(text)")
        }
        let reply: VersionsReply = try Self.decoded(
            #"{"versions":[{"version":26,"at":"2026-11-21T05:00:00Z","superseded_by":27}]}"#)
        #expect(TextTable(reply.versions).text.contains("cancelled by version 27"))
    }

    @Test func aRollbackToWhatIsCurrentSaysSo() throws {
        let reply: StoredReply = try Self.decoded(#"{"version":3,"rolled_back_to":3,"dry_run":false,"changes":[]}"#)
        #expect(ChangeText.blocks(reply, "policy") == ["version 3 of the policy is the latest already: nothing was stored"])
    }

    @Test func thousandsOfDifferencesAreSummedUp() throws {
        let changes = (1...3_000).map { #"{"path":"prices.m\#($0)","kind":"removed","text":"model m\#($0): gone","effect":"e"}"# }
        let reply: StoredReply = try Self.decoded(
            #"{"version":3,"dry_run":true,"changes":[\#(changes.joined(separator: ","))]}"#)
        let text = PricesCommand.stored(reply).joined(separator: "\n")
        #expect(text.contains("3,000 differences: 3,000 removed"))
        #expect(text.split(separator: "\n").count < 20)
    }

    @Test func notesOfAnImportAboutFieldsAreSummedUp() throws {
        let notes = (1...30).map { #"{"text":"field not used: f\#($0)","count":\#(100 - $0)}"# }
        let reply: ImportReply = try Self.decoded(
            #"{"version":4,"taken":1,"notes":[{"text":"rounded up","count":2},\#(notes.joined(separator: ","))]}"#)
        let lines = PricesCommand.Import.text(reply).joined(separator: "\n").split(separator: "\n").filter { $0.hasPrefix("note") }
        #expect(
            lines == ["note: rounded up (2)", "note: field not used: 30 fields, such as f1 (99), f2 (98), f3 (97); --json has all"])
    }

    @Test func anImportTellsWhatItLeftOut() throws {
        let reply: ImportReply = try Self.decoded(
            #"""
            {"version":4,"dry_run":false,"effective_from":"2026-11-21T05:00:00Z","taken":2841,"added":2800,"changed":41,"removed":0,
             "skipped":[{"reason":"no token price","count":1200,"examples":["dall-e-3"]}],"notes":[{"text":"rounded up","count":2}]}
            """#)
        let text = PricesCommand.Import.text(reply).joined(separator: "\n")
        for part in ["price version 4", "models taken  2,841", "1,200  no token price  dall-e-3", "note: rounded up (2)"] {
            #expect(text.contains(part), "\(text)")
        }
    }

    @Test func anImportOfNothingTellsWhatItLeftOut() throws {
        let body = #"""
            {"title":"Nothing to import","status":422,"code":"empty_catalogue","detail":"No entry has a price per token.","taken":0,
             "skipped":[{"reason":"not_priced_per_token","count":2,"examples":["dall-e-3","whisper-1"]}],"notes":[]}
            """#
        let problem = BudgetProblem(status: 422, body: Data(body.utf8), retryAfter: nil)
        #expect(
            PricesCommand.Import.NothingTaken(problem).description == """
                422 empty_catalogue: No entry has a price per token. \(MistakenFile.catalogue)

                LEFT OUT  WHY                   SUCH AS
                       2  not_priced_per_token  dall-e-3, whisper-1
                """)
    }

    @Test func warningsStandBesideTheChanges() throws {
        let stored: StoredReply = try Self.decoded(#"{"version":2,"dry_run":true,"changes":[],"warnings":["Nobody.","No one."]}"#)
        #expect(
            ChangeText.blocks(stored, "policy") == [
                "no difference", "warning: Nobody.\nwarning: No one.", "dry run: nothing was stored",
            ])
    }

    @Test(arguments: [
        "\u{200B}", "\u{200F}", "\u{202E}", "\u{2060}", "\u{2066}", "\u{2069}", "\u{FEFF}", "\u{61C}", "\u{2028}", "\u{1B}",
    ])
    func noNameMayHideOrTurnWhatIsBesideIt(mark: String) {
        var table = TextTable(columns: [("USER", .left), ("NOTE", .left)])
        table.add(["a\(mark)b", "-"])
        #expect(table.text == "USER  NOTE\na\u{FFFD}b   -")
        #expect(TextTable.visible("x\ny\(mark)") == "x\ny\u{FFFD}")
    }

    @Test func namesThatCanBeSeenStayAsTheyAre() {
        for name in ["zo\u{EB}", "\u{645}\u{631}\u{62D}\u{628}\u{627}", "\u{600}1", "\u{1F600}\u{FE0F}"] {
            #expect(TextTable.onOneLine(name) == name)
        }
    }

    @Test func openReservationsAreListed() throws {
        let reply: ReservationsReply = try Self.decoded(
            #"""
            {"reservations":[{"state":"open","held":{"tokens":2000,"cost_usd":0.00875},"issued_at":"2026-11-21T05:00:00Z",
              "expires_at":"2026-11-21T05:02:00.5Z","tier":"free","allowances":["a","b"]}]}
            """#)
        #expect(
            ReservationsCommand.text(reply).first == """
                STATE  HELD                    ISSUED                   EXPIRES                  TIER  ALLOWANCES
                open   2,000 tokens, $0.00875  2026-11-21 05:00:00 UTC  2026-11-21 05:02:00 UTC  free  a, b
                """)
    }
}
