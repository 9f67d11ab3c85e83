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
            notify("training-failed")(state) + release(state)
        },
        Edge(awaitingApproval, .approvalGiven, releasing, release),
        Edge(awaitingApproval, .approvalRefused, awaitingApproval, notify("approval-refused")),
        Edge(releasing, .releaseMade, live, notify("promoted")),
        Edge(live, .driftSeen, experimenting, experiment),

        // What may happen anywhere.
        Edge(.open, .paused, when: .running) { _ in [.pause] },
        Edge(.open, .resumed, when: .paused) { _ in [.resume] },
        Edge(.open, .retired, to: retired, when: .always, giveUp),
        Edge(.working, .cancelled, when: .unblocked) { _ in [.cancelOpen] },
        Edge(.working, .workFailed, when: .unblocked, notify("blocked")),
        Edge(.doing(.judging), .gateError, when: .unblocked, notify("blocked")),
        // What serves, and words that are no evidence, may change before a cycle's start as well.
        Edge(.unretired, .revisionAdopted, when: .always),
        Edge(.unretired, .championMoved, when: .always),
        // A cycle that gives way to a newer revision is over where it stands (`CycleState.givesWay`).
        Edge(.doing(.none, .live), .superseded, when: .always, giveUp),
        Edge(.open, .superseded, when: .blocked, giveUp),

        // A retry starts the work of the place again.
        Edge(.only(comparing), .retried, when: .blocked) { state in
            again(state.candidate == nil ? experiment : compare)(state)
        },
        Edge(.doing(.experimenting), .retried, when: .blocked, again(experiment)),
        Edge(.doing(.judging), .retried, when: .blocked, again(judge)),
        Edge(.doing(.deciding), .retried, when: .blocked, again(decide)),
        Edge(.doing(.training), .retried, when: .blocked, again(train)),
        Edge(.doing(.releasing), .retried, when: .blocked, again(release)),
        // Here a person is waited for, or nothing.
        Edge(.doing(.awaitingApproval, .live), .retried, when: .blocked, again { _ in [] }),
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

    private typealias Work = @Sendable (CycleState) -> [WorkChange]

    private static let experiment: Work = { [.enqueue(.runExperiment(round: $0.round))] }
    private static let train: Work = { [.enqueue(.train(attempt: $0.trainings))] }
    private static let judge: Work = { state in
        state.candidate.map { [.enqueue(.judgeGate($0, look: state.looks))] } ?? []
    }
    private static let decide: Work = { state in
        state.candidate.map { [.enqueue(.decide($0, look: state.looks))] } ?? []
    }
    private static let compare: Work = { state in
        state.candidate.map { [.enqueue(.comparePrompts($0, attempt: state.trainings))] } ?? []
    }
    private static let release: Work = { state in
        state.candidate.map { [.enqueue(.makeRelease($0))] } ?? []
    }
    /// Of a cycle that is over nothing is left to do.
    private static let giveUp: Work = { _ in [.cancelOpen, .cancelDead(nil)] }

    private static func notify(_ messages: String...) -> Work {
        { _ in messages.map { .enqueue(.notify($0)) } }
    }

    /// What is asked for takes the place of what there was of it. Other work that has died (a notification) comes back as it
    /// was.
    private static func again(_ work: @escaping Work) -> Work {
        { state in
            let asked = work(state)
            return [.cancelOpen] + asked.actions.map { .cancelDead($0.kind) } + [.reviveDead] + asked
        }
    }
}
