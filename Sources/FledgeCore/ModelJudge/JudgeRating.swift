import FledgeDocument

/// What a judge says of one answer.
package struct JudgeRating: Codable, Hashable, Sendable {
    /// How the rating came about.
    package enum Ground: String, Codable, Hashable, Sendable, CaseIterable {
        /// The judge said so, in both orders where it was asked twice.
        case judged
        /// The judge said one thing in one order and another in the other: it went by the place.
        case ordersDisagree = "orders-disagree"
        /// The answer is the reference itself, which is as good as itself: the judge was not asked.
        case sameAsReference = "same-as-reference"
        /// A reply did not fit the schema, so nothing is known of the answer.
        case unreadable
        /// The answer was made to fool a judge, or says nothing: the judge was not asked.
        case guarded
    }

    /// 1 passed, 0 not passed; ½ where the two orders disagree. Only 1 counts as passed in a criterion: half a pass
    /// ranks candidates, it shows nothing. Nil where a reply could not be read.
    package var score: Double?
    package var ground: Ground
    /// What the guard found.
    package var finding: JudgeGuard.Finding?

    package init(score: Double?, ground: Ground, finding: JudgeGuard.Finding? = nil) {
        self.score = score
        self.ground = ground
        self.finding = finding
    }

    package var isPassed: Bool { score == 1 }

    /// The rating that needs no judge; nil where one has to be asked.
    package init?(withoutAsking judge: JudgeDefinition, about item: JudgedItem) {
        if let finding = JudgeGuard.finding(in: item) {
            self.init(score: 0, ground: .guarded, finding: finding)
        } else if judge.reference == .expected, AnswerText.trimmed(item.answer) == AnswerText.trimmed(item.expected) {
            self.init(score: 1, ground: .sameAsReference)
        } else {
            return nil
        }
    }

    /// The rating that the replies to all orders add up to.
    ///
    /// - Parameter replies: by order; nil where a reply could not be read.
    package init(_ replies: [(order: JudgePrompt.Order, reply: JudgeReply?)]) {
        let favours = replies.compactMap { order, reply in reply?.favours(in: order) }
        guard !replies.isEmpty, favours.count == replies.count else {
            self.init(score: nil, ground: .unreadable)
            return
        }
        let passed = favours.count(where: { $0 })
        if passed == favours.count {
            self.init(score: 1, ground: .judged)
        } else {
            self.init(score: passed == 0 ? 0 : 0.5, ground: passed == 0 ? .judged : .ordersDisagree)
        }
    }
}
