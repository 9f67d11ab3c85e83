import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Synchronization
import Testing

@Suite("Judges whose replies cannot be read") struct UnreadableJudgeTests {
    private final class Server: Sendable {
        let isMended = Mutex(false)

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

    @Test("a few of them pass nothing, are counted, and stop nothing")
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
}
