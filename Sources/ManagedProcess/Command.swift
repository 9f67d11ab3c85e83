import Foundation
import Glibc
import Subprocess
import SystemPackage

/// A program to run, with its arguments and surroundings.
package struct Command: Sendable {
    /// A name to be looked up in `PATH`, or a path when it holds a slash.
    package var executable: String
    package var arguments: [String]
    /// Changes to the environment that is inherited; `nil` removes a variable.
    package var environment: [String: String?]
    /// False for a program that gets ``environment`` and nothing else.
    package var inheritsEnvironment: Bool
    package var workingDirectory: URL?
    /// Whether its standard input is a leash: open until the caller ends, however that ends. The program has to end itself, and
    /// all that it has started, when nobody holds the other end any more. It then has a session of its own, without a terminal.
    var isLeashed = false

    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String?] = [:],
        inheritsEnvironment: Bool = true, workingDirectory: URL? = nil
    ) {
        self.inheritsEnvironment = inheritsEnvironment
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
    }

    /// What a short command left behind.
    package struct Result: Sendable {
        package let exit: ProcessExit
        package let output: String
        package let errorOutput: String
    }

    /// Runs the program to its end and collects what it wrote, up to `outputLimit` bytes of each stream.
    ///
    /// Throws ``ProcessError`` when it can't be started, writes more than the limit, or runs past `timeout`; an exit
    /// status other than zero is a result, not an error. The whole process group ends when the task is cancelled.
    package func run(timeout: Duration = .seconds(60), outputLimit: Int = 1 << 20) async throws -> Result {
        let name = executable
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                do { return try await collect(outputLimit) } catch let error as SubprocessError {
                    if Task.isCancelled { throw CancellationError() }
                    if error.code == .outputLimitExceeded {
                        throw ProcessError(.tooMuchOutput, "\(name) wrote more than \(outputLimit >> 20) MB")
                    }
                    throw ProcessError(.notStarted, "\(name) could not be run: \(error)")
                }
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let result = first else {
                try Task.checkCancellation()
                throw ProcessError(.timedOut, "\(name) did not end within \(timeout)")
            }
            return result
        }
    }

    private func collect(_ limit: Int) async throws -> Result {
        let configuration = configuration(detached: isLeashed)
        guard isLeashed else {
            let result = try await Subprocess.run(
                configuration, input: .none, output: .string(limit: limit), error: .string(limit: limit))
            return Result(
                exit: ProcessExit(result.terminationStatus), output: result.standardOutput,
                errorOutput: result.standardError)
        }
        let leash = try Self.pipe()
        defer { try? leash.writeEnd.close() }
        let result = try await Subprocess.run(
            configuration, input: .fileDescriptor(leash.readEnd, closeAfterSpawningProcess: true),
            output: .string(limit: limit), error: .string(limit: limit))
        return Result(
            exit: ProcessExit(result.terminationStatus), output: result.standardOutput,
            errorOutput: result.standardError)
    }

    /// Runs a program that makes something under a lock to its end, with both output streams appended to a file.
    ///
    /// The program and everything in its process group ends when this process ends, however that happens, and holds the
    /// lock until then. So whoever gets the lock next finds nobody else writing to what the program makes.
    package func run(logging log: URL, holding lock: FileLock) async throws -> ProcessExit {
        let output = try Self.open(log)
        let leash: (readEnd: FileDescriptor, writeEnd: FileDescriptor)
        do { leash = try Self.pipe() } catch {
            try? output.close()
            throw error
        }
        // The leash is closed also when only the shell has ended: processes that the shell has left behind then end
        // too.
        defer { try? leash.writeEnd.close() }
        do {
            let result = try await Subprocess.run(
                leashed.configuration(detached: false),
                input: .fileDescriptor(leash.readEnd, closeAfterSpawningProcess: true),
                output: .fileDescriptor(output, closeAfterSpawningProcess: true),
                error: .fileDescriptor(lock.descriptor, closeAfterSpawningProcess: false))
            // A program that was ended because this task was cancelled has not failed.
            try Task.checkCancellation()
            return ProcessExit(result.terminationStatus)
        } catch let error as SubprocessError {
            if Task.isCancelled { throw CancellationError() }
            throw ProcessError(.notStarted, "\(executable) could not be run: \(error)")
        }
    }

    /// This command in a shell whose standard input is the leash, a pipe that this process keeps open, and whose
    /// standard error is the descriptor of the lock, which the program doesn't get. A watcher beside the program ends
    /// the whole process group, itself included, as soon as the other end of the leash is closed. The watcher holds the
    /// lock as well, in case the shell is killed.
    var leashed: Command {
        let script = """
            exec 8<&2 2>&1 3<&0 </dev/null
            (
                exec >/dev/null 2>&1
                while read -r line <&3; do :; done
                kill -KILL 0
            ) & watcher=$!
            "$@" 3<&- 8<&-; status=$?
            kill -KILL $watcher; wait $watcher 2>/dev/null
            exit $status
            """
        return Command(
            "/bin/sh", ["-c", script, "sh", executable] + arguments, environment: environment,
            inheritsEnvironment: inheritsEnvironment, workingDirectory: workingDirectory)
    }

    /// A pair of connected sockets that are closed in any program which another thread starts at the same time.
    private static func pipe() throws(ProcessError) -> (readEnd: FileDescriptor, writeEnd: FileDescriptor) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(bitPattern: SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw ProcessError(.fileSystem, "a pipe can't be made: \(String(cString: strerror(errno)))")
        }
        return (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
    }

    /// `detached` puts the child into a session of its own, out of reach of the terminal's signals.
    func configuration(detached: Bool) -> Subprocess.Configuration {
        var options = PlatformOptions()
        if detached { options.createSession = true } else { options.processGroupID = 0 }
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        var changes: [Environment.Key: String?] = [:]
        for (name, value) in environment {
            if let key = Environment.Key(rawValue: name) { changes[key] = .some(value) }
        }
        return Subprocess.Configuration(
            executable: executable.contains("/") ? .path(FilePath(executable)) : .name(executable),
            arguments: Arguments(arguments),
            environment: inheritsEnvironment ? .inherit.updating(changes) : .custom(changes.compactMapValues { $0 }),
            workingDirectory: workingDirectory.map { FilePath($0.path) }, platformOptions: options)
    }

    /// Opens a file that a child appends to, made with its folder when absent.
    static func open(_ file: URL?) throws -> FileDescriptor {
        do {
            guard let file else {
                return try FileDescriptor.open("/dev/null", .writeOnly, options: .closeOnExec)
            }
            try PrivateFolder.make(file.deletingLastPathComponent().path)
            return try FileDescriptor.open(
                FilePath(file.path), .writeOnly, options: [.append, .create, .closeOnExec, .noFollow],
                permissions: [.ownerReadWrite])
        } catch {
            throw ProcessError(
                .fileSystem, "\(file?.path ?? "/dev/null") can't be opened for writing: \(error)",
                hint: "Check that the folder exists and may be written.")
        }
    }
}
