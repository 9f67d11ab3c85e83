import FledgeCore
import FledgeEngine

/// The end of a piece of work, a transition of a cycle, or both in one.
struct WorkWrite: GroupedEntry {
    enum Subject: Hashable, Sendable {
        case useCase(UseCaseID)
        case item(WorkItemID)
    }

    var transition: Transition?
    var lease: WorkLease?
    /// Why the work is dead; nil when it is done.
    var failure: (code: String, message: String)?

    init(_ transition: Transition, finishing lease: WorkLease?) {
        self.transition = transition
        self.lease = lease
        failure = transition.event.failureOfWork
    }

    init(ending lease: WorkLease, failure: (code: String, message: String)? = nil) {
        self.lease = lease
        self.failure = failure
    }

    var subjects: [Subject] {
        var subjects: [Subject] = []
        if let transition { subjects.append(.useCase(transition.cycle.useCase)) }
        if let lease { subjects.append(.item(lease.item)) }
        return subjects
    }
}
