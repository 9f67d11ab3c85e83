extension CycleMachine {
    /// One row of the table.
    package struct Edge: Sendable {
        package let from: Places
        package let event: CycleEvent.Kind
        /// Nil where the cycle stays where it is.
        package let to: Place?
        package let condition: Condition
        /// What becomes of the cycle's work, from the state after the move.
        let work: @Sendable (CycleState) -> [WorkChange]

        init(
            _ from: Places, _ event: CycleEvent.Kind, to: Place? = nil, when condition: Condition,
            _ work: @escaping @Sendable (CycleState) -> [WorkChange] = { _ in [] }
        ) {
            self.from = from
            self.event = event
            self.to = to
            self.condition = condition
            self.work = work
        }

        /// A step of a cycle's way: a blocked cycle takes none.
        init(
            _ from: Place, _ event: CycleEvent.Kind, _ to: Place, when condition: Condition = .unblocked,
            _ work: @escaping @Sendable (CycleState) -> [WorkChange]
        ) {
            self.init(.only(from), event, to: to, when: condition, work)
        }
    }

    package struct Place: Hashable, Sendable {
        package let stage: Stage
        package let activity: Activity

        package init(_ stage: Stage, _ activity: Activity) {
            self.stage = stage
            self.activity = activity
        }
    }

    /// Where an edge begins.
    package struct Places: Sendable {
        private let stages: Set<Stage>
        private let activities: Set<Activity>

        package func contains(_ place: Place) -> Bool {
            stages.contains(place.stage) && activities.contains(place.activity)
        }

        static func only(_ place: Place) -> Self { Self(stages: [place.stage], activities: [place.activity]) }

        /// Wherever this is done.
        static func doing(_ activities: Activity...) -> Self { doing(Set(activities)) }

        private static func doing(_ activities: Set<Activity>) -> Self {
            Self(stages: Set(Stage.allCases).subtracting([.retired]), activities: activities)
        }

        /// Everywhere before the end.
        static let unretired = doing(Set(Activity.allCases))
        /// Everywhere between the start and the end.
        static let open = doing(Set(Activity.allCases).subtracting([.none]))
        /// Where only work moves a cycle on.
        static let working = doing(.experimenting, .judging, .deciding, .training, .releasing)
    }

    /// What of the state, besides its place, an edge asks for.
    package enum Condition: Sendable, CaseIterable {
        case always
        case unblocked, blocked
        case running, paused
        /// Not blocked, and a person approves what is released, or nobody does.
        case approvalNeeded, approvalSpared

        func holds(in state: CycleState, needsApproval: Bool) -> Bool {
            switch self {
            case .always: true
            case .unblocked: state.block == nil
            case .blocked: state.block != nil
            case .running: !state.isPaused
            case .paused: state.isPaused
            case .approvalNeeded: state.block == nil && needsApproval
            case .approvalSpared: state.block == nil && !needsApproval
            }
        }
    }

    /// What an edge comes to at one of its places.
    package struct Move: Hashable, Sendable {
        package let from: Place
        package let event: CycleEvent.Kind
        package let to: Place

        package init(from: Place, event: CycleEvent.Kind, to: Place) {
            self.from = from
            self.event = event
            self.to = to
        }
    }

    /// Every move that there is.
    package static let moves = Set(
        edges.flatMap { edge in
            places.filter(edge.from.contains).map { Move(from: $0, event: edge.event, to: edge.to ?? $0) }
        })
}
