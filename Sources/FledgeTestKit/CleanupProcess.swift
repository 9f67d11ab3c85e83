import FledgePostgres
import Glibc

/// A small shell that waits for this process to end, in whatever way, and then removes the test server.
enum CleanupProcess {
    // A process that has ended but is not reaped yet has no command line.
    private static let script = """
        exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
        read -r _
        pid=$(head -n 1 "$1" 2>/dev/null)
        if [ -n "$pid" ]; then
            kill -QUIT "$pid"
            tries=0
            while [ -n "$(tr -d '\\0' 2>/dev/null <"/proc/$pid/cmdline")" ] && [ "$tries" -lt 100 ]; do
                sleep 0.1
                tries=$((tries + 1))
            done
        fi
        rm -rf -- "$2" "$3" "$4"
        """

    /// glibc's POSIX_SPAWN_SETSID, a constant that the Glibc module lacks: an interrupt from the terminal is not for us.
    private static let newSession: Int16 = 0x80

    static func start(cluster: ClusterLayout, directory: String) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TemporaryDirectory.CannotMake(path: "pipe", number: errno) }
        // The writing end stays open as long as this process lives: its end is the shell's end of input.
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        // Whoever waits for the end of the tests' output must not wait for this shell too.
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, newSession)
        let words = [
            "sh", "-c", script, "sh", cluster.data + "/postmaster.pid", cluster.directory, cluster.socketDirectory,
            directory,
        ]
        let arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var pid = pid_t()
        let status = posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, environ)
        close(ends[0])
        guard status == 0 else { throw TemporaryDirectory.CannotMake(path: "/bin/sh", number: status) }
    }
}
