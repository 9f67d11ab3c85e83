import FledgeCore

extension PublishedFailure {
    package static let all: [PublishedFailure] = stranded + doubled + slow + deaf + late + wrong

    /// Work that nobody takes up again.
    private static let stranded = [
        PublishedFailure(
            "recovery-while-database-away", "dbos-inc/dbos-transact-py", 716,
            "The database goes away while a dead executor's workflows are recovered: they stay pending for ever.",
            planted: .expiredForgotten
        ) { settings in
            settings.faults?.lostCall = 250
            settings.incidents = crashes(of: settings.daemons, from: 500_000, every: 700_000)
        },
        PublishedFailure(
            "claimed-while-ending", "dbos-inc/dbos-transact-py", 804,
            "An executor that is ending claims what was just given back, and takes it with it.",
            planted: .stoppedForgotten
        ) { settings in
            settings.incidents = (0..<12).map { turn in
                .init(at: 400_000 + Int64(turn) * 900_000, daemon: turn % 3, what: .shutdown)
            }
        },
        PublishedFailure(
            "orphaned-by-crash", "graphile/worker", 204, "Jobs whose server was killed stay locked for hours.",
            planted: .expiredForgotten
        ) { settings in
            settings.daemons = 1
            settings.incidents = [.init(at: 1_500_000, daemon: 0, what: .crash)]
        },
        PublishedFailure(
            "queue-locked-by-last-attempt", "graphile/worker", 254,
            "A job whose worker dies at its last attempt keeps its queue locked.", planted: .attemptsUnbounded
        ) { settings in
            settings.daemons = 1
            settings.useCases = 1
            settings.workSpan = 60_000...61_000
            settings.incidents = (0..<8).map { turn in .init(at: Int64(turn + 1) * 25_000_000, daemon: 0, what: .crash)
            }
            settings.expectation = { $0.work.contains { $0.isOpen } ? "something is still open" : nil }
        },
        PublishedFailure(
            "lost-at-restart", "procrastinate-org/procrastinate", 307,
            "What a worker was at when it was restarted is lost.", planted: .failedReleaseDrops
        ) { settings in
            settings.faults?.lostCall = 250
            settings.faults?.shutdown = 150
        },
        PublishedFailure(
            "pending-though-dead", "zenml-io/zenml", 5108,
            "What died before it was begun is shown as pending for ever.", planted: .startForgotten
        ) { settings in
            settings.expectation = nil
            settings.givesUp = true
            settings.faults?.crash = 250
        },
    ]

    /// What is done twice.
    private static let doubled = [
        PublishedFailure(
            "stale-recovery", "dbos-inc/dbos-transact-py", 742,
            "A recovery that has read who owned a workflow runs it after another has taken it.",
            planted: .fenceIgnoredByRecord
        ) { settings in
            settings.expectation = nil
            settings.faults?.lostCall = 250
            settings.faults?.slowAnswer = 100
            settings.faults?.crash = 100
            settings.incidents = stalls(of: settings.daemons)
        },
        PublishedFailure(
            "rescued-after-end", "riverqueue/river", 1302,
            "A rescue that was asked for earlier brings a completed job back.", planted: .fenceIgnoredByRelease
        ) { settings in
            settings.faults?.lostCall = 250
            settings.incidents = stalls(of: settings.daemons)
            settings.ending = failingOften
            settings.expectation = nil
        },
        PublishedFailure(
            "job-runs-twice", "oban-bg/oban", 1141, "A second worker begins a job that the first is still at.",
            planted: .leaseIgnoredByClaim
        ) { settings in
            settings.workSpan = 20_000...90_000
            settings.faults?.lostCall = 100
            settings.faults?.slowAnswer = 200
        },
        PublishedFailure(
            "submitted-twice", "ray-project/kuberay", 756,
            "The job was accepted, and writing that down failed: it is submitted again.", planted: .intentRenamed
        ) { settings in
            settings.faults?.lostCall = 250
            settings.faults?.crash = 100
            settings.ending = byTraining
            settings.expectation = nil
        },
        PublishedFailure(
            "two-leaders", "oban-bg/oban", 1488,
            "Two nodes that both take themselves for the leader fire every slot twice.",
            planted: .slotFiredTwice, daily),
    ]

    private static let slow = [
        PublishedFailure(
            "heartbeats-slower-than-timeout", "janbjorge/pgqueuer", 430,
            "Heartbeats come once in the time after which a job is picked again.", planted: .heartbeatSlow
        ) { $0.workSpan = 20_000...60_000 },
        PublishedFailure(
            "heartbeat-lost", "temporalio/sdk-java", 1258, "One heartbeat that gets lost ends an activity that lives.",
            planted: .heartbeatSlow
        ) { settings in
            settings.workSpan = 20_000...40_000
            settings.faults?.lostCall = 100
        },
        PublishedFailure(
            "heartbeat-goes-on", "temporalio/sdk-java", 2775,
            "An activity whose heartbeats have failed for longer than their timeout goes on.", planted: .lostLeaseGoesOn
        ) { settings in
            settings.workSpan = 20_000...90_000
            settings.incidents = (0..<settings.daemons).map {
                .init(at: 8_000_000, daemon: $0, what: .cutOff(60_000_000))
            }
        },
        PublishedFailure(
            "progress-lost", "temporalio/sdk-java", 1965,
            "An activity that is tried again begins from its first progress, and what came after is paid for again.",
            planted: .progressForgotten
        ) { settings in
            settings.progresses = true
            settings.ending = { action, claims, _ in
                claims < 9 && action.kind == .runExperiment
                    ? .failed(mayPass: true) : SimulatedWork.straightOn(action)
            }
        },
    ]

