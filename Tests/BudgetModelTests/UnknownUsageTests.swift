import BudgetModel
import Testing

/// What a provider reports beyond what is charged is kept as it came, within bounds.
@Suite struct UnknownUsageTests {
    private func unknown(_ json: String) throws -> String? {
        let value = try JSONValue(parsing: Array(json.utf8))
        return Usage.unknownFields(of: value, format: .detect(value))
    }

    @Test func whatIsUnderstoodIsNotRepeated() throws {
        #expect(try unknown(#"{"input_tokens":1,"output_tokens":2}"#) == nil)
        #expect(try unknown(#"{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{}}"#) == nil)
        #expect(try unknown(#"{"promptTokenCount":1,"candidatesTokenCount":2,"trafficType":null}"#) == nil)
        #expect(try unknown(#"{"inputTokens":1,"outputTokens":2,"totalTokens":3}"#) == nil)
    }

    @Test func theRestIsKeptAsItCame() throws {
        #expect(
            try unknown(#"{"prompt_tokens":1,"cost":0.10,"x":[true,null,{"a":"\"\n"}],"num_search_queries":2}"#)
                == #"{"cost":0.10,"x":[true,null,{"a":"\"\n"}],"num_search_queries":2}"#)
        #expect(try unknown(#"{"promptTokenCount":1,"trafficType":"ON_DEMAND"}"#) == #"{"trafficType":"ON_DEMAND"}"#)
    }

    @Test func whatDoesNotFitIsLeftOut() throws {
        let long = String(repeating: "x", count: 2_000)
        #expect(try unknown(#"{"prompt_tokens":1,"a":1,"long":"\#(long)","b":2}"#) == #"{"a":1,"b":2}"#)
        let many = (0..<200).map { #""field_\#($0)":\#($0)"# }.joined(separator: ",")
        let kept = try #require(try unknown(#"{"prompt_tokens":1,\#(many)}"#))
        #expect(kept.utf8.count > 900 && kept.utf8.count <= 1_024 && kept.hasSuffix("}"))
    }
}
