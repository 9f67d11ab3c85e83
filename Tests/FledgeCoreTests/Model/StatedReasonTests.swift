import FledgeCore
import Testing

@Suite("Reasons that people give")
struct StatedReasonTests {
    @Test("without a word one is refused", arguments: ["", " ", "\t\n", "\u{00A0}\u{2003}", "\u{200B}", "\u{0000}"])
    func empty(_ reason: String) {
        let error = #expect(throws: FledgeError.self) { try StatedReason.checked(reason) }
        #expect(error?.code == "reason.empty" && error?.exitCode == .usage)
    }

    @Test("else it is kept without white space at its ends")
    func kept() throws {
        #expect(try StatedReason.checked("  it answers in English\n") == "it answers in English")
        #expect(try StatedReason.checked("遅い") == "遅い")
    }
}
