/// The unweighted mean over classes of F1 = 2·TP / (2·TP + FP + FN), with its bounds.
///
/// The classes are those that are expected. An answer that names none of them is a miss of the expected class; a class
/// without a right answer has an F1 of 0. That is scikit-learn's `f1_score(labels=expected classes, average="macro",
/// zero_division=0)`.
struct MacroF1Bounds {
    /// What a question was answered with.
    enum Given: Hashable {
        case right
        /// With another class; nil for what is none.
        case wrong(named: Int?)
        /// Nobody knows.
        case missing
    }

    struct Answer: Hashable {
        /// The class that is expected: 0, 1, ….
        var expected: Int
        var given: Given
        /// The group of the example: 0, 1, ….
        var group: Int
    }

    /// Of one class.
    private struct Count {
        var right = 0
        var named = 0
        var expected = 0

        var f1: Double { expected == 0 ? 0 : 2 * Double(right) / Double(named + expected) }
    }

    private let answers: [Answer]
    private let classes: Int
    private let groups: Int

    init(_ answers: [Answer]) {
        self.answers = answers
        classes = (answers.lazy.map(\.expected).max() ?? -1) + 1
        groups = (answers.lazy.map(\.group).max() ?? -1) + 1
    }

    /// Over the answers that came; NaN where none did.
    var value: Double {
        let known = answers.filter { $0.given != .missing }
        return known.isEmpty ? .nan : Self.mean(counts(known))
    }

    /// Bounds that allow for the worst and the best that missing answers could have been.
    ///
    /// They are percentiles of a bootstrap over examples, or over groups where these hold several; Student's t with the
    /// linearised variance (Takahashi et al., *Confidence interval for micro-averaged F1 and macro-averaged F1 scores*,
    /// Applied Intelligence 52, 2022) below thirty of them. Drawing lowers the F1 of rare classes, which makes the upper
    /// percentile too low: the longer of the two distances is taken on both sides. Neither way sees that a class whose few
    /// answers were all right, or all wrong, may be otherwise in truth. So the distance that the exact bound of its recall
    /// allows is added to theirs, in squares, as bounds of independent parts are joined (Zou and Donner, Statistics in
    /// Medicine 27, 2008). They stay approximate: nothing shows that they hold at every size, and a class that is so rare
    /// that no example expects it is not seen at all.
    func bounds(alpha: Double) -> Bounds {
        let worst = bounds(of: worst, alpha: alpha)
        guard answers.contains(where: { $0.given == .missing }) else { return worst }
        let best = answers.map { answer in
            var best = answer
            if answer.given == .missing { best.given = .right }
            return best
        }
        return Bounds(lower: worst.lower, upper: bounds(of: best, alpha: alpha).upper)
    }

    // MARK: Counting

    private func counts(_ answers: [Answer]) -> [Count] {
        var counts = [Count](repeating: Count(), count: classes)
        for answer in answers { Self.add(answer, to: &counts) }
        return counts
    }

    private static func add(_ answer: Answer, to counts: inout [Count]) {
        counts[answer.expected].expected += 1
        switch answer.given {
        case .right:
            counts[answer.expected].right += 1
            counts[answer.expected].named += 1
        case .wrong(let named?): counts[named].named += 1
        case .wrong(nil), .missing: break
        }
    }

    /// Of the classes that are expected.
    private static func mean(_ counts: [Count]) -> Double {
        var sum = 0.0
        var expected = 0
        for count in counts where count.expected > 0 {
            sum += count.f1
            expected += 1
        }
        return expected == 0 ? 0 : sum / Double(expected)
    }

    // MARK: Missing answers

