import FledgeCore
import Glibc
import ManagedProcess
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
    /// Whether a ``Passage`` is on the way to the cluster.
    var passes = false

    /// Runs the program to its end; its output and errors come back together.
    func run(_ program: String, _ arguments: [String], input: String = "") async throws -> Output {
        // The program runs in a task of its own, so that a daemon that is told to stop does not kill initdb or pg_ctl
        // half-way.
        try await Task { try await spawn(program, arguments, input: input) }.value
    }

    private func spawn(_ program: String, _ arguments: [String], input: String) async throws -> Output {
        var program = program
        var arguments = arguments
        if let user {
            // setpriv changes the user, and not the options of swift-subprocess 1.0: that makes the child by a raw
            // clone3, after which glibc's setuid sometimes waits for ever for threads that the child does not have.
            arguments =
                [
                    "--reuid=\(user.userID)", "--regid=\(user.groupID)",
                    passes ? "--groups=\(Passage.group)" : "--clear-groups", "--", program,
                ] + arguments
            program = "/usr/bin/setpriv"
        }
        do {
            // The caller's PG* variables must not reach in, nor a working directory that the user can't enter.
            let result = try await Subprocess.run(
                .path(FilePath(program)), arguments: Arguments(arguments),
                environment: .custom(["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "HOME": "/"]),
                workingDirectory: "/", input: .string(input), output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20))
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
                hint:
                    "Check that PostgreSQL's server programs, and setpriv of util-linux, are installed and executable.")
        }
    }

    /// Runs a shell script with arguments; the script is a constant, what varies is passed as `$1`, `$2`, ….
    func shell(_ script: String, _ arguments: String..., input: String = "") async throws -> Output {
        try await run("/bin/sh", ["-c", script, "sh"] + arguments, input: input)
    }
}
