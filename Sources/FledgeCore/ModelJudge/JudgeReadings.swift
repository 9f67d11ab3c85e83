import FledgeDocument

/// How many answers a judge was asked about, and of how many of them its reply could not be read.
package struct JudgeReadings: Codable, Hashable, Sendable {
    /// The judged metric's name in the definition.
    package var judge: String
    package var asked: Int
    package var unreadable: Int

    package init(judge: String, asked: Int, unreadable: Int) {
        self.judge = judge
        self.asked = asked
        self.unreadable = unreadable
    }

    /// A larger share of unreadable replies says more of the judge than of the answers.
    package static let highestShare = 0.05

    /// What is said where too many could not be read, and what the calls count as that were paid for them.
    package static let code = FledgeError.Code.judgeUnreadable

    /// Whether more than one reply, and more than the highest share, could not be read.
    package var isTooHigh: Bool { unreadable > 1 && Double(unreadable) > Self.highestShare * Double(asked) }

    /// Nil where every reply could be read.
    package var sentence: String? {
        unreadable == 0
            ? nil
            : "\(judge): \(unreadable) of \(asked) of the judge's replies could not be read, and count neither for an "
                + "answer nor against it"
    }

    /// The readings of what a judge was asked, out of its ratings.
    package init(judge: JudgeDefinition, verdicts: some Sequence<JudgeRating>) {
        self.init(judge: judge.name, asked: 0, unreadable: 0)
        for verdict in verdicts where verdict.ground.isAsked {
            asked += 1
            if verdict.ground == .unreadable { unreadable += 1 }
        }
    }

    /// Why nothing is judged any further: `judge.unreadable`; nil where the share is no higher than it may be.
    ///
    /// - Parameter problems: what was wrong with each reply that could not be read just now.
    package func refusal(of judge: JudgeDefinition, problems: [JudgeReply.Problem]) -> FledgeError? {
        guard isTooHigh else { return nil }
        let counts = Dictionary(problems.map { ($0, 1) }, uniquingKeysWith: +)
        let most = counts.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }
        let cause = most.map {
            $0.value == problems.count ? "they \($0.key.words)" : "\($0.value) of them \($0.key.words)"
        }
        return FledgeError(
            Self.code,
            "\(unreadable) of \(asked) replies of \(judge.model) as the judge of \(judge.name) could not be read"
                + (cause.map { ": \($0)" } ?? ""),
            hint:
                "a judge replies with one JSON object, {\"reason\": \"…\", \"verdict\": \"\(judge.verdictWords)\"}: let "
                + "another model judge, or serve this one with JSON schemas enforced; then fledge retry",
            exitCode: .configuration)
    }
}

extension JudgeRating.Ground {
    /// Whether the judge was asked.
    package var isAsked: Bool {
        switch self {
        case .judged, .ordersDisagree, .unreadable: true
        case .sameAsReference, .guarded: false
        }
    }
}

extension JudgeDefinition {
    fileprivate var verdictWords: String { reference == nil ? "pass or fail" : "first, second or tie" }
}
