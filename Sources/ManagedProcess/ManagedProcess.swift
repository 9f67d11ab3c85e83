import Foundation
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// A long-running child in a process group of its own.
package final class ManagedProcess: Sendable {
    /// What ties the child's life to its parent's.
    package enum Bond: Sendable {
        /// The child's standard input is a pipe that closes when the parent dies, however it dies. The child has to
        /// end itself at end of file: unlike `PR_SET_PDEATHSIG` this does not depend on which thread made the child.
        case leash
        /// The child has no input and lives in a session of its own, so that it survives the parent.
        case none
    }

    /// Where the child's standard output goes.
    package enum Output: Sendable {
        /// To ``ManagedProcess/lines``.
        case lines
        /// Appended to a file: the child is not disturbed when its parent goes away.
        case file(URL)
    }

    private struct State {
        var exit: ProcessExit?
        var waiters: [CheckedContinuation<ProcessExit, Never>] = []
    }

    package let processID: Int32
    /// The lines of standard output, for one reader; ends when the child's output does. A line is cut at
    /// ``OutputLines/longest``, and of what nobody reads no more than ``OutputLines/mostUnread`` lines are kept.
    package let lines: AsyncStream<String>
    private let shared: Shared

    private final class Shared: Sendable {
        let state = Mutex(State())

        func finish(_ exit: ProcessExit) {
            let waiters = state.withLock { state in
                state.exit = exit
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume(returning: exit) }
        }
    }

    private init(processID: Int32, lines: AsyncStream<String>, shared: Shared) {
        self.processID = processID
        self.lines = lines
        self.shared = shared
    }

    /// Starts the command; returns as soon as its program runs.
    ///
    /// - Parameter errorLog: the file that standard error is appended to, or nil to drop it.
    package static func start(
        _ command: Command, output: Output = .lines, errorLog: URL? = nil, bond: Bond = .leash
    ) async throws -> ManagedProcess {
        let (lines, lineFeed) = AsyncStream.makeStream(
            of: String.self, bufferingPolicy: .bufferingOldest(OutputLines.mostUnread))
        let shared = Shared()
        var configuration = command.configuration(detached: { if case .none = bond { true } else { false } }())
        configuration.platformOptions.teardownSequence = []
        let errorDescriptor = try Command.open(errorLog)
        let fileDescriptor: FileDescriptor? = if case .file(let file) = output { try Command.open(file) } else { nil }
        let name = command.executable
        let prepared = configuration
        return try await withCheckedThrowingContinuation { started in
            // Unstructured on purpose: the child outlives the call that starts it. The task ends with the child,
            // which `terminate` or the bond sees to.
            Task.detached {
                let exit: ProcessExit
                do {
                    let announce: @Sendable (Int32) -> Void = { processID in
                        started.resume(returning: ManagedProcess(processID: processID, lines: lines, shared: shared))
                    }
                    exit = try await Self.follow(
                        prepared, bond: bond, output: fileDescriptor, error: errorDescriptor, announce: announce
                    ) { lineFeed.yield($0) }
                } catch let failure as StartFailure {
                    lineFeed.finish()
                    started.resume(
                        throwing: ProcessError(.notStarted, "\(name) could not be started: \(failure.cause)"))
                    return
                } catch {
                    // It ran, but its status was lost; report it as killed rather than hang the waiters.
                    exit = .signalled(SIGKILL)
                }
                shared.finish(exit)
                lineFeed.finish()
            }
        }
    }

    private struct StartFailure: Error { let cause: any Error }

    private static func follow(
        _ configuration: Subprocess.Configuration, bond: Bond, output: FileDescriptor?, error: FileDescriptor,
        announce: @escaping @Sendable (Int32) -> Void, line: @escaping @Sendable (String) -> Void
    ) async throws -> ProcessExit {
        let announced = Mutex(false)
        let begin: @Sendable (Int32) -> Void = { processID in
            announced.withLock { $0 = true }
            announce(processID)
        }
        let errorOutput = FileDescriptorOutput.fileDescriptor(error, closeAfterSpawningProcess: true)
        do {
            switch (bond, output) {
            case (.leash, nil):
                let result = try await Subprocess.run(
                    configuration, input: .inputWriter, output: .sequence, error: errorOutput
                ) { execution in
                    begin(execution.processIdentifier.value)
                    try await OutputLines.read(execution.standardOutput, line)
                }
                return ProcessExit(result.terminationStatus)
            case (.none, nil):
                let result = try await Subprocess.run(
                    configuration, input: .none, output: .sequence, error: errorOutput
                ) { execution in
                    begin(execution.processIdentifier.value)
                    try await OutputLines.read(execution.standardOutput, line)
                }
                return ProcessExit(result.terminationStatus)
            case (_, let file?):
                let result = try await Subprocess.run(
                    configuration, input: .none,
                    output: .fileDescriptor(file, closeAfterSpawningProcess: true), error: errorOutput
                ) { execution in
                    begin(execution.processIdentifier.value)
                }
                return ProcessExit(result.terminationStatus)
            }
        } catch {
            if announced.withLock({ $0 }) { throw error }
            throw StartFailure(cause: error)
        }
    }

    /// How the child ended, or nil while it runs.
    package var exit: ProcessExit? { shared.state.withLock { $0.exit } }

    /// Waits until the child has ended.
    package func waitForExit() async -> ProcessExit {
        await withCheckedContinuation { continuation in
            let exit = shared.state.withLock { state -> ProcessExit? in
                if state.exit == nil { state.waiters.append(continuation) }
                return state.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }

    /// Sends a signal to the child and everything it started; does nothing after its end.
    package func signal(_ signal: Int32) {
        // Under the lock: the number is not signalled once the exit is recorded, when it may belong to another process.
        shared.state.withLock { if $0.exit == nil { _ = kill(-processID, signal) } }
    }

    /// Asks the child to end, goes on reading what it writes, and ends it by force after `grace`.
    @discardableResult
    package func terminate(grace: Duration) async -> ProcessExit {
        signal(SIGTERM)
        // A task of its own, so that the force comes even when the caller is cancelled while it waits.
        let force = Task.detached { [self] in
            try await Task.sleep(for: grace)
            signal(SIGKILL)
        }
        defer { force.cancel() }
        return await waitForExit()
    }
}
