/// A key or string as it stands in the text: most need no copy.
enum JSONKey {
    case plain(Range<Int>)
    case escaped(String)

    func text(in bytes: UnsafeBufferPointer<UInt8>) -> String {
        switch self {
        case .plain(let range): String(decoding: bytes[range], as: UTF8.self)
        case .escaped(let text): text
        }
    }
}

/// The fields an object may have, by the raw values of an enumeration; at most 64.
package struct FieldTable<Field: CaseIterable & RawRepresentable & Sendable>: Sendable where Field.RawValue == String {
    let fields: [Field]
    let names: [String]
    private let utf8: [[UInt8]]

    package init() {
        fields = Array(Field.allCases)
        names = fields.map(\.rawValue)
        utf8 = names.map { Array($0.utf8) }
        precondition(fields.count <= 64)
    }

    func index(of key: JSONKey, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        switch key {
        case .plain(let range):
            utf8.firstIndex { $0.count == range.count && $0.elementsEqual(bytes[range]) }
        case .escaped(let text): utf8.firstIndex { $0.elementsEqual(text.utf8) }
        }
    }
}
