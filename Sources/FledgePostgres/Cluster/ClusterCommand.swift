import FledgeCore
import Glibc
import Subprocess
import SystemPackage

/// Runs PostgreSQL's programs as the cluster's user, with a small environment of their own.
struct ClusterCommand: Sendable {
    struct Output: Sendable {
        let status: Int32
        let text: String
        var succeeded: Bool { status == 0 }
    }

    let user: ClusterUser?

    /// Runs the program to its end; its output and errors come back together.
    func run(_ program: String, _ arguments: [String], input: String = "") async throws -> Output {
        // A task of its own, so that a daemon told to stop does not kill initdb or pg_ctl half-way.
        try await Task { try await spawn(program, arguments, input: input) }.value
    }

    private func spawn(_ program: String, _ arguments: [String], input: String) async throws -> Output {
        var options = PlatformOptions()
        if let user {
            options.userID = user.userID
            options.groupID = user.groupID
            options.supplementaryGroups = []
        }
        do {
            // The caller's PG* variables must not reach in, nor a working directory that the user can't enter.
            let result = try await Subprocess.run(
                .path(FilePath(program)), arguments: Arguments(arguments),
                environment: .custom(["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "HOME": "/"]),
                workingDirectory: "/", platformOptions: options,
                input: .string(input), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            let status: Int32 =
                switch result.terminationStatus {
                case .exited(let code): Int32(code)
                case .signaled(let signal): 128 + Int32(signal)
                }
            return Output(
                status: status, text: result.standardOutput + result.standardError)
        } catch {
            throw FledgeError(
                "database.program_failed", "could not run \(program): \(error)",
                hint: "Check that PostgreSQL's server programs are installed and executable.", exitCode: .unavailable)
        }
    }

    /// Runs a shell script with arguments; the script is a constant, what varies is passed as `$1`, `$2`, ….
    func shell(_ script: String, _ arguments: String..., input: String = "") async throws -> Output {
        try await run("/bin/sh", ["-c", script, "sh"] + arguments, input: input)
    }
}
