import FledgeDocument

/// What a transition has to know of its cycle: a few words, where the whole definition may be long.
package struct CycleHead: Sendable, Hashable {
    package var id: CycleID
    package var useCase: UseCaseID
    package var number: Int
    package var state: CycleState
    /// Raised by each transition: a writer that saw an older one changes nothing.
    package var version: Int64
    /// Whether a passed gate waits for a person.
    package var needsApproval: Bool
    /// Of the work that transitions ask for.
    package var priority: Int
    /// Whether it is over: retired, or superseded where it stood.
    package var isOver: Bool

    package init(
        id: CycleID, useCase: UseCaseID, number: Int, state: CycleState, version: Int64, needsApproval: Bool,
        priority: Int, isOver: Bool = false
    ) {
        self.id = id
        self.useCase = useCase
        self.number = number
        self.state = state
        self.version = version
        self.needsApproval = needsApproval
        self.priority = priority
        self.isOver = isOver
    }

    package init(_ cycle: Cycle) {
        self.init(
            id: cycle.id, useCase: cycle.useCase, number: cycle.number, state: cycle.state, version: cycle.version,
            needsApproval: cycle.definition.production?.approval == .manual,
            priority: cycle.definition.priority ?? WorkPriority.range.lowerBound)
    }
}
