/// What is not kept for ever, and how long it is kept.
///
/// Evidence is not among it: the samples of a cycle that came to a gate, a decision, a look at the holdout or a release, and
/// the logs behind an adapter that one of them names, are kept whatever the policy says.
package struct RetentionPolicy: Sendable, Hashable {
    package enum Subject: String, Codable, Sendable, CaseIterable {
        /// Of ended cycles that nothing cites.
        case samples
        /// Of jobs at their end, whose adapter nothing cites.
        case trainingLogs = "training-logs"
        /// Answers that spare a second call for the same question.
        case responses
        /// Work that is done or cancelled.
        case work
        /// Signs of life of daemons that are gone.
        case daemons
        /// Accounts of the periods of caps, after their end, with what was set aside there by workers that are gone.
        case spend
        /// Folders of training jobs of ended cycles, whose adapter nothing cites.
        case jobs
        /// Adapters of ended cycles that no release and no gate cites.
        case artifacts
        /// Reports as files; what they say can be written again.
        case reports

        /// Whether it lies in the state folder, not in the database.
        package var isFiles: Bool { [.jobs, .artifacts, .reports].contains(self) }
    }

    /// Nil: for ever.
    private var ages: [Subject: Duration?]

    /// Three months of samples and of accounts, a month of logs, responses, jobs and adapters, two weeks of work, a week of
    /// daemons, a year of reports.
    package static let standard = RetentionPolicy(ages: [
        .samples: .days(90), .trainingLogs: .days(30), .responses: .days(30), .work: .days(14), .daemons: .days(7),
        .spend: .days(90), .jobs: .days(30), .artifacts: .days(30), .reports: .days(365),
    ])

    /// How it is written, with what holds unless something else is said.
    package static let example =
        "samples=90d,training-logs=30d,responses=30d,work=14d,daemons=7d,spend=90d,jobs=30d,artifacts=30d,reports=365d"

    private init(ages: [Subject: Duration?]) { self.ages = ages }

    /// The same age for everything.
    package init(all age: Duration) {
        self.init(ages: Dictionary(uniqueKeysWithValues: Subject.allCases.map { ($0, age) }))
    }

    /// `samples=30d,work=forever`: what is not named keeps the standard.
    ///
    /// - Returns: nil for a text that can't be read whole.
    package init?(_ text: String) {
        self = .standard
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1).map { $0.trimmingSpaces }
            guard sides.count == 2, let subject = Subject(rawValue: sides[0]) else { return nil }
            if sides[1] == "forever" {
                ages[subject] = .some(nil)
            } else if let age = Self.age(sides[1]) {
                ages[subject] = age
            } else {
                return nil
            }
        }
    }

    /// How long the subject is kept; nil for ever.
    package func age(of subject: Subject) -> Duration? { ages[subject] ?? nil }

    /// A thousand years.
    private static let longestSeconds: Int64 = 365_000 * 86_400

    /// `90d`, `2w`, `12h`, `30m` or `45s`, up to a thousand years; nil for anything else.
    package static func age(_ text: String) -> Duration? {
        guard let unit = text.last, let number = Int64(text.dropLast()), (0...1_000_000).contains(number),
            text.first?.isNumber == true
        else { return nil }
        let seconds: Int64? =
            switch unit {
            case "s": 1
            case "m": 60
            case "h": 3600
            case "d": 86_400
            case "w": 7 * 86_400
            default: nil
            }
        // A database's calendar begins 4713 BC.
        guard let seconds, number * seconds <= longestSeconds else { return nil }
        return .seconds(number * seconds)
    }
}

extension Duration {
    fileprivate static func days(_ count: Int64) -> Duration { .seconds(count * 86_400) }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
