/// What a transition does to its cycle's work, besides ending the piece that led to it.
///
/// A store carries a transition's changes out in the order in which it is given them, in the transaction that writes it.
package enum WorkChange: Hashable, Sendable {
    /// What is queued or leased is cancelled: a worker that has it finds its lease lost.
    case cancelOpen
    /// What is dead is given up: of one kind of work, or all of it where that is nil.
    case cancelDead(CycleAction.Kind?)
    /// What is still dead is queued again, due at once and with all of its attempts.
    case reviveDead
    /// What is queued is put out of the claims' sight; what is leased goes on to its end.
    case pause
    /// What was put out of sight is due at once.
    case resume
    /// One new piece, due at once.
    case enqueue(CycleAction)

    /// The kinds in the order in which every transition's changes come.
    package enum Kind: CaseIterable, Sendable {
        case cancelOpen, cancelDead, reviveDead, pause, resume, enqueue
    }

    package var kind: Kind {
        switch self {
        case .cancelOpen: .cancelOpen
        case .cancelDead: .cancelDead
        case .reviveDead: .reviveDead
        case .pause: .pause
        case .resume: .resume
        case .enqueue: .enqueue
        }
    }

    /// What is asked for; nil for a change of work that is there.
    package var action: CycleAction? { if case .enqueue(let action) = self { action } else { nil } }
}

extension [WorkChange] {
    /// The work that they ask for, in order.
    package var actions: [CycleAction] { compactMap(\.action) }
}
