import FledgeCore
import Testing

@testable import FledgeServing

@Suite("The quick reader of chat completions")
struct ChatAnswerReaderTests {
    private static let usual = [
        #"{"choices":[{"message":{"content":"billing"},"finish_reason":"stop"}]}"#,
        #" { "id" : "x-1" , "created":1700000000, "choices" : [ { "index":0, "message":{"role":"assistant","content":"ü 🜁\n\"q\" \\ \/","refusal":null},"logprobs":null,"finish_reason":null } ] , "usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":8,"audio":-1.5e-3}},"x":[1,[true,false,null],{}],"y":[],"error":null } "#,
        #"{"usage":{"prompt_tokens":4,"completion_tokens":1,"prompt_tokens_details":null},"choices":[{"message":{"content":"a"}}]}"#,
    ]

    private static let unusual = [
        "", "{}", "null", "[]", #"{"choices":[]}"#, #"{"choices":[{"finish_reason":"stop"}]}"#,
        #"{"choices":[{"message":{"content":"a"}}]} x"#, #"{"choices":[{"message":{"content":"a"}}]"#,
        #"{"choices":[{"message":{"content":"a"}},{"message":{"content":"b"}}]}"#,
        #"{"choices":[{"message":{"content":"a","content":"b"}}]}"#,
        #"{"choices":[{"message":{"content":"\ud83d\ude00 \u0041 \b"}}]}"#, #"{"choices":[{"message":{"content":7}}]}"#,
        #"{"choices":[{"message":{"content":"a"},"logprobs":{"content":[{"logprob":-0.5}]}}]}"#,
        #"{"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":1.0}}"#,
        #"{"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":1e2}}"#,
        #"{"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":-1}}"#,
        #"{"choices":[{"message":{"content":"a"}}],"x":01}"#, #"{"choices":[{"message":{"content":"a"}}],"x":tru}"#,
        #"{"choices":[{"message":{"content":"a"}}],}"#, "{\"choices\":[{\"message\":{\"content\":\"a\nb\"}}]}",
        // What is no whole answer.
        #"{"choices":[{"message":{"content":null}}]}"#, #"{"choices":[{"message":{"content":""}}]}"#,
        #"{"choices":[{"message":{"content":"a"},"finish_reason":"length"}]}"#,
        #"{"choices":[{"message":{"content":"a","refusal":"no"}}]}"#,
        #"{"choices":[{"message":{"content":"a"},"error":{"code":502}}]}"#,
        #"{"choices":[{"message":{"content":"a"}}],"error":{"code":502}}"#,
        #"{"choices":[{"message":{"content":"a"}}],"usage":null}"#,
        #"{"choices":[{"message":{"content":"a"}}],"usage":{"total_tokens":9}}"#,
    ]

    @Test("it reads the usual form as the reader of everything does", arguments: usual)
    func reads(text: String) throws {
        let answer = try #require(ChatAnswerReader.read(Array(text.utf8)))
        #expect(try answer == #require(LenientJSON.read(Array(text.utf8)).flatMap(ChatAnswer.init)))
    }

    @Test("it leaves everything else to that one", arguments: unusual)
    func leaves(text: String) {
        #expect(ChatAnswerReader.read(Array(text.utf8)) == nil)
    }

    @Test("it reads no answer that is cut off, and none with a byte that is no UTF-8")
    func broken() {
        let whole = Array(Self.usual[1].utf8.drop { $0 == 0x20 })
        let end = whole.lastIndex(of: UInt8(ascii: "}")) ?? 0
        for count in 0..<end { #expect(ChatAnswerReader.read(Array(whole[..<count])) == nil) }
        for byte: UInt8 in [0x80, 0xC0, 0xFF, 0x00] {
            let broken = Array(#"{"choices":[{"message":{"content":"a"#.utf8) + [byte] + Array(#""}}]}"#.utf8)
            #expect(ChatAnswerReader.read(broken) == nil)
        }
    }
}
