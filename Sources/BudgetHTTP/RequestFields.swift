import BudgetModel
package import NIOHTTP1

/// The header fields both listeners care for, picked out in one pass over all of them: looking each up by name would walk the
/// list, folding case, once per field.
package struct RequestFields {
    package private(set) var hosts = 0
    package private(set) var transferEncodings: [String] = []
    package private(set) var contentLengths: [String] = []
    package private(set) var contentType: String?
    package private(set) var contentEncoding: String?
    package private(set) var expectations: [String] = []
    package private(set) var authorizations: [String] = []
    package private(set) var idempotencyKeys: [String] = []
    package private(set) var correlation = Correlation()
    /// The peer offers another protocol; the parser reads nothing of the connection after such a request.
    package private(set) var offersUpgrade = false
    package private(set) var count = 0
    /// Bytes of all fields as they were sent, about.
    package private(set) var size = 0

    package init(_ headers: HTTPHeaders) {
        for (name, value) in headers {
            count += 1
            size += name.utf8.count + value.utf8.count + 4
            take(name, value)
        }
    }

    private mutating func take(_ name: String, _ value: String) {
        switch name.utf8.count {
        case 4 where name.isField("host"): hosts += 1
        case 6 where name.isField("expect"): expectations.append(value)
        case 7 where name.isField("upgrade"): offersUpgrade = true
        case 11 where name.isField("traceparent"): correlation.take(traceparent: value)
        case 12 where name.isField("content-type"): contentType = value
        case 12 where name.isField("x-request-id"): correlation.take(requestID: value)
        case 13 where name.isField("authorization"): authorizations.append(value)
        case 14 where name.isField("content-length"): contentLengths.append(value)
        case 15 where name.isField("idempotency-key"): idempotencyKeys.append(value)
        case 16 where name.isField("content-encoding"): contentEncoding = value
        case 17 where name.isField("transfer-encoding"): transferEncodings.append(value)
        default: break
        }
    }

    package var isJSON: Bool {
        guard let contentType else { return false }
        if contentType == "application/json" { return true }
        let name = contentType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        return name == "application/json" || (name.hasPrefix("application/") && name.hasSuffix("+json"))
    }
}

extension String {
    /// Whether this is the field `name`, which is in lower case and of the same length.
    fileprivate func isField(_ name: StaticString) -> Bool {
        withBytes { bytes in
            for index in 0..<bytes.count {
                let byte = bytes[index]
                let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
                guard lower == name.utf8Start[index] else { return false }
            }
            return true
        }
    }
}
