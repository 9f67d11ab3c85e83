import Foundation
import Glibc
import Synchronization

/// Where programs of a Python environment run: in a sandbox, as a user without rights, or, where none can be had, as this
/// process's user, which is said once.
package struct PythonWorkplace: Sendable {
    package let environment: PythonEnvironment
    private let sandbox: Sandbox?
    /// The interpreter that the environment was made of.
    private let interpreter: [Sandbox.Place]

    private static let told = Mutex<Set<String>>([])

    private init(_ environment: PythonEnvironment, _ sandbox: Sandbox?, _ interpreter: [Sandbox.Place]) {
        self.environment = environment
        self.sandbox = sandbox
        self.interpreter = interpreter
    }

    /// - Parameters:
    ///   - variables: where bubblewrap is looked for.
    ///   - warn: is told, once in a process, what keeps this machine from making a sandbox.
    package static func prepare(
        _ environment: PythonEnvironment, as user: Sandbox.User,
        variables: [String: String] = ProcessInfo.processInfo.environment, warn: @Sendable (String) -> Void
    ) async throws -> PythonWorkplace {
        let obstacle: String
        if let sandbox = Sandbox(environment: variables, user: user) {
            try sandbox.open(environment.directory.path)
            let place = PythonWorkplace(environment, sandbox, try await interpreter(of: environment))
            guard let found = try await place.obstacle() else { return place }
            obstacle = found
        } else {
            obstacle = Sandbox.missing
        }
        if told.withLock({ $0.insert(obstacle).inserted }) {
            warn(
                "trainings and the local model server run as \(geteuid() == 0 ? "root" : "this user"), not in a "
                    + "sandbox: \(obstacle). Install bubblewrap and let it make namespaces (fledge doctor)")
        }
        return PythonWorkplace(environment, nil, [])
    }

    package var isSandboxed: Bool { sandbox != nil }
    /// The number of the user that programs run as, where that is not the one of this process.
    package var otherUser: UInt32? { sandbox.flatMap { $0.isRoot ? $0.user.rawValue : nil } }

    /// - Parameters:
    ///   - arguments: of the environment's interpreter.
    ///   - places: what the program sees besides the environment.
    ///   - additions: to the environment that it gets.
    ///   - devices: whether it computes on this machine's devices.
    ///   - filter: a file to be made for the time that the program starts in.
    ///   - holder: what it ends with.
    package func command(
        _ arguments: [String], sees places: [Sandbox.Place], in directory: URL? = nil,
        environment additions: [String: String] = [:], network: Sandbox.Network, devices: Bool = false, filter: URL,
        holder: Sandbox.Holder = .shell
    ) throws -> Command {
        var plain = environment.command(arguments, environment: additions)
        plain.workingDirectory = directory
        guard let sandbox else { return plain }
        let variables = plain.environment.compactMapValues { $0 }
        return try sandbox.lastingCommand(
            [environment.python.path] + arguments,
            places: interpreter + Self.libraries(variables) + [.init(environment.directory.path)] + places,
            directory: directory?.path ?? "/", environment: Self.inside(variables), network: network,
            devices: devices ? Sandbox.devices : [], filter: filter, holder: holder)
    }

    /// Lets the program read a file of ours, or a folder with all that is in it, or change it where it is seen so.
    package func give(_ path: String) throws(ProcessError) { try sandbox?.give(path) }

    /// Lets everybody read a folder of programs.
    package func open(_ folder: String) throws(ProcessError) { try sandbox?.open(folder) }

    /// What of a user's own files the program can't read; nil where it reads them all.
    package func unreadable(among places: [Sandbox.Place]) async throws -> String? {
        try await sandbox?.unreadable(among: places)
    }

    /// Puts a script into the environment's folder; one of that name is the same.
    package func place(_ script: [UInt8], named name: String) throws(ProcessError) -> URL {
        let file = environment.directory.appending(path: name)
        let rights: mode_t = 0o644
        var status = stat()
        if stat(file.path, &status) == 0, status.st_mode & 0o777 == rights,
            FileManager.default.contents(atPath: file.path) == Data(script)
        {
            return file
        }
        let partial = environment.directory.appending(path: ".\(UUID().uuidString)").path
        try PrivateFile.write(Data(script), to: partial)
        guard chmod(partial, rights) == 0, rename(partial, file.path) == 0 else {
            let number = errno
            unlink(partial)
            throw ProcessError(.fileSystem, "\(file.path) can't be written: \(String(cString: strerror(number)))")
        }
        return file
    }

    // MARK: What is seen

    /// The environment's own files are links to those of the interpreter that made it. It is asked without any package.
    private static func interpreter(of environment: PythonEnvironment) async throws -> [Sandbox.Place] {
        let asked = try await environment.command(
            ["-I", "-S", "-c", "import sys; print(sys.base_prefix); print(sys.base_exec_prefix)"]
        ).run(timeout: .seconds(60))
        guard asked.exit.isSuccess else {
            throw ProcessError(.failed, "\(environment.python.path) can't be run: \(asked.errorOutput.suffix(300))")
        }
        let own = environment.directory.path + "/"
        let links = Sandbox.Place.followed(environment.python.path).filter { !$0.path.hasPrefix(own) }
        let prefixes = Set(asked.output.split(separator: "\n").map(String.init)).filter { $0.count > 1 }.sorted()
        return links
            + prefixes.flatMap { prefix in
                ["lib", "lib64"].map { Sandbox.Place("\(prefix)/\($0)", isOptional: true) }
            }
    }

    /// Where this user keeps libraries of devices.
    private static func libraries(_ variables: [String: String]) -> [Sandbox.Place] {
        (variables["LD_LIBRARY_PATH"] ?? "").split(separator: ":").map(String.init)
            // A folder at the root, or somebody's home, holds more than libraries.
            .filter { $0.hasPrefix("/") && $0.split(separator: "/").count > 1 && $0 != variables["HOME"] }
            .map { Sandbox.Place($0, isOptional: true) }
    }

    /// Caches and what else is written go where something can be written.
    private static func inside(_ variables: [String: String]) -> [String: String] {
        var inside = variables
        for name in variables.keys where name.hasSuffix("_CACHE_DIR") || name.hasSuffix("_CACHE_PATH") {
            inside[name] = "/tmp/\(name.lowercased())"
        }
        for name in ["XDG_CACHE_HOME", "TORCH_HOME"] { inside[name] = nil }
        for name in ["HOME", "TMPDIR"] { inside[name] = "/tmp" }
        for name in ["USER", "LOGNAME"] { inside[name] = "fledge" }
        return inside
    }

    /// What keeps this machine from making the sandbox; nil where one can be had. No package has a say in it: one could
    /// choose to run outside.
    private func obstacle() async throws -> String? {
        let filter = URL(filePath: NSTemporaryDirectory()).appending(path: "fledge-\(UUID().uuidString).bpf")
        defer { unlink(filter.path) }
        let probe = try command(["-I", "-S", "-c", "pass"], sees: [], network: .answering, filter: filter)
        let result = try await probe.run(timeout: .seconds(60))
        if result.exit.isSuccess { return nil }
        // Ended by somebody else, as where memory is short, it tells nothing of this machine: a sandbox can be had.
        if case .signalled(let signal) = Sandbox.exit(result.exit), [SIGHUP, SIGINT, SIGKILL, SIGTERM].contains(signal)
        {
            throw ProcessError(.failed, "the sandbox could not be tried: \(Sandbox.exit(result.exit))")
        }
        let words = Sandbox.obstacle(in: result.errorOutput) ?? String(result.errorOutput.prefix { !$0.isNewline })
        return words.isEmpty ? "\(result.exit)" : words
    }
}
