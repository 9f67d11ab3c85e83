import FledgeCore
import Foundation
import Testing

@Suite("The golden check of free answers")
struct FreeTextTests {
    private let job = TrainingJobID(7)

    @Test(
        "texts agree word by word up to the first difference, which counts too",
        arguments: [
            ("a b c", "a b c", 4, 4), ("a b c", "a x c", 2, 1), ("a b", "a b c", 3, 2), ("a  b\n", "a b", 3, 3),
            ("", "", 1, 1), ("", "a", 1, 0), ("a", "b", 1, 0), ("東京 都", "東京 府", 3, 2),
        ])
    func words(text: String, other: String, words: Int, agreeing: Int) {
        #expect(TextAgreement([(text, other)]) == TextAgreement(words: words, agreeing: agreeing))
        #expect(TextAgreement([(other, text)]) == TextAgreement(words: words, agreeing: agreeing))
        #expect(
            TextAgreement([(text, other), ("x", "x")]) == TextAgreement(words: words + 2, agreeing: agreeing + 2))
    }

    @Test(
        "the bar is 93 words of a hundred, and no more lost than the base loses",
        arguments: [
            (495, 500, 490, 500, true), (465, 500, 466, 500, true), (464, 500, 300, 500, false),
            (470, 500, 498, 500, false), (485, 500, 498, 500, false), (495, 500, 498, 500, true),
            (0, 0, 0, 0, true),
        ])
    func bar(agreeing: Int, words: Int, baseAgreeing: Int, baseWords: Int, passes: Bool) {
        let base = TextAgreement(words: baseWords, agreeing: baseAgreeing)
        #expect(TextBar.passes(TextAgreement(words: words, agreeing: agreeing), base: base) == passes)
    }

    private func answers(_ served: String, base: String = "not the same at all") -> [GoldenAnswers] {
        (0..<20).map {
            GoldenAnswers(
                prompt: "p\($0)", trained: "the answer of the trainer is a sentence of eleven words", served: served,
                servedBase: base, trainedBase: "not the same at all", isFree: true)
        }
    }

    @Test("whole texts need not be equal, but may not part early")
    func texts() throws {
        let late = GoldenCheck(answers("the answer of the trainer is a sentence of eleven lines"))
        #expect(late.agreeing == 0 && late.text == TextAgreement(words: 220, agreeing: 200))
        #expect(late.baseText == TextAgreement(words: 120, agreeing: 120))
        #expect(late.problem(of: job)?.code == "adapter.golden_mismatch")
        let right = answers("the answer of the trainer is a sentence of eleven words")
        let unasked = GoldenCheck(
            right.map {
                GoldenAnswers(
                    prompt: $0.prompt, trained: $0.trained, served: $0.served, servedBase: $0.servedBase,
                    trainedBase: nil, isFree: true)
            })
        #expect(unasked.text == TextAgreement(words: 240, agreeing: 240) && unasked.baseText == nil)
        let other = answers("the answer of the trainer is a sentence of eleven lines")
        let mostly = GoldenCheck(Array(right.dropLast(4) + other.prefix(4)))
        #expect(mostly.problem(of: job) == nil, "\(mostly)")
        let early = try #require(GoldenCheck(answers("another")).problem(of: job))
        #expect(early.code == "adapter.golden_mismatch" && early.message.contains("0 % of 20 words"))
        let elsewhere = GoldenCheck(answers("another", base: "something else")).problem(of: job)
        #expect(elsewhere?.message.contains("chat template") == true)
        #expect(!early.message.contains("trainer is"))
    }

    @Test("answers that begin alike and all end otherwise are another adapter's, where the base's mostly agree")
    func ends() {
        var check = GoldenCheck(answers("the answer of the trainer is a sentence of eleven words"))
        check.text = TextAgreement(words: 300, agreeing: 285)
        check.baseText = TextAgreement(words: 300, agreeing: 290)
        check.agreeing = 5
        check.baseAgreeing = 7
        #expect(check.problem(of: job) == nil)
        check.agreeing = 0
        #expect(check.problem(of: job)?.code == "adapter.golden_mismatch")
    }

    @Test("an adapter whose changes are mostly not served is not in effect")
    func effect() {
        let right = "the answer of the trainer is a sentence of eleven words"
        let answers = Array(answers(right, base: right).prefix(11) + answers(right).prefix(9))
        let problem = GoldenCheck(answers).problem(of: job)
        #expect(problem?.code == "adapter.no_effect")
        #expect(problem?.message.contains("11 of 20 golden prompts get the base") == true)
    }

    @Test(
        "a base that changes beside the adapter is refused, and a server that only rounds otherwise when it is busy is not",
        arguments: [
            (16, nil, false), (4, 16, true), (0, 15, true), (12, 13, false), (8, 9, false), (3, nil, true),
            // C(16, 5) / C(32, 5) = 0.022, and C(16, 6) / C(32, 6) = 0.0088.
            (11, nil, false), (10, nil, true),
        ] as [(Int, Int?, Bool)])
    func mixed(agreeing: Int, alone: Int?, isRefused: Bool) throws {
        var check = GoldenCheck(answers("the answer of the trainer is a sentence of eleven words"))
        check.mixed = MixedLoad(calls: MixedLoad.leastCalls, agreeing: agreeing, agreeingAlone: alone)
        let problem = check.problem(of: job)
        #expect(problem?.code == (isRefused ? "adapter.base_disturbed" : nil))
        #expect(problem.map { $0.message.contains("--max-loras") } ?? true)
        let read = try JSONDecoder().decode(GoldenCheck.self, from: JSONEncoder().encode(check))
        #expect(read == check)
    }
}
