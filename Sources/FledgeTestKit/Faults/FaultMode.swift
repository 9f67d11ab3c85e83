/// One way in which a model server misbehaves, and what Fledge has to make of it.
package struct FaultMode: Sendable {
    /// Which requests the fault is about.
    package enum Condition: Sendable {
        case any
        case has(String)
        case temperatureOtherThanOne
        case hugeSeed
        case systemTurn
        case judged

        func holds(for call: FaultCall) -> Bool {
            switch self {
            case .any: true
            case .has(let member): call.members.contains(member)
            case .temperatureOtherThanOne: call.temperature != nil && call.temperature != 1
            case .hugeSeed: call.hasHugeSeed
            case .systemTurn: call.hasSystemTurn
            case .judged: call.kind == .judge
            }
        }
    }

    /// Which of those are hit.
    package enum Reach: Hashable, Sendable {
        case every
        /// Each n-th call.
        case nth(Int)
        /// The first tries of each question.
        case first(Int)
        /// Rows whose number is a multiple.
        case rows(Int)
        /// Calls behind so many.
        case after(Int)
        /// Calls behind so many within a minute.
        case perMinute(Int)
    }

    /// What Fledge has to do.
    package enum Treatment: Hashable, Sendable {
        /// The use case finishes by itself, with the scores of an undisturbed run.
        case mended
        /// It blocks with this code, and finishes when the cause is gone.
        case blocks(String)
        /// The examples are counted apart under this code or shortfall; too many of them block.
        case countsApart(String)
    }

    package var name: String
    /// What the server does, in a few words.
    package var says: String
    package var condition = Condition.any
    package var reach = Reach.every
    package var reply: FaultReply
    /// The answer to the list of models, where that is odd as well.
    package var models: FaultReply?
    /// Whether answers are held to the labels (`choices: .labels`).
    package var hasChoices = false
    package var treatment: Treatment
    /// What `fledge explain` has to say of a block besides its code; the status where the server gave one.
    package var cause: String?

    package init(
        _ name: String, _ says: String, _ reply: FaultReply, _ treatment: Treatment, reach: Reach = .every,
        condition: Condition = .any, models: FaultReply? = nil, hasChoices: Bool = false, cause: String? = nil
    ) {
        self.name = name
        self.says = says
        self.condition = condition
        self.reach = reach
        self.reply = reply
        self.models = models
        self.hasChoices = hasChoices
        self.treatment = treatment
        self.cause = cause ?? (reply.status == 200 ? nil : String(reply.status))
    }

    /// Two modes: the reply to some calls, where another try helps, and to every call.
    static func someAndAll(_ name: String, _ says: String, _ reply: FaultReply, _ code: String, step: Step = .fifth)
        -> [FaultMode]
    {
        [
            FaultMode("\(name)-some", "\(says), each \(step) call", reply, .mended, reach: .nth(step.rawValue)),
            FaultMode("\(name)-all", "\(says), always", reply, .blocks(code)),
        ]
    }

    /// Which calls are some, in words as well.
    enum Step: Int { case fifth = 5, fifteenth = 15 }

    /// A server that behaves.
    package static let none = FaultMode("none", "a sound answer", .answer(), .mended)
    /// The mode whose judge answers as it is asked to.
    package static let soundJudge = "judge-order"

    /// Every mode, in the order of the table in the docs.
    package static let all: [FaultMode] =
        passing + refusals + addresses + parameters + contextOverflows + oddAnswers + noAnswers + oddParts + transport
        + judges

    package static func named(_ name: String) -> FaultMode? { name == none.name ? none : all.first { $0.name == name } }
}
