import FledgeCore
import FledgeEngine
import FledgeTestKit
import Glibc
import ManagedProcess
import PostgresClient
import Testing

@testable import FledgePostgres

@Suite("The private cluster")
struct EmbeddedClusterTests {
    private func cluster(_ directory: String) -> EmbeddedCluster {
        EmbeddedCluster(
            stateDirectory: directory, environment: ["PATH": "/usr/bin:/bin:/usr/local/bin"],
            settings: ["fsync": "off"], logger: PostgresFixture.shared.logger)
    }

    /// Runs the body with a cluster that is stopped and removed afterwards.
    private func withCluster<Value>(
        below path: String = "", _ body: (EmbeddedCluster) async throws -> Value
    ) async throws -> Value {
        try await TemporaryDirectory.with { directory in
            let cluster = cluster(directory + path)
            let outcome: Result<Value, any Error>
            do { outcome = .success(try await body(cluster)) } catch { outcome = .failure(error) }
            try await cluster.stop()
            if !cluster.layout.socketDirectory.hasPrefix(directory) {
                try TemporaryDirectory.remove(cluster.layout.socketDirectory)
            }
            return try outcome.get()
        }
    }

    private func query(_ cluster: EmbeddedCluster, _ sql: String) async throws -> [PostgresRow] {
        let pool = PostgresPool(
            PostgresConfiguration(connectionString: cluster.connectionString(as: EmbeddedCluster.ownerRole)),
            logger: PostgresFixture.shared.logger)
        let outcome: Result<[PostgresRow], any Error>
        do { outcome = .success(try await pool.query(sql)) } catch { outcome = .failure(error) }
        await pool.shutdown()
        return try outcome.get()
    }

