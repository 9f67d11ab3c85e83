import FledgeCore
import Testing

@Suite("Normalised text")
struct NormalizedTextTests {
    @Test(
        "case, width, white space, punctuation and invisible characters do not tell texts apart",
        arguments: [
            ("Refund, please!", " refund \t please"), ("ＦＵＬＬ width", "full  width"), ("Straße", "STRASSE"),
            ("ΟΔΟΣ οδος", "οδοσ ΟΔΟΣ"), ("don't", "Dont"), ("co\u{AD}operate", "cooperate"), ("ﬁne", "fine"),
            ("caf\u{E9}", "cafe\u{301}"), ("zero\u{200B}width", "zerowidth"), ("a\u{A0}b", "a b"), ("«ja»", "ja"),
            ("l\u{2019}été", "l'\u{C9}T\u{C9}"),
        ])
    func same(_ one: String, _ other: String) {
        #expect(NormalizedText(one).plain == NormalizedText(other).plain)
    }

    @Test(
        "what may be content is kept",
        arguments: [("a+b", "a b"), ("1 < 2", "1 > 2"), ("1.5", "15"), ("naïve", "naive"), ("?!", "!?"), ("👍", "👎")])
    func different(_ one: String, _ other: String) {
        #expect(NormalizedText(one).plain != NormalizedText(other).plain)
    }

    @Test("plain ASCII is read as any text is")
    func ascii() {
        let ascii = String(decoding: (UInt8(0)..<128).map { $0 }, as: UTF8.self)
        // A character beyond ASCII takes the other way through the code.
        let other = NormalizedText(ascii + "é")
        #expect(NormalizedText(ascii + "e").plain == String(other.plain.dropLast()) + "e")
        #expect(NormalizedText(ascii + "e").light == String(other.light.dropLast()) + "e")
    }

    @Test("a text of millions of characters is read whole")
    func long() {
        let text = String(repeating: "late ", count: 500_000) + "x"
        let normalized = NormalizedText(text)
        #expect(normalized.light == text && normalized.plain == text)
    }

    @Test("words are words, and characters where a script has no spaces")
    func words() {
        #expect(NormalizedText("Don't panic: 42!").words.map(String.init) == ["dont", "panic", "42"])
        #expect(NormalizedText("東京へ go").words.map(String.init) == ["東", "京", "へ", "go"])
        #expect(NormalizedText("").words == [])
        #expect(NormalizedText.withoutNumbers("order 12 34 of ٣") == "order 0 0 of 0")
        #expect(NormalizedText.withoutNumbers("order of mine") == nil)
    }
}