    /// The answers with each missing one as a wrong one that names the class whose F1 falls furthest. What another one takes
    /// from a class is ever less, so that taking the furthest fall each time is the least sum; that a class may be named for
    /// an answer that expected it makes it lower than it can be, never higher.
    private var worst: [Answer] {
        guard answers.contains(where: { $0.given == .missing }) else { return answers }
        var counts = counts(answers)
        func fall(_ place: Int) -> Double {
            let total = Double(counts[place].named + counts[place].expected)
            return total == 0 ? 0 : 2 * Double(counts[place].right) * (1 / total - 1 / (total + 1))
        }
        // A heap: in descending order at first, and only the first ever falls.
        var heap = counts.indices.map { (fall: fall($0), place: $0) }
            .sorted { ($1.fall, $0.place) < ($0.fall, $1.place) }
        return answers.map { answer in
            guard answer.given == .missing else { return answer }
            let named = heap[0].place
            counts[named].named += 1
            heap[0].fall = fall(named)
            var place = 0
            while true {
                var largest = place
                for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
                    if heap[child].fall > heap[largest].fall { largest = child }
                }
                if largest == place { break }
                heap.swapAt(place, largest)
                place = largest
            }
            return Answer(expected: answer.expected, given: .wrong(named: named), group: answer.group)
        }
    }

    // MARK: Bounds

    private func bounds(of answers: [Answer], alpha: Double) -> Bounds {
        let counts = counts(answers)
        let value = Self.mean(counts)
        var influences = [Double](repeating: 0, count: groups)
        for answer in answers { influences[answer.group] += Self.influence(of: answer, counts) / Double(classes) }
        let members = answers.sorted { $0.group < $1.group }
        var starts = [Int](repeating: 0, count: groups + 1)
        for answer in answers { starts[answer.group + 1] += 1 }
        for group in 0..<groups { starts[group + 1] += starts[group] }
        var drawnCounts = counts
        let drawn = Bootstrap().bounds(of: value, influences: influences, alpha: alpha) { drawn in
            for place in drawnCounts.indices { drawnCounts[place] = Count() }
            for group in drawn {
                for answer in members[starts[group]..<starts[group + 1]] { Self.add(answer, to: &drawnCounts) }
            }
            return Self.mean(drawnCounts)
        }
        let hidden = hiddenDistances(answers, counts, alpha: alpha)
        let reach = max(0, value - drawn.lower, drawn.upper - value)
        return Bounds(
            lower: max(0, value - (reach * reach + hidden.below).squareRoot()),
            upper: min(1, value + (reach * reach + hidden.above).squareRoot()))
    }

    /// How the sum of the classes' F1 changes with a little more of an answer, times its share.
    private static func influence(of answer: Answer, _ counts: [Count]) -> Double {
        func part(_ place: Int, hits: Double, total: Double) -> Double {
            (2 * hits - counts[place].f1 * total) / Double(counts[place].named + counts[place].expected)
        }
        switch answer.given {
        case .right: return part(answer.expected, hits: 1, total: 2)
        case .wrong(let named):
            return part(answer.expected, hits: 0, total: 1) + (named.map { part($0, hits: 0, total: 1) } ?? 0)
        case .missing: return 0
        }
    }

    /// The squared distances from the value to its bounds that classes add whose answers were all right, or all wrong: by
    /// the exact bound of a rate over the groups that expect the class.
    private func hiddenDistances(
        _ answers: [Answer], _ counts: [Count], alpha: Double
    ) -> (below: Double, above: Double) {
        var trials = [Int](repeating: 0, count: classes)
        var seen: Set<[Int]> = []
        let areSingle = groups == answers.count
        for answer in answers where areSingle || seen.insert([answer.expected, answer.group]).inserted {
            trials[answer.expected] += 1
        }
        var (below, above) = (0.0, 0.0)
        for (count, trials) in zip(counts, trials) where count.expected > 0 {
            let expected = Double(count.expected)
            func f1(recall: Double) -> Double {
                let others = Double(count.named - count.right)
                return 2 * recall * expected / (others + recall * expected + expected)
            }
            if count.right == count.expected {
                let recall = Bounds.clopperPearson(successes: trials, trials: trials, alpha: alpha).lower
                let distance = (count.f1 - f1(recall: recall)) / Double(classes)
                below += distance * distance
            } else if count.right == 0 {
                let recall = Bounds.clopperPearson(successes: 0, trials: trials, alpha: alpha).upper
                let distance = f1(recall: recall) / Double(classes)
                above += distance * distance
            }
        }
        return (below, above)
    }
}
