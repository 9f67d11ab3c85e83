import FledgeClient
import FledgeCore
import FledgeEngine
import Foundation
import ManagedProcess

/// Trainings on this machine. Their processes live on when the daemon stops, and the next daemon finds them.
struct LocalTrainings {
    let paths: StatePaths

    /// The jobs that the daemon follows; none where it does not answer.
    func followed() async -> [TrainingJobView] {
        let jobs = try? await ControlClient(socket: paths.socket).jobs(name: nil)
        return (jobs ?? []).filter { [.submitted, .running].contains($0.state) }
    }

    /// Those of the jobs whose process runs below this state folder.
    func alive(_ jobs: [TrainingJobView]) -> [TrainingJobView] {
        jobs.filter { job in
            guard let text = try? String(contentsOfFile: "\(paths.jobs)/\(job.intent)/pid", encoding: .utf8),
                let id = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
            else { return false }
            return ProcessIdentity(processID: id)?.isRunning ?? false
        }
    }

    static func sentence(_ job: TrainingJobView) -> String {
        let step = job.steps.flatMap { steps in job.totalSteps.map { " (step \(steps) of \($0))" } } ?? ""
        return InertText.line(
            "job \(job.id) of \(job.useCase) goes on training\(step): the next daemon takes it over "
                + "(to end it: fledge daemon start, fledge cancel \(job.useCase))")
    }
}
