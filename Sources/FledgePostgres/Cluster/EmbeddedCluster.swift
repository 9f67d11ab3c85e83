import FledgeCore
import Glibc
import Logging
import ManagedProcess
import PostgresClient

/// A private PostgreSQL server under the state directory: made, started, recovered and stopped by Fledge.
///
/// It listens on a Unix socket in a folder that only its own user (and root) can enter. It outlives a daemon that
/// is killed; the next one adopts it.
package struct EmbeddedCluster: Sendable {
    package enum Start: Sendable, Equatable {
        case started
        /// It was running already.
        case adopted
    }

    package static let databaseName = "fledge"
    /// The role that daemons work as; its name does not depend on the machine's users.
    package static let role = "fledge"
    /// The cluster's superuser, which owns the tables: for migrations, and for what a person has to do by hand.
    package static let ownerRole = "fledge_owner"
    /// A temporary superuser, which renames the superuser of a cluster from before there were two roles, since no role
    /// can rename itself; it is dropped afterwards.
    private static let movingRole = "fledge_moving"

    package let layout: ClusterLayout
    package let user: ClusterUser?
    private let environment: [String: String]
    private let settings: [String: String]
    private let logger: Logger
    private var command: ClusterCommand {
        ClusterCommand(user: user, passes: Passage.isOnTheWay(to: layout.directory))
    }

    /// - Parameters:
    ///   - stateDirectory: absolute.
    ///   - environment: where `PATH` is looked up for PostgreSQL's programs.
    ///   - settings: server settings that replace the defaults.
    package init(
        stateDirectory: String, environment: [String: String], settings: [String: String] = [:], logger: Logger
    ) {
        user = ClusterUser.required()
        layout = ClusterLayout(stateDirectory: stateDirectory, user: user)
        self.environment = environment
        self.settings = settings
        self.logger = logger
    }

    /// A libpq connection string for one of the cluster's databases.
    package func connectionString(
        database: String = EmbeddedCluster.databaseName, as role: String = EmbeddedCluster.role
    ) -> String {
        func quoted(_ text: String) -> String {
            "'" + text.flatMap { $0 == "'" || $0 == "\\" ? ["\\", $0] : [$0] } + "'"
        }
        return "host=\(quoted(layout.socketDirectory)) port=\(ClusterLayout.port) "
            + "user=\(quoted(role)) dbname=\(quoted(database))"
    }

    /// Makes the cluster if there is none, starts it if it does not run, and makes Fledge's database in it.
    @discardableResult
    package func start() async throws -> Start {
        try layout.create(for: user)
        // The lock is held until the server runs, so that no other process takes its lock files for stale meanwhile.
        let lock = try await locked()
        defer { lock.release() }
        let binaries = try await initialized()
        if try await isRunning() {
            let isInPlace = PostmasterFile(contentsOf: layout.pidFile)?.socketDirectory == layout.socketDirectory
            if isInPlace, passesAll {
                try await createDatabase()
                return .adopted
            }
            // The state directory was moved while the server ran, so that its socket is not where clients look for it; or a
            // way was opened to programs without rights, and the server, which was started before, does not get to its files.
            try await stop()
        }
        try await clearStaleLocks()
        try await writeSettings()
        let output = try await command.run(
            binaries.pgctl, ["start", "-w", "-t", "60", "-D", layout.data, "-l", layout.startLog])
        guard output.succeeded else {
            throw FledgeError(
                "database.start_failed",
                "the private PostgreSQL server did not start: \(await startMessages(output.text))",
                place: layout.directory, hint: "See \(layout.startLog) and \(layout.logs).")
        }
        try await createDatabase()
        logger.debug("private PostgreSQL server started", metadata: ["directory": "\(layout.directory)"])
        return .started
    }

    private func locked() async throws -> FileLock {
        do {
            return try await FileLock.take(folder: layout.directory, within: .seconds(120))
        } catch let error as ProcessError {
            throw FledgeError(
                "database.locked", error.message,
                hint: "Another process is starting the private PostgreSQL server; try again when it is done.")
        }
    }

    /// Stops the server in fast mode: transactions under way are rolled back. Does nothing when it does not run.
    package func stop() async throws {
        guard let binaries = try await existing(), try await isRunning() else { return }
        let output = try await command.run(
            binaries.pgctl, ["stop", "-w", "-t", "60", "-m", "fast", "-D", layout.data])
        let stillRuns = output.succeeded ? false : try await isRunning()
        guard !stillRuns else {
            throw FledgeError(
                "database.stop_failed", "the private PostgreSQL server did not stop: \(output.text)",
                place: layout.directory, hint: "See \(layout.logs).")
        }
    }

    /// Whether the server runs.
    package func isRunning() async throws -> Bool {
        guard let pid = serverProcess else { return false }
        return try await processes().contains(pid)
    }

    /// Whether the server that runs passes through a ``Passage`` that is on its way: a process has the groups that it was
    /// started with. True where that can't be told.
    private var passesAll: Bool {
        guard user != nil, command.passes, let pid = serverProcess,
            let status = PostmasterFile.read("/proc/\(pid)/status"),
            let groups = status.split(separator: "\n").first(where: { $0.hasPrefix("Groups:") })
        else { return true }
        return groups.split(whereSeparator: \.isWhitespace).contains("\(Passage.group)")
    }

    /// The server's process number, or what a killed one left behind.
    package var serverProcess: Int32? { PostmasterFile(contentsOf: layout.pidFile)?.pid }

    /// The processes that work in the data directory: the server and its children all change into it.
    ///
    /// `pg_ctl status` takes any process with the number in the PID file for the server, whoever it is.
    private func processes() async throws -> [Int32] {
        // Asked as the server's user: in a container, root may not look at other users' processes.
        let output = try await command.shell(
            "stat -L -c '%d:%i %n' -- \"$1\" /proc/[0-9]*/cwd 2>/dev/null", layout.data)
        let lines = output.text.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1) }
        guard let data = lines.first(where: { $0.count == 2 && $0[1] == layout.data })?[0] else { return [] }
        return lines.compactMap { line in
            guard line.count == 2, line[0] == data, line[1].hasPrefix("/proc/") else { return nil }
            return Int32(line[1].dropFirst("/proc/".count).prefix { $0.isNumber })
        }
    }

    /// The programs for the cluster that exists; nil when there is none.
    private func existing() async throws -> PostgresBinaries? {
        guard let version = PostmasterFile.read(layout.versionFile) else { return nil }
        return try await PostgresBinaries.find(
            major: Int(version.prefix { $0.isNumber }), environment: environment)
    }

    // MARK: - Making it

    private func initialized() async throws -> PostgresBinaries {
        if let binaries = try await existing() { return binaries }
        let binaries = try await PostgresBinaries.find(environment: environment)
        try await removeAbandoned()
        // The folder has another name until it is whole, so that a crash leaves nothing that looks like a cluster.
        let unfinished = "\(layout.directory)/init-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        var output = try await initdb(binaries, unfinished, locale: "C.UTF-8")
        if !output.succeeded, output.text.contains("invalid locale") {
            output = try await initdb(binaries, unfinished, locale: "C")
        }
        guard output.succeeded else {
            _ = try await command.shell("rm -rf -- \"$1\"", unfinished)
            throw FledgeError(
                "database.init_failed", "initdb failed: \(output.text)", place: layout.directory,
                hint: "Check the free space and the permissions of the state directory.", exitCode: .unavailable)
        }
        let made = try await command.shell(
            """
            printf "include_if_exists 'fledge.conf'\\n" >> "$1/postgresql.conf" && sync -f "$1/postgresql.conf" \
            && { [ ! -e "$2" ] && mv -T -- "$1" "$2" || rm -rf -- "$1"; }
            """, unfinished, layout.data)
        guard made.succeeded, PostmasterFile.read(layout.versionFile) != nil else {
            throw FledgeError(
                "database.init_failed", "the new cluster could not be put in place: \(made.text)",
                place: layout.data, hint: "Is \(layout.data) a folder of something else? Remove or move it.",
                exitCode: .cannotWrite)
        }
        return binaries
    }

    private func initdb(
        _ binaries: PostgresBinaries, _ directory: String, locale: String
    ) async throws -> ClusterCommand.Output {
        let sync = settings["fsync"] == "off" ? ["--no-sync"] : []
        return try await command.run(
            binaries.initdb,
            [
                "-D", directory, "-U", Self.ownerRole, "-E", "UTF8", "--locale=\(locale)", "--data-checksums",
                // Every local connection is trusted: the socket's folder keeps other users out.
                "--auth-local=trust", "--auth-host=reject", "--no-instructions",
            ] + sync)
    }

    /// Removes what processes that are gone left half-made.
    private func removeAbandoned() async throws {
        _ = try await command.shell(
            """
            for unfinished in "$1"/init-*; do
                pid=${unfinished##*/init-}; pid=${pid%%-*}
                [ -d "/proc/$pid" ] || rm -rf -- "$unfinished"
            done
            """, layout.directory)
    }

    /// The database and the role that daemons work as, both by the owner.
    private func createDatabase() async throws {
        if try await !hasRole(Self.ownerRole) { try await splitRoles() }
        try await acting(as: Self.ownerRole, in: "postgres") { pool in
            let found = try await pool.query(
                "SELECT 1 FROM pg_database WHERE datname = $1", [Self.databaseName])
            if found.isEmpty {
                do {
                    try await pool.execute("CREATE DATABASE \(Self.databaseName)")
                } catch let error as PostgresError where error.sqlState == "42P04" || error.isUniqueViolation {
                    // Another daemon made it between the two statements.
                }
            }
        }
        try await acting(as: Self.ownerRole, in: Self.databaseName) { pool in
            try await pool.withTransaction { connection in
                try await connection.execute("DROP ROLE IF EXISTS \(Self.movingRole)")
                let roles = try await connection.query("SELECT FROM pg_roles WHERE rolname = $1", [Self.role])
                if roles.isEmpty { try await connection.execute("CREATE ROLE \(Self.role) LOGIN") }
            }
            try await DatabaseRights.give(to: Self.role, by: pool)
        }
    }

    /// Separates the two roles in a cluster of an older version, whose daemons worked as the superuser. The superuser
    /// is renamed to the owner's role and keeps all that it has made; a new role without its rights gets the old name,
    /// under which daemons of the older version go on working. After a crash, the next start goes on where this one
    /// stopped.
    private func splitRoles() async throws {
        try await acting(as: Self.role, in: "postgres") { pool in
            let roles = try await pool.query("SELECT FROM pg_roles WHERE rolname = $1", [Self.movingRole])
            if roles.isEmpty { try await pool.execute("CREATE ROLE \(Self.movingRole) SUPERUSER LOGIN") }
        }
        try await acting(as: Self.movingRole, in: "postgres") { pool in
            try await pool.execute("ALTER ROLE \(Self.role) RENAME TO \(Self.ownerRole)")
        }
        logger.info("the private PostgreSQL's daemons are no superusers any longer")
    }

    private func hasRole(_ role: String) async throws -> Bool {
        do {
            try await acting(as: role, in: "postgres") { _ = try await $0.query("SELECT 1") }
            return true
        } catch let error as PostgresError where error.sqlState == "28000" {
            return false
        }
    }

    private func acting(
        as role: String, in database: String, _ body: (PostgresPool) async throws -> Void
    ) async throws {
        let pool = PostgresPool(
            PostgresConfiguration(
                connectionString: connectionString(database: database, as: role), maximumConnections: 1,
                acquireTimeout: .seconds(60)),
            logger: logger)
        do { try await body(pool) } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    // MARK: - Starting it

    private func writeSettings() async throws {
        let text = ClusterSettings(layout: layout, overrides: settings).text
        let output = try await command.shell(
            "cat > \"$1.new\" && mv -- \"$1.new\" \"$1\"", layout.settingsFile, input: text)
        guard output.succeeded else {
            throw FledgeError(
                "database.directory_not_writable", "could not write \(layout.settingsFile): \(output.text)",
                hint: "Check the free space and the permissions of the state directory.")
        }
    }

    /// Removes the lock files of a server that was killed, once nobody works in the data directory.
    ///
    /// The server takes any process with the number in them for a living server: another program that has the
    /// number by now, or its own zombie where the first process of a container does not reap.
    private func clearStaleLocks() async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            let processes = try await processes()
            if processes.isEmpty { break }
            // The server still runs, or its children take longer to end: starting it then says what is wrong.
            if serverProcess.map(processes.contains) == true || ContinuousClock.now > deadline { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        guard serverProcess != nil || access(layout.socket + ".lock", F_OK) == 0 else { return }
        _ = try await command.shell(
            "rm -f -- \"$1\" \"$2\" \"$2.lock\"", layout.pidFile, layout.socket)
        logger.info("recovering the private PostgreSQL server, which had not been shut down")
    }

    private func startMessages(_ output: String) async -> String {
        // The newest lines of what it said before its log was open, and of its log.
        let log = try? await command.shell(
            "tail -q -n 5 -- \"$1\" \"$(ls -t \"$2\"/*.log 2>/dev/null | head -n 1)\" 2>/dev/null", layout.startLog,
            layout.logs)
        return output + (log?.text ?? "")
    }
}
