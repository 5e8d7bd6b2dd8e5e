/// What is to be done when: a binary heap, the earliest first.
struct Agenda<Item> {
    private var entries: [(due: Int64, item: Item)] = []

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    var nextDue: Int64? { entries.first?.due }

    mutating func add(_ item: Item, due: Int64) {
        var index = entries.count
        entries.append((due, item))
        while index > 0, entries[index].due < entries[(index - 1) / 2].due {
            entries.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes the earliest entry out if it is due by now.
    mutating func take(by now: Int64) -> (due: Int64, item: Item)? {
        guard let first = entries.first, first.due <= now else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        sink()
        return first
    }

    mutating func removeAll() -> [Item] {
        defer { entries = [] }
        return entries.map(\.item)
    }

    private mutating func sink() {
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < entries.count && entries[child].due < entries[least].due {
                least = child
            }
            guard least != index else { return }
            entries.swapAt(index, least)
            index = least
        }
    }
}
