import BudgetModel
import Testing

@Suite struct JSONReaderTests {
    @Test(arguments: [
        "", " ", "{", "{]", "[1,]", #"{"a":1,}"#, #"{"a" 1}"#, "{a:1}", "[1 2]", "nul", "tru", "01", "-", "1.", "1e", "+1", ".5", "NaN",
        #""\x""#, #""\u12""#, #""\ud800""#, #""\ud800\u0041""#, "\"\u{1}\"", "\"", "1 1", "[1] x", "// c", "{\"a\":1}//",
    ])
    func whatRFC8259DoesNotKnowIsMalformed(text: String) {
        #expect { try JSONValue(parsing: text.utf8) } throws: { ($0 as? JSONError)?.kind == .malformed }
    }

    @Test func bytesThatAreNoUTF8AreMalformed() {
        for bytes: [UInt8] in [[0x22, 0xFF, 0x22], [0xEF, 0xBB, 0xBF, 0x31], [0x22, 0xC0, 0x80, 0x22], [0x31, 0x00]] {
            #expect { try JSONValue(parsing: bytes) } throws: { ($0 as? JSONError)?.kind == .malformed }
        }
    }

    @Test func depthIsBounded() {
        let deep = String(repeating: "[", count: 100_000)
        #expect { try JSONValue(parsing: deep.utf8) } throws: { ($0 as? JSONError)?.kind == .malformed }
        let fine = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(throws: Never.self) { try JSONValue(parsing: fine.utf8) }
    }

    @Test func aKeyTwiceIsAnErrorHoweverItIsSpelled() {
        #expect { try JSONValue(parsing: #"{"a":1,"\u0061":2}"#.utf8) } throws: { error in
            (error as? JSONError)?.kind == .duplicateField && (error as? JSONError)?.pointer == "/a"
        }
    }

    @Test func escapesAreRead() throws {
        let value = try JSONValue(parsing: #""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#.utf8)
        #expect(value.text == "\"\\/\u{8}\u{C}\n\r\t\u{E9}\u{1F600}")
    }

    @Test func textIsWrittenSoThatItReadsBack() throws {
        let awkward = "\"\\\u{1}\n\u{1F600}\u{7F}/"
        var json = JSONText()
        json.array { $0.string(awkward) }
        guard case .array(let items) = try JSONValue(parsing: json.bytes) else { return #expect(Bool(false)) }
        #expect(items.first?.text == awkward)
    }

    @Test func aPointerIsEscaped() {
        #expect(JSONError.step("a/b~c") == "/a~1b~0c")
    }
}
