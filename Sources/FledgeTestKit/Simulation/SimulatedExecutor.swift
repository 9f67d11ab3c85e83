/// A provider of training jobs that counts them. It keeps names: what is submitted twice under one is one job.
struct SimulatedExecutor: Sendable {
    private(set) var jobs: [Intent: Int] = [:]

    func find(_ intent: Intent) -> Int? { jobs[intent] }

    /// - Throws: when there is a job for the same training under another name.
    mutating func submit(_ intent: Intent) throws(SimulationChecker.Violation) -> Int {
        if let known = jobs[intent] { return known }
        for other in jobs.keys where other.cycle == intent.cycle && other.attempt == intent.attempt {
            throw SimulationChecker.Violation(
                promise: .oneJobAnIntent, what: "training \(intent.attempt) of cycle \(intent.cycle) runs twice")
        }
        jobs[intent] = jobs.count + 1
        return jobs.count
    }
}