    @Test("it is made, started, adopted by a second daemon, stopped and started again, with its data")
    func lifeCycle() async throws {
        try await withCluster { cluster in
            #expect(try await cluster.start() == .started)
            _ = try await query(cluster, "CREATE TABLE kept AS SELECT 7 AS n")
            #expect(
                try await self.cluster(cluster.layout.directory.replacing("/postgres", with: "")).start() == .adopted)
            try await cluster.stop()
            #expect(try await !cluster.isRunning())
            try await cluster.stop()
            #expect(try await cluster.start() == .started)
            #expect(try await query(cluster, "SELECT n FROM kept")[0].get("n", as: Int.self) == 7)
        }
    }

    @Test("it listens on nothing but a socket that others can't reach, in UTF-8, with checksums")
    func isPrivate() async throws {
        try await withCluster { cluster in
            try await cluster.start()
            let row = try await query(
                cluster,
                """
                SELECT current_setting('listen_addresses') AS addresses, current_setting('server_encoding') AS encoding,
                       current_setting('data_checksums') AS checksums, current_setting('synchronous_commit') AS sync,
                       current_database()::text AS database
                """)[0]
            #expect(try row.get("addresses", as: String.self) == "")
            #expect(try row.get("encoding", as: String.self) == "UTF8")
            #expect(try row.get("checksums", as: String.self) == "on")
            #expect(try row.get("sync", as: String.self) == "on")
            #expect(try row.get("database", as: String.self) == "fledge")
            for directory in [cluster.layout.directory, cluster.layout.socketDirectory, cluster.layout.data] {
                var status = stat()
                #expect(lstat(directory, &status) == 0)
                #expect(status.st_mode & 0o077 == 0)
                #expect(status.st_uid == cluster.user?.userID ?? geteuid())
            }
        }
    }

    @Test("started as root, the server runs as an unprivileged user")
    func dropsPrivileges() async throws {
        try await withCluster { cluster in
            try await cluster.start()
            let pid = try #require(cluster.serverProcess)
            var status = stat()
            #expect(stat("/proc/\(pid)", &status) == 0)
            #expect(status.st_uid != 0)
            #expect((geteuid() == 0) == (cluster.user != nil))
        }
    }

    @Test("started by an unprivileged user, the server runs as that user")
    func unprivileged() async throws {
        await #expect(processExitsWith: .success) {
            // As root this process takes another user; otherwise it is one already.
            if geteuid() == 0 {
                try #require(setgroups(0, nil) == 0 && setgid(65534) == 0 && setuid(65534) == 0)
            }
            let directory = try TemporaryDirectory.make()
            let cluster = EmbeddedCluster(
                stateDirectory: directory, environment: ["PATH": "/usr/bin:/bin"], settings: ["fsync": "off"],
                logger: PostgresFixture.shared.logger)
            #expect(cluster.user == nil)
            try await cluster.start()
            let pid = try #require(cluster.serverProcess)
            var status = stat()
            #expect(stat("/proc/\(pid)", &status) == 0)
            #expect(status.st_uid == geteuid())
            let pool = PostgresPool(
                PostgresConfiguration(connectionString: cluster.connectionString()),
                logger: PostgresFixture.shared.logger)
            let rows = try await pool.query("SELECT 1")
            #expect(rows.count == 1)
            await pool.shutdown()
            try await cluster.stop()
            try TemporaryDirectory.remove(directory)
        }
    }

    @Test("killed without warning, it recovers what was committed, and pools find it again")
    func recovers() async throws {
        try await withCluster { cluster in
            try await cluster.start()
            let pool = PostgresPool(
                PostgresConfiguration(
                    connectionString: cluster.connectionString(as: EmbeddedCluster.ownerRole),
                    acquireTimeout: .seconds(30)),
                logger: PostgresFixture.shared.logger)
            try await pool.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
            for _ in 0..<2 {
                let pid = try #require(cluster.serverProcess)
                #expect(kill(pid, SIGKILL) == 0)
                let isGone = try await eventually { try await !cluster.isRunning() }
                #expect(isGone)
                #expect(try await cluster.start() == .started)
                let isBack = await eventually {
                    (try? await pool.query("SELECT count(*) AS n FROM kept")[0].get("n", as: Int.self)) == 1000
                }
                #expect(isBack)
            }
            await pool.shutdown()
        }
    }

    @Test("a process number that another process has by now does not keep it from starting")
    func reusedProcessNumber() async throws {
        try await withCluster { cluster in
            try await cluster.start()
            let pid = try #require(cluster.serverProcess)
            let saved = try #require(PostmasterFile.read(cluster.layout.pidFile))
            try await cluster.stop()
            let command = ClusterCommand(user: cluster.user)
            let other = try await command.shell("sleep 600 >/dev/null 2>&1 & echo $!")
            let number = try #require(Int32(other.text.prefix { $0.isNumber }))
            defer { kill(number, SIGKILL) }
            let stale = saved.replacing("\(pid)\n", with: "\(number)\n", maxReplacements: 1)
            _ = try await command.shell("cat > \"$1\" && chmod 600 \"$1\"", cluster.layout.pidFile, input: stale)
            #expect(try await cluster.start() == .started)
        }
    }

    @Test("what an interrupted initdb left behind is not taken for a cluster")
    func interruptedInit() async throws {
        try await withCluster { cluster in
            try cluster.layout.create(for: cluster.user)
            let abandoned = cluster.layout.directory + "/init-4194999-1"
            let made = try await ClusterCommand(user: cluster.user).shell(
                "mkdir \"$1\" && echo 15 > \"$1/PG_VERSION\"", abandoned)
            #expect(made.succeeded)
            #expect(try await cluster.start() == .started)
            #expect(access(abandoned, F_OK) != 0)
        }
    }

    @Test("daemons that start it at the same moment end up with the same one")
    func concurrentStarts() async throws {
        try await withCluster { cluster in
            async let one = cluster.start()
            async let two = cluster.start()
            _ = try await (one, two)
            #expect(try await query(cluster, "SELECT 1 AS n").count == 1)
            #expect(try await cluster.isRunning())
        }
    }

    @Test("a state directory with a long path, spaces and quotes works; its socket is elsewhere")
    func longPath() async throws {
        let path = "/with space/it's/" + String(repeating: "long", count: 25)
        try await withCluster(below: path) { cluster in
            // Where another user can't have made it first.
            #expect(!cluster.layout.socketDirectory.hasPrefix("/tmp/"))
            #expect(cluster.user == nil || cluster.layout.socketDirectory.hasPrefix("/run/fledge-"))
            try await cluster.start()
            #expect(try await query(cluster, "SELECT 1 AS n").count == 1)
        }
    }

    @Test("a state directory that the server's user can't enter is replaced by one that it can")
    func closedStateDirectory() async throws {
        let user = ClusterUser(name: "somebody", userID: 65533, groupID: 65533)
        try await TemporaryDirectory.with { directory in
            #expect(mkdir(directory + "/home", 0o700) == 0)
            let closed = ClusterLayout(stateDirectory: directory + "/home/state", user: user)
            #expect(closed.directory.hasPrefix("/var/lib/fledge/postgres-"))
            let open = ClusterLayout(stateDirectory: directory + "/state", user: user)
            #expect(open.directory == directory + "/state/postgres")
            let own = ClusterLayout(stateDirectory: directory + "/home/state", user: nil)
            #expect(own.directory == directory + "/home/state/postgres")
        }
    }

    @Test("it runs below a state folder that others can neither list nor enter, as root and as an ordinary user")
    func closedState() async throws {
        try await TemporaryDirectory.with { directory in
            let paths = StatePaths(
                environment: [
                    "FLEDGE_STATE_DIR": directory + "/state", "FLEDGE_CACHE_HOME": directory + "/cache",
                ], isRoot: geteuid() == 0, currentDirectory: directory)
            let group = ClusterUser.required()?.groupID
            try paths.create(passableBy: group)
            try await Self.check(paths, self.cluster(paths.state))
            // What an earlier version made is closed without getting in the server's way.
            #expect(chmod(paths.state, 0o755) == 0)
            #expect(try paths.close(passableBy: group) == [paths.state])
            try await Self.check(paths, self.cluster(paths.state))
            #expect(try paths.close(passableBy: group) == [])
            guard group != nil else { return }
            // Where there are no namespaces, programs without rights pass through it as well.
            #expect(Passage.mark(paths.state))
            #expect(try paths.close(passableBy: group) == [])
            let shared = self.cluster(paths.state)
            #expect(shared.layout.directory == paths.state + "/postgres")
            try await shared.start()
            #expect(try await shared.isRunning())
            try await shared.stop()
            #expect(Passage.isMarked(paths.state))
        }
        await #expect(processExitsWith: .success) {
            if geteuid() == 0 {
                try #require(setgroups(0, nil) == 0 && setgid(65534) == 0 && setuid(65534) == 0)
            }
            umask(0)
            let directory = try TemporaryDirectory.make()
            let paths = StatePaths(
                environment: [
                    "FLEDGE_STATE_DIR": directory + "/state", "FLEDGE_CACHE_HOME": directory + "/cache",
                ], isRoot: false, currentDirectory: directory)
            try paths.create(passableBy: ClusterUser.required()?.groupID)
            let cluster = EmbeddedCluster(
                stateDirectory: paths.state, environment: ["PATH": "/usr/bin:/bin"], settings: ["fsync": "off"],
                logger: PostgresFixture.shared.logger)
            try await EmbeddedClusterTests.check(paths, cluster)
            try TemporaryDirectory.remove(directory)
        }
    }

    private static func check(_ paths: StatePaths, _ cluster: EmbeddedCluster) async throws {
        #expect(cluster.layout.directory == paths.state + "/postgres")
        try await cluster.start()
        #expect(try await cluster.isRunning())
        try await cluster.stop()
        for path in [paths.state, paths.logs, paths.runtime, paths.cache] {
            var status = stat()
            #expect(lstat(path, &status) == 0)
            let isPassable = path == paths.state && cluster.user != nil
            #expect(status.st_mode & 0o777 == (isPassable ? 0o710 : 0o700), "\(path)")
            if isPassable { #expect(status.st_gid == cluster.user?.groupID) }
        }
    }

    @Test(
        "one that runs is started anew where its way was opened to programs without rights, and then adopted",
        .enabled(if: geteuid() == 0))
    func openedWay() async throws {
        try await withCluster(below: "/state") { cluster in
            let state = cluster.layout.directory.replacing("/postgres", with: "")
            let group = try #require(ClusterUser.required()).groupID
            try PrivateFolder.make(state, passableBy: group)
            #expect(try await cluster.start() == .started)
            let before = cluster.serverProcess
            #expect(try await self.cluster(state).start() == .adopted)
            #expect(Passage.mark(state))
            #expect(try await self.cluster(state).start() == .started)
            #expect(before != nil && cluster.serverProcess != before)
            // It gets to its files by their whole path, as where it begins another log.
            let files = try await query(cluster, "SELECT count(*) AS n FROM pg_ls_dir('\(cluster.layout.logs)')")
            #expect(try files[0].get("n", as: Int.self) > 0)
            #expect(try await self.cluster(state).start() == .adopted)
        }
    }

    @Test("a place that can't be used is an error with a code and what to do")
    func unusablePlaces() async throws {
        let nowhere = await #expect(throws: FledgeError.self) { try await cluster("/proc/nowhere").start() }
        #expect(nowhere?.code == "database.directory_not_writable")
        #expect(nowhere?.exitCode == .cannotWrite)
        #expect(nowhere?.hint != nil)

        try await TemporaryDirectory.with { directory in
            #expect(symlink("/etc", directory + "/postgres") == 0)
            let foreign = await #expect(throws: FledgeError.self) { try await cluster(directory).start() }
            #expect(foreign?.code == "database.directory_foreign")
        }
    }

    @Test("a cluster of a PostgreSQL that is not installed any more is not touched")
    func otherVersion() async throws {
        try await TemporaryDirectory.with { directory in
            let cluster = cluster(directory)
            try cluster.layout.create(for: cluster.user)
            _ = try await ClusterCommand(user: cluster.user).shell(
                "mkdir \"$1\" && echo 9 > \"$1/PG_VERSION\"", cluster.layout.data)
            let error = await #expect(throws: FledgeError.self) { try await cluster.start() }
            #expect(error?.code == "database.version_missing")
        }
    }
}
