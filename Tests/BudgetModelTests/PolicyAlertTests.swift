import BudgetModel
import Testing

@Suite struct PolicyAlertTests {
    private static let hook = "destinations: {hook: {type: webhook, url: https://example.com}}"

    private static func alert(_ fields: String, _ path: String, _ says: String) -> Refusal {
        Refusal("\(hook)\nalerts: [{name: a, \(fields)}]", line: 2, path: "alerts[0]\(path)", says: says)
    }

    @Test(arguments: [
        alert("on: spends, send: hook", ".on", "did you mean \"spend\"?"),
        alert("on: request, above_usd: 1", "", "has no send"),
        alert("on: request, above_usd: 1, send: hok", ".send", "did you mean \"hook\"?"),
        alert("on: request, above_usd: 1, at: [5%], send: hook", ".at", "takes no at; write above_usd instead"),
        alert("on: request, above_usd: x, send: hook", ".above_usd", "write a decimal number"),
        alert("on: allowance, at: 80%, send: hook", ".at", "write a list such as"),
        alert("on: allowance, at: [], send: hook", ".at", "is an empty list"),
        alert("on: allowance, at: [0%], send: hook", ".at[0]", "above 0%"),
        alert("on: allowance, at: [5%, 5.0%], send: hook", ".at[1]", "is there twice"),
        alert("on: spend, above_usd: 1, window: lifetime, send: hook", ".window", "write minute, hour, day, week or month"),
        alert("on: spend_rate, window: hour, send: hook", "", "has no times_normal; write times_normal: 2"),
        alert("on: spend_rate, window: hour, times_normal: 0, send: hook", ".times_normal", "write a factor"),
        Refusal(
            "alerts: [{name: a, on: request, above_usd: 1, send: x}]", path: "alerts[0].send",
            says: "define it under destinations"),
        Refusal(
            "\(hook)\nalerts:\n- {name: a, on: request, above_usd: 1, send: hook}\n- {name: a, on: request, above_usd: 1, send: hook}",
            line: 4, path: "alerts[1]", says: "a name of its own"),
    ])
    func anAlertIsRefused(_ refusal: Refusal) { refusal.check() }

    @Test(arguments: [
        Refusal("destinations: {a: {type: slak, url_env: X}}", path: "destinations.a.type", says: "did you mean \"slack\"?"),
        Refusal("destinations: {a: {type: slack}}", path: "destinations.a", says: "has no url_env"),
        Refusal(
            "destinations: {a: {type: slack, url_env: \"a b\"}}", path: "destinations.a.url_env", says: "environment variable"),
        Refusal(
            "destinations: {a: {type: slack, url_env: X, url: x}}", path: "destinations.a.url", says: "write url_env instead"),
        Refusal("destinations: {a: {type: pagerduty}}", path: "destinations.a", says: "has no routing_key_env"),
        Refusal("destinations: {a: {type: webhook, url: ftp://x}}", path: "destinations.a.url", says: "https://example.com/hook"),
        Refusal(
            "destinations: {a: {type: webhook, url: \"https://\"}}", path: "destinations.a.url", says: "https://example.com/hook"),
        Refusal(
            "destinations: {a: {type: webhook, url: \"https://a b\"}}", path: "destinations.a.url",
            says: "https://example.com/hook"),
    ])
    func aDestinationIsRefused(_ refusal: Refusal) { refusal.check() }
}
