/// One training job of a trial: a setting, on a part of the examples, with a seed.
package struct TrialRun: Codable, Hashable, Sendable {
    /// The setting's number in the sweep, or the size's place in the pilot; from 1.
    package var trial: Int
    package var setting: TrialSetting
    /// From 0: how far the trial has been promoted.
    package var rung: Int
    /// The fold that is asked, from 0; nil where one part of the examples is held back for all.
    package var fold: Int?
    package var seed: UInt64
    /// How many examples are learnt from.
    package var rows: Int
    package var limitSeconds: Int

    package init(
        trial: Int, setting: TrialSetting, rung: Int, fold: Int?, seed: UInt64, rows: Int, limitSeconds: Int
    ) {
        self.trial = trial
        self.setting = setting
        self.rung = rung
        self.fold = fold
        self.seed = seed
        self.rows = rows
        self.limitSeconds = limitSeconds
    }

    /// What a run's time is taken to be in proportion to.
    var work: Double { Double(rows) * Double(setting.epochs) }

    /// Whether it is the same run, whatever time it was given.
    func isSame(as other: TrialRun) -> Bool {
        trial == other.trial && rung == other.rung && fold == other.fold && seed == other.seed
    }
}

/// How a run ended.
package struct TrialResult: Codable, Hashable, Sendable {
    package var run: TrialRun
    /// The primary metric's mean over the answers; nil when the run failed.
    package var score: Double?
    /// Answers behind the score.
    package var answers: Int
    /// The trainer's seconds, loading and answering included.
    package var seconds: Double

    package init(run: TrialRun, score: Double?, answers: Int, seconds: Double) {
        self.run = run
        self.score = score
        self.answers = answers
        self.seconds = seconds
    }
}
