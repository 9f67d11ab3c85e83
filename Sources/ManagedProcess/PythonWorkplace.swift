import Foundation
import Glibc
import Synchronization

/// Where programs of a Python environment run: in a sandbox, as a user without rights. On a machine that can't make a
/// sandbox root's programs run as that user all the same, where nothing on their way is closed to it, and others as this
/// process's user; of either is warned once.
package struct PythonWorkplace: Sendable {
    package let environment: PythonEnvironment
    private let sandbox: Sandbox?
    /// What runs programs of root's where there is no sandbox; nil where they run as this process's user.
    var unprivileged: Unprivileged?
    let interpreter: Interpreter
    /// Why there is no sandbox.
    let obstacle: String

    /// The interpreter that the environment was made of.
    struct Interpreter: Sendable {
        var places: [Sandbox.Place] = []
        /// Modules of its own that it has, and that need libraries of others.
        var modules: [String] = []
    }

    static let told = Mutex<Set<String>>([])

    init(
        _ environment: PythonEnvironment, _ sandbox: Sandbox? = nil, _ unprivileged: Unprivileged? = nil,
        _ interpreter: Interpreter = Interpreter(), obstacle: String = ""
    ) {
        self.environment = environment
        self.sandbox = sandbox
        self.unprivileged = unprivileged
        self.interpreter = interpreter
        self.obstacle = obstacle
    }

    /// - Parameters:
    ///   - variables: where bubblewrap is looked for.
    ///   - warn: is told, once in a process, what keeps this machine from making a sandbox.
    /// - Throws: where a sandbox could not be made for a cause that may pass, or where Python can't be started in one:
    ///   then the program is tried again later, and never run outside of a sandbox.
    package static func prepare(
        _ environment: PythonEnvironment, as user: Sandbox.User,
        variables: [String: String] = ProcessInfo.processInfo.environment, isRoot: Bool = geteuid() == 0,
        warn: @Sendable (String) -> Void
    ) async throws -> PythonWorkplace {
        let obstacle: String
        if let sandbox = Sandbox(environment: variables, user: user, isRoot: isRoot) {
            try sandbox.open(environment.directory.path)
            let place = PythonWorkplace(environment, sandbox, nil, try await interpreter(of: environment))
            guard let failure = try await place.failure() else { return place }
            switch await sandbox.trial() {
            case .impossible(let words): obstacle = words
            case .failed(let words):
                throw ProcessError(
                    .sandboxFailed, "no sandbox could be made: \(words)",
                    hint: "It is tried again, and nothing is run without one. fledge doctor tries it as well.")
            case .made:
                throw ProcessError(
                    .sandboxFailed, "\(environment.python.path) can't be run in a sandbox: \(failure)",
                    hint: "It is tried again, and not run without one. fledge doctor tries it as well.")
            }
        } else {
            obstacle = Sandbox.missing
        }
        let plain = PythonWorkplace(environment, obstacle: obstacle)
        guard isRoot, let unprivileged = Unprivileged(user) else {
            plain.tell(isRoot ? noSetpriv : nil, warn)
            return plain
        }
        let place = PythonWorkplace(
            environment, nil, unprivileged, try await interpreter(of: environment), obstacle: obstacle)
        if let hindrance = try await place.hindrance(unprivileged) {
            plain.tell(hindrance, warn)
            return plain
        }
        place.tell(nil, warn)
        return place
    }

    /// What keeps programs of an environment from being started as trainings and servers are, in words for people; nil
    /// where nothing does.
    ///
    /// - Parameter environment: nil for one without packages, made for this of this machine's interpreter.
    package static func obstacle(
        to user: Sandbox.User, in environment: PythonEnvironment?,
        variables: [String: String] = ProcessInfo.processInfo.environment
    ) async -> String? {
        do {
            guard let environment else {
                return try await withBare { await obstacle(to: user, in: $0, variables: variables) }
            }
            let said = Mutex("")
            let place = try await prepare(environment, as: user, variables: variables) { text in
                said.withLock { $0 = text }
            }
            return place.isSandboxed ? nil : said.withLock { $0.isEmpty ? place.obstacle : $0 }
        } catch {
            return (error as? ProcessError)?.message ?? "\(error)"
        }
    }

    /// Runs the body with an environment without packages, which is gone afterwards.
    static func withBare<Value: Sendable>(
        _ body: (PythonEnvironment) async throws -> Value
    ) async throws -> Value {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "fledge-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try PrivateFolder.make(folder.path)
        Passage.mark(folder.path)
        return try await body(try await PythonEnvironment.bare(in: folder.appending(path: "environment")))
    }

    package var isSandboxed: Bool { sandbox != nil }
    /// The number of the user that programs run as, where that is not the one of this process.
    package var otherUser: UInt32? {
        unprivileged?.user.rawValue ?? sandbox.flatMap { $0.isRoot ? $0.user.rawValue : nil }
    }

    /// - Parameters:
    ///   - arguments: of the environment's interpreter.
    ///   - places: what the program sees besides the environment.
    ///   - additions: to the environment that it gets.
    ///   - devices: whether it computes on this machine's devices, which are made where they can be.
    ///   - filter: a file to be made for the time that the program starts in.
    ///   - holder: what it ends with.
    package func command(
        _ arguments: [String], sees places: [Sandbox.Place], in directory: URL? = nil,
        environment additions: [String: String] = [:], network: Sandbox.Network, devices: Bool = false, filter: URL,
        holder: Sandbox.Holder = .shell
    ) async throws -> Command {
        var plain = environment.command(arguments, environment: additions)
        plain.workingDirectory = directory
        let variables = plain.environment.compactMapValues { $0 }
        if let unprivileged {
            if devices { try await UnifiedMemoryDevice(variables: variables).make() }
            plain.environment = Unprivileged.surroundings(variables, home: places.first { $0.isWritable }?.path)
            return unprivileged.command(plain, devices: devices)
        }
        guard let sandbox else { return plain }
        if devices { try await UnifiedMemoryDevice(variables: variables).make() }
        return try sandbox.lastingCommand(
            [environment.python.path] + arguments,
            places: interpreter.places + Self.libraries(variables) + [.init(environment.directory.path)] + places,
            directory: directory?.path ?? "/", environment: Self.inside(variables), network: network,
            devices: devices ? Sandbox.devices : [], filter: filter, holder: holder)
    }

    /// Lets the program read a file of ours, or a folder with all that is in it, or change it where it is seen so.
    package func give(_ path: String) throws(ProcessError) {
        if let unprivileged {
            Passage.open(to: path)
            try unprivileged.user.give(path)
        }
        try sandbox?.give(path)
    }

    /// Lets a program in the sandbox read a file of ours, or a folder of files: what is shown there to be read can't be
    /// changed.
    func showInSandbox(_ path: String) throws(ProcessError) { try sandbox?.give(path) }

    /// Lets everybody read a folder of programs.
    package func open(_ folder: String) throws(ProcessError) {
        if unprivileged != nil { try Sandbox.User.open(folder) }
        try sandbox?.open(folder)
    }

    /// What of a user's own files the program can't read; nil where it reads them all.
    package func unreadable(among places: [Sandbox.Place]) async throws -> String? {
        try await sandbox?.unreadable(among: places)
    }

    /// Puts a script into the environment's folder, readable by everybody; a file of that name with other content is
    /// replaced.
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
    static func interpreter(of environment: PythonEnvironment) async throws -> Interpreter {
        let questions = """
            import importlib, sys
            print(sys.base_prefix)
            print(sys.base_exec_prefix)
            for name in ["bz2", "ctypes", "hashlib", "lzma", "sqlite3", "ssl", "zlib"]:
                try: importlib.import_module(name)
                except Exception: continue
                print(name)
            """
        let asked = try await environment.command(["-I", "-S", "-c", questions]).run(timeout: .seconds(60))
        let lines = asked.output.split(separator: "\n").map(String.init)
        guard asked.exit.isSuccess, lines.count >= 2 else {
            throw ProcessError(.failed, "\(environment.python.path) can't be run: \(asked.errorOutput.suffix(300))")
        }
        let own = environment.directory.path + "/"
        let links = Sandbox.Place.followed(environment.python.path).filter { !$0.path.hasPrefix(own) }
        // A library of the interpreter's is looked for where it was built to lie, whatever links it is called by.
        let program = URL(filePath: environment.python.path).resolvingSymlinksInPath().deletingLastPathComponent()
        let built = program.lastPathComponent == "bin" ? [program.deletingLastPathComponent().path] : []
        let prefixes = Set(lines.prefix(2) + built).filter { $0.count > 1 }.sorted()
        let libraries = prefixes.flatMap { prefix in
            ["lib", "lib64"].flatMap { Sandbox.Place.libraries("\(prefix)/\($0)", isDeep: true) }
        }
        return Interpreter(places: links + libraries, modules: Array(lines.dropFirst(2)))
    }

    /// The folders in which this user keeps libraries of devices, such as CUDA's.
    private static func libraries(_ variables: [String: String]) -> [Sandbox.Place] {
        (variables["LD_LIBRARY_PATH"] ?? "").split(separator: ":").map(String.init)
            .filter { $0.hasPrefix("/") }.flatMap { Sandbox.Place.libraries($0, isDeep: false) }
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

    /// What keeps Python from being started in the sandbox; nil where nothing does. The trial imports no package, since
    /// a package could choose what is taken for a failure.
    private func failure() async throws -> String? {
        let networks: [Sandbox.Network] = sandbox?.user == .trainer ? [.own] : [.answering, .own]
        for network in networks {
            let filter = URL(filePath: NSTemporaryDirectory()).appending(path: "fledge-\(UUID().uuidString).bpf")
            defer { unlink(filter.path) }
            let program = interpreter.modules.isEmpty ? "pass" : "import " + interpreter.modules.joined(separator: ", ")
            let result = try await command(
                ["-I", "-S", "-c", program], sees: [], network: network, filter: filter
            ).run(timeout: .seconds(60))
            if !result.exit.isSuccess { return Sandbox.words(of: result) }
        }
        return nil
    }
}
