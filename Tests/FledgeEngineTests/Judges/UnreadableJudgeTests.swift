import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import FledgeTestKit
import Synchronization
import Testing

@Suite("Judges whose replies cannot be read") struct UnreadableJudgeTests {
    private final class Server: Sendable {
        let isMended = Mutex(false)
        /// The numbers of the rows whose replies cannot be read, where these are told by their row.
        let unread = Mutex<Set<Int>>([])

        /// - Parameter wrap: how a verdict is replied until the server is mended.
        func models(_ wrap: @escaping @Sendable (String, Int) -> String) -> ScriptedModels {
            ScriptedModels { input, _ in
                guard input.hasPrefix("===== ") else { return JudgeTests.answer(to: input) }
                let verdict = JudgeTests.isRight(input) ? "pass" : "fail"
                let number = Int(JudgeTests.part("INPUT text", of: input).split(separator: " ").last ?? "") ?? 0
                let isMended = self.isMended.withLock { $0 }
                return isMended ? #"{"reason":"r","verdict":"\#(verdict)"}"# : wrap(verdict, number)
            }
        }
    }

    @Test("they stop the work with their share and cause before people are asked, and retry asks the judge again")
    func stops() async throws {
        let server = Server()
        try await EngineFixture.run(server.models { verdict, _ in "I would say: \(verdict)." }) { fixture in
            try await fixture.apply(JudgeTests.definition())
            let blocked = try await fixture.work { $0.isBlocked || $0.isLive }
            #expect(blocked.block?.code == "judge.unreadable")
            let message = try #require(blocked.block?.message)
            let asked = EngineFixture.prototypeCount
            #expect(message.contains("\(asked) of \(asked)") && message.contains("hold no JSON object"))
            #expect(try await fixture.control.judges(name: "parity").first?.unread == message)
            // Nobody looked at the holdout, and nothing was scored.
            #expect(try await fixture.control.explain(name: "parity").gates.isEmpty)
            #expect(JudgeTests.questions(fixture).count == asked)

            server.isMended.withLock { $0 = true }
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            let waiting = try await fixture.work { $0.isBlocked && $0.block?.code != "judge.unreadable" }
            #expect(waiting.block?.code == "gate.uncalibrated_judge")
            #expect(JudgeTests.questions(fixture).count == 2 * asked + EngineFixture.holdoutCount)
            let status = try #require(try await JudgeTests.label(fixture))
            #expect(status.unread == nil && status.calibration.matrix.agreement == 1)
        }
    }

    @Test("a few of them are counted, and stop nothing")
    func counts() async throws {
        let server = Server()
        let models = server.models { verdict, number in
            number == 7 || number == 8
                ? #"{"reason":"cut o"# : "```json\n{\"Verdict\": \"\(verdict.uppercased())\"}\n```"
        }
        try await EngineFixture.run(models) { fixture in
            try await fixture.apply(JudgeTests.definition())
            let blocked = try await fixture.work { $0.isBlocked || $0.isLive }
            #expect(blocked.block?.code == "gate.uncalibrated_judge")
            let readings = try #require(try await fixture.control.explain(name: "parity").judges?.first)
            #expect(readings.judge == "right" && readings.unreadable <= 2)
            #expect(readings.asked == EngineFixture.prototypeCount + EngineFixture.holdoutCount)
            #expect(try await fixture.control.judges(name: "parity").first?.unread == readings.sentence)
        }
    }

    @Test(
        "one of forty is no score: not where candidates are ranked, not against people, not at the gate; retry asks again",
        arguments: [false, true])
    func oneOfForty(isMended: Bool) async throws {
        let server = Server()
        let models = server.models { verdict, number in
            server.unread.withLock { $0.contains(number) } ? "I can't say." : #"{"reason":"r","verdict":"\#(verdict)"}"#
        }
        try await EngineFixture.run(models) { fixture in
            try await fixture.apply(JudgeTests.definition())
            // One of each split whose answer is right.
            func row(_ split: DatasetSplit) async throws -> Int {
                let inputs = try await fixture.inputs(of: split)
                return try #require(inputs.compactMap { Int($0.dropFirst(7)) }.filter { $0 % 3 != 0 }.min())
            }
            let (prototype, holdout) = (try await row(.prototype), try await row(.holdout))
            server.unread.withLock { $0 = [prototype, holdout] }
            let waiting = try await fixture.work { $0.isBlocked || $0.isLive }
            #expect(waiting.block?.code == "gate.uncalibrated_judge")

            // Ranking.
            let cycle = try await fixture.cycle()
            let experiment = try #require(try await fixture.store.searches(of: cycle.id).first)
            let samples = try await fixture.store.samples(of: experiment.id)
            let known = samples.compactMap { $0.score(of: "primary") }
            #expect(samples.count == 40 && known.count == 39 && samples.count { $0.isUnread(by: "judged:right") } == 1)
            let mean = known.reduce(0, +) / 39
            let shown = try #require(try await fixture.control.experiments(name: "parity").first)
            #expect(shown.samples == 39 && abs((shown.score ?? 0) - mean) < 1e-12)
            // What is said, and what was paid.
            let asked = EngineFixture.prototypeCount + EngineFixture.holdoutCount
            let readings = try #require(try await fixture.control.explain(name: "parity").judges?.first)
            #expect(readings.asked == asked && readings.unreadable == 2)
            #expect(readings.sentence?.contains("neither for an answer nor against it") == true)
            #expect(JudgeTests.questions(fixture).count == asked)
            #expect(try await fixture.store.spend(of: cycle.id).calls == fixture.models.calls.count)
            // People.
            let status = try #require(try await JudgeTests.label(fixture))
            #expect(status.labels == 40 && status.calibration.matrix.count == 39 && status.unjudged == 1)
            #expect(status.calibration.matrix.agreement == 1)

            // The gate asks for both again: for the labelled one, and for its own.
            if isMended { server.isMended.withLock { $0 = true } }
            _ = try await fixture.control.send(.retry, to: "parity", actor: "ada")
            try await fixture.work { $0.isBlocked || $0.isLive }
            let explanation = try await fixture.control.explain(name: "parity")
            let result = try #require(explanation.gates.first?.criteria.first)
            #expect(JudgeTests.questions(fixture).count == asked + 2)
            #expect(result.count == (isMended ? 60 : 59) && result.judged?.isCorrected == true)
            #expect((result.detail == nil) == isMended)
            #expect(result.judged?.matrix?.count == (isMended ? 40 : 39))
            #expect(result.judged?.raw == explanation.gates.first?.holdoutScore)
            let replay = try await fixture.control.replay(name: "parity")
            #expect(!replay.records.isEmpty && replay.records.allSatisfy(\.differences.isEmpty))
        }
    }
}
