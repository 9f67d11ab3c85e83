extension CycleMachine {
    /// The table. Of the edges that take an event, the first counts.
    package static let edges: [Edge] = [
        // The way from a prompt to a release.
        Edge(new, .started, experimenting, experiment),
        Edge(experimenting, .roundFinished, experimenting, experiment),
        Edge(experimenting, .candidateChosen, judging, judge),
        Edge(judging, .gateJudged, deciding, decide),
        Edge(deciding, .decidedFineTune, training, train),
        Edge(deciding, .decidedKeepPrototyping, experimenting, experiment),
        Edge(deciding, .decidedPromote, awaitingApproval, when: .approvalNeeded, notify("awaiting-approval")),
        Edge(deciding, .decidedPromote, releasing, when: .approvalSpared, release),
        Edge(deciding, .decidedNeedsData, deciding, notify("needs-data")),
        Edge(deciding, .decidedStop, deciding, notify("stopped")),
        Edge(training, .trainingFinished, comparing, compare),
        Edge(comparing, .candidateChosen, judging, judge),
        Edge(training, .trainingFailed, training, notify("training-failed")),
        // A prompt that has passed and was to be made cheaper needs no adapter.
        Edge(
            training, .decidedPromote, awaitingApproval, when: .approvalNeeded,
            notify("training-failed", "awaiting-approval")),
        Edge(training, .decidedPromote, releasing, when: .approvalSpared) { state in
            [.notify("training-failed")] + release(state)
        },
        Edge(awaitingApproval, .approvalGiven, releasing, release),
        Edge(awaitingApproval, .approvalRefused, awaitingApproval, notify("approval-refused")),
        Edge(releasing, .releaseMade, live, notify("promoted")),
        Edge(live, .driftSeen, experimenting, experiment),

        // What may happen anywhere.
        Edge(.open, .paused, when: .running),
        Edge(.open, .resumed, when: .paused),
        Edge(.open, .retired, to: retired, when: .always),
        Edge(.working, .cancelled, when: .unblocked),
        Edge(.working, .workFailed, when: .unblocked, notify("blocked")),
        Edge(.doing(.judging), .gateError, when: .unblocked, notify("blocked")),
        // What serves, and words that are no evidence, may change before a cycle's start as well.
        Edge(.unretired, .revisionAdopted, when: .always),
        Edge(.unretired, .championMoved, when: .always),

        // A retry starts the work of the place again.
        Edge(.only(comparing), .retried, when: .blocked) { state in
            state.candidate == nil ? experiment(state) : compare(state)
        },
        Edge(.doing(.experimenting), .retried, when: .blocked, experiment),
        Edge(.doing(.judging), .retried, when: .blocked, judge),
        Edge(.doing(.deciding), .retried, when: .blocked, decide),
        Edge(.doing(.training), .retried, when: .blocked, train),
        Edge(.doing(.releasing), .retried, when: .blocked, release),
        // Here a person is waited for, or nothing.
        Edge(.doing(.awaitingApproval, .live), .retried, when: .blocked),
    ]

    // MARK: Places

    /// Where a cycle can stand.
    package static let places = [
        new, experimenting, judging, deciding, training, comparing, awaitingApproval, releasing, live, retired,
    ]

    private static let new = Place(.promptPrototype, .none)
    private static let experimenting = Place(.promptPrototype, .experimenting)
    private static let judging = Place(.validation, .judging)
    private static let deciding = Place(.validation, .deciding)
    private static let awaitingApproval = Place(.validation, .awaitingApproval)
    private static let releasing = Place(.validation, .releasing)
    private static let training = Place(.fineTune, .training)
    private static let comparing = Place(.fineTune, .experimenting)
    private static let live = Place(.production, .live)
    private static let retired = Place(.retired, .none)

    // MARK: Work

    private static let experiment: @Sendable (CycleState) -> [CycleAction] = { [.runExperiment(round: $0.round)] }
    private static let train: @Sendable (CycleState) -> [CycleAction] = { [.train(attempt: $0.trainings)] }
    private static let judge: @Sendable (CycleState) -> [CycleAction] = { state in
        state.candidate.map { [.judgeGate($0, look: state.looks)] } ?? []
    }
    private static let decide: @Sendable (CycleState) -> [CycleAction] = { state in
        state.candidate.map { [.decide($0, look: state.looks)] } ?? []
    }
    private static let compare: @Sendable (CycleState) -> [CycleAction] = { state in
        state.candidate.map { [.comparePrompts($0, attempt: state.trainings)] } ?? []
    }
    private static let release: @Sendable (CycleState) -> [CycleAction] = { state in
        state.candidate.map { [.makeRelease($0)] } ?? []
    }

    private static func notify(_ messages: String...) -> @Sendable (CycleState) -> [CycleAction] {
        { _ in messages.map { .notify($0) } }
    }
}