    /// Hints that do not come.
    private static let deaf = [
        PublishedFailure(
            "listener-gone", "graphile/worker", 541, "A connection that listens drops, and is never made again.",
            planted: .listenerGone
        ) { settings in
            settings.workSpan = 4_000...8_000
            settings.ending = failingOften
        },
        PublishedFailure(
            "listener-not-resubscribed", "oban-bg/oban", 1499,
            "The notifier is restarted, and those that wait for it are not told.", planted: .hintTrusted
        ) { $0.faults?.lostHint = 1_000 },
    ]

    /// Slots that nobody fires.
    private static let late = [
        PublishedFailure(
            "leader-alone-fires", "riverqueue/river", 342,
            "Only the leader fires periodic jobs, and it does not know those of the others.", planted: .leaderFiresAlone
        ) { settings in
            daily(&settings)
            settings.incidents = [.init(at: 20 * hour, daemon: 0, what: .crash)]
        },
        PublishedFailure(
            "slot-missed-between-leaders", "sidekiq/sidekiq", 6804,
            "A slot that falls between one leader's end and the next one's beginning is never fired.",
            planted: .slotForgotten
        ) { settings in
            daily(&settings)
            settings.incidents = (0..<3).map { .init(at: 31 * hour, daemon: $0, what: .outage(2 * hour)) }
        },
    ]

    private static let wrong = [
        PublishedFailure(
            "inconclusive-promoted", "argoproj/argo-rollouts", 3850,
            "An analysis that shows nothing ends in a promotion.", planted: .inconclusivePasses
        ) { settings in
            settings.ending = { action, _, bug in
                switch action {
                case .judgeGate(let candidate, _):
                    .event(.gateJudged(bug == .inconclusivePasses ? .passed : .inconclusive, candidate))
                case .decide(let candidate, let look):
                    .event(
                        .decisionMade(
                            decision(bug == .inconclusivePasses ? .passed : .inconclusive, candidate, look: look)))
                default: SimulatedWork.straightOn(action)
                }
            }
            settings.expectation = { store in
                store.cycles.contains { $0.state.activity == .live || $0.state.activity == .releasing }
                    ? "what a gate did not show was promoted" : nil
            }
        }
    ]
}

// MARK: What the stories are made of

extension PublishedFailure {
    private static let hour: Int64 = 3_600_000_000

    private static func daily(_ settings: inout SimulationSettings) {
        settings.reports = true
        settings.steps = 0
        settings.shortest = 50 * hour
        settings.stepsToRest = 100_000
        settings.pollInterval = 600_000_000
        settings.scheduleInterval = 300_000_000
    }

    private static func crashes(of daemons: Int, from start: Int64, every pause: Int64) -> [SimulationSettings.Incident]
    {
        (0..<2 * daemons).map { .init(at: start + Int64($0) * pause, daemon: $0 % daemons, what: .crash) }
    }

    /// For longer than a lease, one after the other, each over before the daemon's next begins.
    private static func stalls(of daemons: Int) -> [SimulationSettings.Incident] {
        (0..<3 * daemons).map {
            .init(at: 300_000 + Int64($0) * 7_300_000, daemon: $0 % daemons, what: .stall(20_000_000))
        }
    }

    private static let failingOften: @Sendable (CycleAction, Int64, PlantedBug?) -> SimulatedWork.Ending? = {
        action, claims, _ in claims % 3 == 0 ? SimulatedWork.straightOn(action) : .failed(mayPass: true)
    }

    private static let byTraining: @Sendable (CycleAction, Int64, PlantedBug?) -> SimulatedWork.Ending? = {
        action, _, _ in
        if case .decide(_, let look) = action, look < 2 { return .event(.decisionMade(.fineTune)) }
        return SimulatedWork.straightOn(action)
    }

    /// What the rules say to a gate with that verdict.
    private static func decision(_ verdict: Verdict, _ candidate: CandidateID, look: Int) -> DecisionKind {
        let gate = GateResult(
            candidate: candidate, candidateName: "prompt", verdict: verdict, criteria: [], look: look, looksAllowed: 3,
            prototypeScore: 0.9, holdoutScore: 0.8)
        return DecisionRules.decide(
            DecisionEvidence(
                gate: gate, roundScores: [0.9], roundsMaximum: 3, plateauRounds: nil, plateauMinimumGain: 0,
                isBudgetSpent: false, trainingExamples: 0, minimumTrainingExamples: 50, mayFineTune: false,
                trainingsDone: 0)
        ).kind
    }
}
