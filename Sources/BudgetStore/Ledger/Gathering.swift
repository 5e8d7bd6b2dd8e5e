/// Gathers so many answers into one; the first that fails is the answer.
final class Gathering<Value> {
    private var value: Value
    private var missing: Int
    private var answer: BudgetStore.Answer<Value>?

    init(_ count: Int, _ answer: @escaping BudgetStore.Answer<Value>, _ value: Value) {
        (missing, self.answer, self.value) = (count, answer, value)
    }

    func take<Part>(_ result: Result<Part, BudgetError>, _ add: (inout Value, Part) -> Void) {
        switch result {
        case .failure(let error): finish(.failure(error))
        case .success(let part):
            add(&value, part)
            missing -= 1
            if missing == 0 { finish(.success(value)) }
        }
    }

    private func finish(_ result: Result<Value, BudgetError>) {
        answer?(result)
        answer = nil
    }
}
