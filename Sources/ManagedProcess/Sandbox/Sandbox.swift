import Foundation
import Glibc

/// Runs programs that nobody vouches for, by bubblewrap: in namespaces of their own for files, processes and the network,
/// as a user with no rights, without this process's environment, and with limits. What runs there sees the system's
/// programs and what is named, and ends with the process that started it, whatever it has started.
package struct Sandbox: Sendable {
    /// The user that a program runs as, where root starts it: numbers that no account has, below those for services,
    /// and not that of `nobody`, which other programs use too. For everybody else it is their own user, without any
    /// rights.
    package enum User: uid_t, Sendable {
        case definitions = 65_521
        case trainer = 65_522
        case server = 65_523
    }

    package struct Limits: Sendable {
        /// The most bytes of address space of each process, memory that is only reserved included.
        package var memoryBytes: Int
        package var processorSeconds: Int
        /// The most bytes of each file that is written.
        package var fileBytes: Int
        package var allowsProcesses: Bool

        package init(memoryBytes: Int, processorSeconds: Int, fileBytes: Int, allowsProcesses: Bool) {
            self.memoryBytes = memoryBytes
            self.processorSeconds = processorSeconds
            self.fileBytes = fileBytes
            self.allowsProcesses = allowsProcesses
        }
    }

    /// Whom a program can talk to.
    package enum Network: Sendable {
        /// Nobody: it gets no socket.
        case none
        /// Its own processes, over a network that has nothing else in it.
        case own
        /// Who comes to it, over this machine's network; it can't go to anybody itself.
        case answering
    }

    /// What a long-running program ends with, whatever it does itself.
    package enum Holder: Sendable {
        /// A shell, which this process starts with it.
        case shell
        /// A shell that is going to start it, and lives as long.
        case caller
        /// Its standard input, which the program itself doesn't get: as soon as whoever holds the other end is gone.
        case input
    }

    let isRoot: Bool
    package let user: User
    private let program: String

    /// Nil where bubblewrap is not installed, or where root can't give up its rights for want of util-linux.
    package init?(
        environment: [String: String] = ProcessInfo.processInfo.environment, user: User = .definitions,
        isRoot: Bool = geteuid() == 0
    ) {
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init) + ["/usr/bin", "/bin"]
        // Only absolute folders are searched: a name in the current folder could be anybody's program.
        let found = folders.filter { $0.hasPrefix("/") }.map { $0 + "/bwrap" }.first { access($0, X_OK) == 0 }
        guard let found, !isRoot || access(Self.setpriv, X_OK) == 0 else { return nil }
        program = found
        self.user = user
        self.isRoot = isRoot
    }

    /// What people are told where bubblewrap can't be found.
    package static var missing: String {
        geteuid() == 0 && access(setpriv, X_OK) != 0
            ? "setpriv of util-linux is not installed" : "bubblewrap is not installed"
    }

    static let setpriv = "/usr/bin/setpriv"
    private static let setsid = "/usr/bin/setsid"
    private static let descriptor = 9

    /// A short program, which ends with this process, however that ends and however little of the sandbox is made by then:
    /// all of it is one process group, which a shell outside the sandbox ends by force.
    ///
    /// - Parameters:
    ///   - arguments: the program's path in the sandbox, and its arguments.
    ///   - places: what it sees besides the system's programs, in this order.
    ///   - directory: where it starts.
    ///   - filter: a file to be made outside the sandbox, for the filter of calls to the kernel; nil for none.
    package func command(
        _ arguments: [String], places: [Place], directory: String, environment: [String: String] = [:], limits: Limits,
        filter: URL?
    ) throws -> Command {
        var made: Set<String> = ["/", "/usr", "/proc", "/dev", "/tmp"]
        // A signal to its own group must not reach the shell that ends it.
        let own = access(Self.setsid, X_OK) == 0 ? [Self.setsid] : []
        let calls = SystemCallFilter(allowsProcesses: limits.allowsProcesses, network: .none)
        let filter = try filter.flatMap { try Self.write(calls, to: $0) }
        let words =
            (own.isEmpty ? ["--new-session"] : []) + ["--unshare-net"] + rights + Self.system + processes + [
                "--dev", "/dev",
            ]
            + ["--dir", "/tmp"]
            + Self.surroundings(places, directory, environment, filter, &made)
        // A child inherits nothing but the standard streams, so a shell opens the filter's file and sets the limits.
        let script = """
            exec 3<&0 </dev/null
            (
                exec >/dev/null 2>&1
                while read -r line <&3; do :; done
                kill -KILL 0
            ) & watcher=$!
            umask 022; ulimit -c 0; ulimit -v "$1"; ulimit -t "$2"; ulimit -f "$3"
            [ -z "$4" ] || exec \(Self.descriptor)<"$4" || exit 126
            shift 4
            exec 4>&2 2>/dev/null
            (exec "$@" 3<&- 2>&4 4>&-); status=$?
            kill -KILL $watcher; wait $watcher 2>/dev/null
            exit $status
            """
        let numbers = [limits.memoryBytes / 1024, limits.processorSeconds, limits.fileBytes / 512].map { "\($0)" }
        var command = shell(script, numbers, filter, words + own + dropping() + arguments)
        command.isLeashed = true
        return command
    }

    /// A program that lives long, and doesn't end with this process: trainers and servers. It has a folder for temporary
    /// files of its own, and as much of the machine as it takes.
    ///
    /// SIGTERM to the group comes to the program alone, once it has asked for it: what holds the sandbox waits for its end, and
    /// tells its exit status. Whichever of them is ended by force takes the others along.
    ///
    /// - Parameters:
    ///   - network: whom it can talk to.
    ///   - devices: what it computes on besides the processor.
    package func lastingCommand(
        _ arguments: [String], places: [Place], directory: String, environment: [String: String], network: Network,
        devices: [Place] = [], filter: URL, holder: Holder = .shell
    ) throws -> Command {
        var made: Set<String> = ["/", "/usr", "/proc", "/dev", "/dev/shm", "/tmp"]
        let calls = SystemCallFilter(allowsProcesses: true, network: network)
        let filter = try Self.write(calls, to: filter)
        var words = (network == .answering ? [] : ["--unshare-net"]) + rights + Self.system
        words += processes + ["--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm"]
        // The program must not reach this process's terminal, into which it could put text as if a person had typed it.
        words += ["--dev-bind", "/dev/null", "/dev/tty", "--perms", "1777", "--tmpfs", "/tmp"]
        let hardware: Place = devices.isEmpty ? .init("/sys/devices/system", isOptional: true) : .init("/sys")
        words += Self.surroundings([hardware] + Self.names + devices + places, directory, environment, filter, &made)
        let script = """
            umask 077; ulimit -c 0; trap '' TERM
            [ -z "$1" ] || exec \(Self.descriptor)<"$1" || exit 126
            shift
            \(Self.start(holder))
            """
        return shell(script, [], filter, words + dropping(keeping: Self.groups(of: devices)) + arguments)
    }

    /// How a shell starts bubblewrap, which ends with the thread that has started it: this process's threads come and go.
    private static func start(_ holder: Holder) -> String {
        switch holder {
        case .caller: "exec \"$@\""
        case .shell: "\"$@\"; exit $?"
        case .input:
            """
            exec 3<&0 </dev/null
            (
                exec \(descriptor)<&- >/dev/null 2>&1
                while read -r line <&3; do :; done
                read -r number name state parent rest </proc/self/stat
                [ "$parent" = $$ ] && kill -KILL $$
            ) & watcher=$!
            "$@" 3<&-; status=$?
            kill -KILL $watcher; exit $status
            """
        }
    }

    private func shell(_ script: String, _ numbers: [String], _ filter: URL?, _ words: [String]) -> Command {
        Command(
            "/bin/sh", ["-c", script, "sh"] + numbers + [filter?.path ?? "", program] + words,
            inheritsEnvironment: false, workingDirectory: URL(filePath: "/"))
    }

    private var rights: [String] {
        let words = [
            "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent",
            "--clearenv", "--cap-drop", "ALL",
        ]
        return words
            + (isRoot
                ? ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"].flatMap { ["--cap-add", $0] }
                : ["--unshare-user", "--uid", "\(user.rawValue)", "--gid", "\(user.rawValue)"])
    }

    /// The sandbox's own processes, but for the first one: it is bubblewrap's, all others end with it, and without root it
    /// is of the same user, who could write to its memory that it shall not end.
    private var processes: [String] {
        ["--proc", "/proc"]
            + (isRoot ? [] : ["--perms", "0555", "--tmpfs", "/proc/1", "--remount-ro", "/proc/1"])
    }

    /// The arguments with which root gives up its rights before the program begins.
    private func dropping(keeping groups: [gid_t] = []) -> [String] {
        isRoot ? user.dropping(group: user.rawValue, others: groups) : []
    }

    /// Whether bubblewrap itself gave up, as far as its words tell: namespaces may be forbidden.
    package static func obstacle(in errorOutput: String) -> String? {
        let line = errorOutput.prefix { !$0.isNewline }
        return ["bwrap: ", "setpriv: "].contains(where: line.hasPrefix) ? String(line) : nil
    }

    /// How the program ended, which bubblewrap tells as a shell does.
    package static func exit(_ exit: ProcessExit) -> ProcessExit {
        if case .exited(let status) = exit, status > 128 { return .signalled(status - 128) }
        return exit
    }

    /// Nil on a kind of processor that there is no filter for.
    private static func write(_ calls: SystemCallFilter, to file: URL) throws(ProcessError) -> URL? {
        guard let program = calls.program else { return nil }
        try PrivateFile.write(Data(program), to: file.path)
        return file
    }

    private static func surroundings(
        _ places: [Place], _ directory: String, _ environment: [String: String], _ filter: URL?,
        _ made: inout Set<String>
    ) -> [String] {
        var words: [String] = []
        for place in places { words += place.words(&made) }
        // Folders on the way that bubblewrap made by itself would be closed to the sandbox's user.
        words += Place.folders(to: directory, &made) + ["--remount-ro", "/", "--chdir", directory]
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) { words += ["--setenv", name, value] }
        return filter == nil ? words : words + ["--seccomp", "\(descriptor)"]
    }
}
