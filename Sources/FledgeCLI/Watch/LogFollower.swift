import FledgeCore
import FledgeEngine

/// Writes a training job's log, and with `follow` what is added to it until the job ends. A daemon that is restarted is
/// waited for.
struct LogFollower {
    let api: any ControlAPI
    let job: TrainingJobID
    var interval: Duration = .seconds(1)
    var write: (String) -> Void = Console.write

    /// - Throws: `job.unknown`.
    func run(follow: Bool, reconnection: Reconnection = Reconnection()) async throws {
        var reconnection = reconnection
        var shown = 0
        while true {
            let (hasEnded, lines) = try await reconnection.ask {
                guard let view = try await api.jobs(name: nil).first(where: { $0.id == job }) else {
                    throw FledgeError(
                        "job.unknown", "there is no training job \(job)", hint: "fledge jobs")
                }
                return (view.finishedAt != nil, try await api.log(job: job))
            }
            for line in lines.dropFirst(shown) { write(InertText.line(line, limit: 20_000)) }
            shown = max(shown, lines.count)
            if !follow || hasEnded { return }
            try await Task.sleep(for: interval)
        }
    }
}
