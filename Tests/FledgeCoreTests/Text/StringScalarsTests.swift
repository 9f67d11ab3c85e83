import FledgeCore
import Testing

@Suite struct StringScalarsTests {
    @Test(arguments: [
        ("plain", "'", "''", "plain"), ("", "'", "''", ""), ("it's", "'", "''", "it''s"), ("'a'", "'", "", "a"),
        ("'''", "'", "''", "''''''"), ("<<<<<", "<<", "-", "--<"), ("aab", "ab", "x", "ax"), ("ab", "abc", "x", "ab"),
        ("as it is", "", "x", "as it is"), ("é’é", "’", "'", "é'é"),
    ])
    func `Each place of a mark gets the other text, from left to right`(
        text: String, mark: String, other: String, expected: String
    ) {
        #expect(text.replacingScalars(of: mark, with: other) == expected)
    }

    @Test func `A mark that an accent follows is the mark, and its accent stays`() {
        let text = "a\"\u{301}b"
        #expect(text.containsScalars(of: "\""))
        let doubled = text.replacingScalars(of: "\"", with: "\"\"")
        #expect(Array(doubled.unicodeScalars) == Array("a\"\"\u{301}b".unicodeScalars))
    }
}
