import FledgeClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import PostgresClient
import Testing

/// A pilot and a sweep of a few steps each, on the real trainer.
@Suite(.serialized, .timeLimit(.minutes(40)))
struct TuningCrashTests {
    private static let data = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "workflows/data/lexical-category.jsonl")

    @Test("SIGKILL in a pilot and in a sweep repeats no job, and the better setting is chosen")
    func tuning() async throws {
        try await TestDaemon.with { daemon in
            let request = try CrashUseCase.tuned(data: Self.data, in: daemon.data) {
                $0.pilot = PilotDefinition(sizes: [20, 40, 80])
                // A learning rate that cannot do anything in so few steps, and one that can.
                $0.sweep = SweepDefinition(learningRates: [1e-7, 2e-3], trials: 2, foldsBelow: 0)
            }
            let result = try await daemon.client.apply(request)
            try #require(result.applied != nil, "\(result.diagnostics)")

            try await Self.kill(daemon, in: "pilot", 2)
            try await daemon.start()
            try await Self.kill(daemon, in: "trial", 2)
            let earlier = try await Self.jobs(daemon)
            try await daemon.start()
            try await daemon.reach("validation", "judging", within: .seconds(900))

            let jobs = try await Self.jobs(daemon)
            #expect(jobs.map(\.place) == ["pilot 1", "pilot 2", "pilot 3", "trial 1", "trial 2", "final 0"])
            #expect(jobs.prefix(4).elementsEqual(earlier.prefix(4)))
            #expect(Set(daemon.jobFolders.map(\.lastPathComponent)) == Set(jobs.map(\.intent)))
            let chosen = """
                SELECT count(*)::int AS n FROM sweep
                WHERE record #>> '{trials,0,setting,learningRate}' = '0.002' AND record -> 'chosen' = record #> '{trials,0,trial}'
                """
            #expect(try await daemon.number(chosen) == 1)
            // What was read of a trainer's words before the kill is not stored again after it.
            let twice =
                "SELECT count(*)::int AS n FROM (SELECT FROM training_log GROUP BY training_job_id, line HAVING count(*) > 1) t"
            #expect(try await daemon.number(twice) == 0)
        }
    }

    /// Kills the daemon while a trainer works on that job, and sees the trainer live on.
    private static func kill(_ daemon: TestDaemon, in purpose: String, _ number: Int) async throws {
        let isThere = try await eventually(within: .seconds(900)) {
            try await daemon.database.query(
                "SELECT FROM training_job WHERE purpose = $1 AND number = $2 AND external_id IS NOT NULL",
                [purpose, number]
            ).count == 1
        }
        try #require(isThere, "no \(purpose) \(number): \(daemon.logText)")
        #expect(
            try await eventually {
                try await daemon.client.statuses(name: nil).first?.progress?.what == "\(purpose) \(number)"
            })
        try await daemon.kill()
    }

    private struct Job: Equatable {
        var place: String
        var intent: String
        var score: Double?
    }

    private static func jobs(_ daemon: TestDaemon) async throws -> [Job] {
        try await daemon.database.query(
            "SELECT purpose || ' ' || number AS place, intent, score FROM training_job ORDER BY id"
        ).map {
            Job(
                place: try $0.get("place", as: String.self), intent: try $0.get("intent", as: String.self),
                score: try $0.get("score", as: Double?.self))
        }
    }
}
