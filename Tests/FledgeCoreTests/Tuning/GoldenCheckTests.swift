import FledgeCore
import Foundation
import Testing

@Suite("The golden check")
struct GoldenCheckTests {
    private struct Reference: Decodable {
        /// Hits, trials, other hits, other trials, p.
        var fewer: [[Double]]
        /// Prompts, the base's prompts, its agreeing answers, the least that passes.
        var bars: [[Int]]
    }

    private func reference() throws -> Reference {
        let url = try #require(
            Bundle.module.url(forResource: "fisher", withExtension: "json", subdirectory: "Resources"))
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
    }

    private func answers(_ count: Int, agreeing: Int, baseAgreeing: Int?, learnt: Bool = true) -> [GoldenAnswers] {
        (0..<count).map { place in
            GoldenAnswers(
                prompt: "prompt \(place)", trained: "b", served: place < agreeing ? "b" : "c",
                servedBase: learnt ? "a" : place < agreeing ? "b" : "c",
                trainedBase: baseAgreeing.map { place < $0 ? (learnt ? "a" : "b") : "d" })
        }
    }

    @Test("Fisher's one-sided p-values equal SciPy's")
    func fisher() throws {
        for row in try reference().fewer {
            let p = FisherExact.fewer(Int(row[0]), of: Int(row[1]), than: Int(row[2]), of: Int(row[3]))
            #expect(abs(p - row[4]) < 1e-9 * max(1, row[4]), "\(row)")
        }
        // Counts that no two groups have, as of a damaged row: nothing passes with them, and nothing ends.
        #expect(FisherExact.fewer(5, of: 5, than: 6, of: 5) == 0 && FisherExact.fewer(0, of: 5, than: 9, of: 5) == 0)
    }

    @Test("the bar is where chance alone would fall short of it once in a hundred times")
    func bar() throws {
        for row in try reference().bars {
            let base = row[1] == 0 ? nil : (agreeing: row[2], prompts: row[1])
            #expect(GoldenBar.least(of: row[0], base: base) == row[3], "\(row)")
        }
    }

    @Test("26 of 30 pass where the base loses as much, and an adapter loaded wrongly does not")
    func verdicts() throws {
        let job = TrainingJobID(7)
        let healthy = GoldenCheck(answers(30, agreeing: 26, baseAgreeing: 28))
        #expect(healthy.problem(of: job) == nil)
        #expect(healthy.differences?.count == 4)
        #expect(healthy.differences?.first?.baseAgrees == true && healthy.differences?.last?.baseAgrees == false)
        let broken = try #require(GoldenCheck(answers(30, agreeing: 12, baseAgreeing: 30)).problem(of: job))
        #expect(broken.code == "adapter.golden_mismatch")
        #expect(broken.message.contains("agree on 12 of 30") && broken.message.contains("agree on 30 of 30"))
        #expect(broken.message.contains("fledge jobs golden 7") && broken.message.contains("learningRate"))
        let long = try #require(GoldenCheck(answers(30, agreeing: 12, baseAgreeing: 10)).problem(of: job))
        #expect(long.message.contains("maxTokens"))
        #expect(GoldenCheck(answers(30, agreeing: 24, baseAgreeing: nil)).problem(of: job) == nil)
        let unasked = try #require(GoldenCheck(answers(30, agreeing: 20, baseAgreeing: nil)).problem(of: job))
        #expect(unasked.message.contains("fledge retry asks it too"))
        #expect(GoldenCheck([]).problem(of: job)?.code == "adapter.golden_mismatch")
    }

    @Test("an adapter that answers as the base does has not learnt, or is not in effect")
    func effect() throws {
        let job = TrainingJobID(7)
        let unlearnt = try #require(
            GoldenCheck(answers(10, agreeing: 10, baseAgreeing: 10, learnt: false)).problem(of: job))
        #expect(unlearnt.code == "adapter.no_effect" && unlearnt.message.contains("epochs"))
        let absent = GoldenCheck(
            (0..<10).map {
                GoldenAnswers(
                    prompt: "", trained: $0 < 5 ? "a" : "b", served: "a", servedBase: "a", trainedBase: "a")
            })
        #expect(absent.problem(of: job)?.message.contains("not in effect") == true)
    }

    @Test("a problem names no prompt and no answer")
    func discretion() throws {
        let answers = (0..<10).map { _ in
            GoldenAnswers(
                prompt: "secret-p", trained: "secret-t", served: "secret-s", servedBase: "secret-b", trainedBase: nil)
        }
        let problem = try #require(GoldenCheck(answers).problem(of: TrainingJobID(1)))
        #expect(!"\(problem)".contains("secret"))
    }

    @Test("a check of an earlier version can be read, and keeps its bar")
    func earlier() throws {
        let text = #"{"prompts": 30, "agreeing": 26, "differingFromBase": 20, "bar": 0.9}"#
        let check = try JSONDecoder().decode(GoldenCheck.self, from: Data(text.utf8))
        #expect(check.least == 27 && check.differences == nil)
        #expect(check.problem(of: TrainingJobID(1)) != nil)
    }
}
