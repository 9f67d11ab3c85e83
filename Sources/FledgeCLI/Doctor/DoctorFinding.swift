import FledgeCore

/// What a check of one part found.
struct DoctorFinding: Codable, Equatable, Sendable {
    enum State: String, Codable, Sendable {
        case ok
        /// Not as it should be later, but nothing to do now.
        case note
        case problem
    }

    var part: String
    var state: State
    var detail: String
    /// What to do.
    var todo: String?
    var exitStatus: ExitStatus = .success

    static func render(_ findings: [DoctorFinding]) -> String {
        let width = findings.map(\.part.count).max() ?? 0
        return findings.map { finding in
            let mark = finding.state.rawValue + String(repeating: " ", count: 7 - finding.state.rawValue.count)
            let part = finding.part + String(repeating: " ", count: width - finding.part.count)
            return "\(mark)  \(part)  \(finding.detail)"
                + (finding.todo.map { "\n\(String(repeating: " ", count: 11 + width))\($0)" } ?? "")
        }.joined(separator: "\n")
    }

    /// 78 when something is configured wrongly, else 69 when a part is not there.
    static func exitStatus(of findings: [DoctorFinding]) -> ExitStatus {
        let problems = findings.filter { $0.state == .problem }
        if problems.isEmpty { return .success }
        return problems.contains { $0.exitStatus == .configuration } ? .configuration : .unavailable
    }
}
