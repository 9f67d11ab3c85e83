import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeEngine
import Foundation

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check every part and say what to do.",
        discussion: "Exits with 0, or 69 when a part is not there, or 78 when one is configured wrongly.")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let findings = await Doctor(
            paths: StatePaths.current(), environment: ProcessInfo.processInfo.environment
        ).examine()
        try output.show(findings, DoctorFinding.render(findings))
        let status = DoctorFinding.exitStatus(of: findings)
        if status != .success { throw ExitCode(status.rawValue) }
    }
}
