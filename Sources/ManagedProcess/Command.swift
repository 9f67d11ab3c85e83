import Foundation
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
        let configuration = configuration(detached: false)
        let name = executable
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                do {
                    let result = try await Subprocess.run(
                        configuration, input: .none, output: .string(limit: outputLimit),
                        error: .string(limit: outputLimit))
                    return Result(
                        exit: ProcessExit(result.terminationStatus), output: result.standardOutput,
                        errorOutput: result.standardError)
                } catch let error as SubprocessError {
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

    /// Runs the program to its end with both output streams appended to a file.
    package func run(logging log: URL) async throws -> ProcessExit {
        let descriptor = try Self.open(log)
        do {
            let result = try await Subprocess.run(
                configuration(detached: false), input: .none,
                output: .fileDescriptor(descriptor, closeAfterSpawningProcess: true), error: .combinedWithOutput)
            return ProcessExit(result.terminationStatus)
        } catch let error as SubprocessError {
            if Task.isCancelled { throw CancellationError() }
            throw ProcessError(.notStarted, "\(executable) could not be run: \(error)")
        }
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
