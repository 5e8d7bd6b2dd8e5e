import NIOCore

/// One HTTP exchange of a request.
struct Call {
    let verb: Verb
    let request: LoadRequest
    /// When it should begin, nanoseconds of the event loop's clock.
    let due: Int64
    /// When it was written to a connection.
    var sent: Int64 = 0
}

/// What came of a call.
enum Outcome {
    case answered(ResponseReader.Response)
    /// Nothing usable came back; whether the service acted is unknown.
    case broken(Failure)
    /// Never sent: too many others were waiting, or the run was over.
    case dropped
}

enum Failure: String {
    case timedOut = "timed out"
    case closed = "connection closed"
    case malformed = "malformed answer"
}

/// Writes calls as HTTP, straight into a buffer.
struct RequestWriter {
    private let prefix: String
    private let features: [String]
    private let tiers: [String]
    private let models: [String]
    private let timeToLive: String
    private let heads: [[UInt8]]
    private var body = ByteBuffer()

    init(_ settings: LoadSettings) {
        let traffic = settings.traffic
        prefix = traffic.userPrefix
        features = Self.fields("feature", traffic.features)
        tiers = Self.fields("tier", traffic.tiers)
        models = Self.fields("model", traffic.models)
        timeToLive = #","ttl_seconds":\#(traffic.timeToLive)}"#
        let authorization = settings.key.map { "authorization: Bearer \($0)\r\n" } ?? ""
        heads = Verb.allCases.map { verb in
            Array(
                """
                POST /v1/\(verb.name) HTTP/1.1\r\nhost: \(settings.target.authority)\r\n\(authorization)\
                content-type: application/json\r\ncontent-length:\u{20}
                """.utf8)
        }
    }

    /// `,"model":"gpt-4o"` for each name; one that says nothing where there is no mix.
    private static func fields(_ name: String, _ mix: Mix?) -> [String] {
        mix?.names.map { ",\"\(name)\":\(quoted($0))" } ?? [""]
    }

    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    mutating func write(_ verb: Verb, _ request: LoadRequest, to buffer: inout ByteBuffer) {
        body.clear()
        switch verb {
        case .reserve: writeReserve(request)
        case .commit: writeCommit(request)
        case .release: writeID(request, end: "\"}")
        }
        buffer.writeBytes(heads[verb.rawValue])
        buffer.writeNumber(Int64(body.readableBytes))
        buffer.writeStaticString("\r\n\r\n")
        buffer.writeBuffer(&body)
    }

    private mutating func writeReserve(_ request: LoadRequest) {
        body.writeStaticString(#"{"user":""#)
        body.writeString(prefix)
        body.writeNumber(Int64(request.user))
        body.writeStaticString("\"")
        body.writeString(features[request.feature])
        body.writeString(tiers[request.tier])
        body.writeString(models[request.model])
        body.writeStaticString(#","input_tokens":"#)
        body.writeNumber(request.inputTokens)
        body.writeStaticString(#","max_output_tokens":"#)
        body.writeNumber(request.maxOutputTokens)
        body.writeString(timeToLive)
    }

    private mutating func writeCommit(_ request: LoadRequest) {
        writeID(request, end: #"","usage":{"input_tokens":"#)
        body.writeNumber(request.inputTokens)
        body.writeStaticString(#","output_tokens":"#)
        body.writeNumber(request.usedOutput)
        body.writeStaticString("}}")
    }

    private mutating func writeID(_ request: LoadRequest, end: StaticString) {
        body.writeStaticString(#"{"reservation_id":""#)
        body.writeBytes(request.id)
        body.writeStaticString(end)
    }
}

extension ByteBuffer {
    fileprivate mutating func writeNumber(_ number: Int64) { writeString(String(number)) }
}
