import FledgeCore
import Testing

@Suite("A wrapped reply is taken out of its wrapping where there is one way to do it")
struct WrappedReplyTests {
    static let readable: [(String, String)] = [
        ("a", "a"), (" a\n", "a"), (#"{"answer": "a"}"#, "a"), ("```json\n{\"answer\": \"a\"}\n```", "a"),
        (#"{"answer": 1}"#, "1"),
        (#"{"answer": true}"#, "true"), (#"{"Answer": "a", "reason": "r"}"#, "a"),
        (#"The answer is {"answer": "a"}, I think."#, "a"),
        ("```\na\n```", "a"), ("```a```", "a"), (#"{"label": "a"}"#, "a"), ("\"a\"", "a"), ("Sorry.", "Sorry."),
        ("", ""),
        (#"{"answer": "other"}"#, "other"), ("{x}", "{x}"),
    ]

    @Test("the answer is found", arguments: readable)
    func reads(reply: String, answer: String) {
        let found = WrappedReply.choice(in: reply, choices: reply == "{x}" ? ["{x}", "y"] : ["a", "b", "1", "true"])
        #expect(found.answer == answer && found.isReadable)
    }

    @Test(
        "what could be read in two ways, or not at all, is said to be unreadable and left as it is",
        arguments: [
            #"{"answer": "a"} {"answer": "b"}"#, #"{"answer": "a", "answer": "b"}"#, #"{"answer": "a""#,
            #"{"answer": null}"#,
            #"{"answer": ["a"]}"#, #"{"label": "c"}"#, #"{"x": "a", "y": "b"}"#, #"{"answer": "a", "ANSWER": "b"}"#,
            "```json\n{\"answer\": \"a", "{}", "}",
        ])
    func refuses(reply: String) {
        let found = WrappedReply.choice(in: reply, choices: ["a", "b"])
        #expect(found.answer == reply && !found.isReadable)
    }

    @Test(
        "JSON keeps its numbers as they are written",
        arguments: ["1.10", "12345678901234567890", "-0", "1e400", "1E+2"])
    func numbers(text: String) {
        #expect(JSONText("[\(text)]") == .array([.number(text)]))
    }

    @Test(
        "what is no JSON is refused",
        arguments: [
            "", "{", "[1,]", "01", "+1", "1.", ".5", "nul", "\"a", "\"\\x\"", "\"\\u12g4\"", "[1] 2", "{a: 1}",
            "{\"a\" 1}",
        ])
    func refusesJSON(text: String) {
        #expect(JSONText(text) == nil)
    }

    @Test("escapes are read, and half of a surrogate pair is no reason to refuse a reply")
    func escapes() {
        #expect(JSONText(#""\u00e9\n\ud83d\ude00\ud83dx\/""#) == .text("é\n😀\u{FFFD}x/"))
    }

    @Test(
        "text made to take long is read in a moment",
        arguments: ["[", "{", "{\"a\":", "{\"", "}", "\"", "{\"a\":1}", "```", "\\u"])
    func hostile(piece: String) {
        let text = String(repeating: piece, count: 20_000)
        let found = WrappedReply.choice(in: text, choices: ["a"])
        #expect(found.answer != "a")
        #expect(WrappedReply.object(in: text) == nil)
    }
}
