/// The service listens twice, and a call for one listener finds nothing at the other.
enum Listener: Sendable {
    case decision, control

    /// Of an answer that only the other listener would give.
    var mistaken: String {
        switch self {
        case .decision: "This looks like the control listener; the decision listener is usually on 8080."
        case .control: "This looks like the decision listener; the control listener is usually on 8081."
        }
    }

    /// Of an answer that neither would give.
    var doubted: String {
        switch self {
        case .decision: "Is this the decision listener? It is usually on 8080."
        case .control: "Is this the control listener? It is usually on 8081."
        }
    }

    /// What may be behind a refusal; nil when it was the right listener's to refuse.
    func hint(_ problem: BudgetProblem) -> String? {
        switch (problem.status, problem.code) {
        case (404, "not_found"), (405, "method_not_allowed"): mistaken
        case (404, nil), (405, nil): doubted
        default: nil
        }
    }
}
