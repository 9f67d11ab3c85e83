import FledgeCore
import ManagedProcess

/// What a check of one part found.
struct DoctorFinding: Codable, Equatable, Sendable {
    enum State: String, Codable, Sendable {
        case ok
        /// Something that will need a person later, but nothing now.
        case note
        case problem
    }

    var part: String
    var state: State
    var detail: String
    /// What to do.
    var todo: String?
    var exitStatus: ExitStatus = .success

    /// - Parameter isSuperuser: whether the role that daemons work as may do everything on the server.
    static func database(version: String?, isSuperuser: Bool) -> DoctorFinding {
        let detail = "PostgreSQL \(version ?? "?"), as configured"
        guard isSuperuser else { return DoctorFinding(part: "database", state: .ok, detail: detail) }
        return DoctorFinding(
            part: "database", state: .note, detail: detail + "; the daemon's role is a superuser",
            todo: "let it be one that only reads and writes rows: docs/operating/database.md, The database's roles")
    }

    /// What programs of root's run as where no sandbox can be made.
    static let unprivileged = "users without rights, who see open files, other processes and the network"

    /// - Parameters:
    ///   - user: who trainings and the local model server run as without one.
    ///   - hindrance: why these are not users without rights, where root starts them.
    static func sandbox(_ trial: Sandbox.Trial, user: String, hindrance: String? = nil) -> DoctorFinding {
        switch trial {
        case .made:
            DoctorFinding(
                part: "sandbox", state: .ok,
                detail: "bubblewrap makes one for definitions, trainings and the local model server")
        case .impossible(let obstacle):
            DoctorFinding(
                part: "sandbox", state: .problem,
                detail: "definitions are refused without one, and trainings and the local model server run as \(user): "
                    + obstacle + (hindrance.map { "; nor as users without rights: \($0)" } ?? ""),
                todo: "install bubblewrap and let it make namespaces, or trust definitions with --trust",
                exitStatus: .unavailable)
        case .failed(let words):
            DoctorFinding(
                part: "sandbox", state: .problem,
                detail: "none could be made, and nothing that needs one is run without: \(words)",
                todo: "try again: the machine may be short of processes, memory or space", exitStatus: .unavailable)
        }
    }

    /// - Parameters:
    ///   - obstacle: why Python can't be started in a sandbox that can be made.
    ///   - work: what needs it.
    static func sandbox(_ obstacle: String, stops work: String) -> DoctorFinding {
        DoctorFinding(
            part: "sandbox", state: .problem,
            detail: "bubblewrap makes one, but not for \(work), which are not run without: \(obstacle)",
            todo: "try again; where it stays so, use a Python whose files lie in /usr or in a folder of its own",
            exitStatus: .unavailable)
    }

    /// - Parameter isMissing: whether NVIDIA's GPUs can't be used for want of a device, which a start has made where it can.
    static func devices(isMissing: Bool) -> [DoctorFinding] {
        guard isMissing else { return [] }
        return [
            DoctorFinding(
                part: "devices", state: .note,
                detail: "/dev/nvidia-uvm is missing: trainings, and servers that use a GPU, start only if "
                    + "nvidia-modprobe makes it",
                todo: UnifiedMemoryDevice.todo)
        ]
    }

    static func render(_ findings: [DoctorFinding]) -> String {
        let width = findings.map(\.part.count).max() ?? 0
        return findings.map { finding in
            let mark = finding.state.rawValue + String(repeating: " ", count: 7 - finding.state.rawValue.count)
            let part = finding.part + String(repeating: " ", count: width - finding.part.count)
            let todo = finding.todo.map { [String(repeating: " ", count: 11 + width) + $0] } ?? []
            return TerminalText.lines(["\(mark)  \(part)  \(finding.detail)"] + todo)
        }.joined(separator: "\n")
    }

    /// 78 when something is configured wrongly, else 69 when a part is not there.
    static func exitStatus(of findings: [DoctorFinding]) -> ExitStatus {
        let problems = findings.filter { $0.state == .problem }
        if problems.isEmpty { return .success }
        return problems.contains { $0.exitStatus == .configuration } ? .configuration : .unavailable
    }
}
