import FledgePostgres
import ManagedProcess

/// A small shell that waits for this process to end, in whatever way, and then removes the test server.
enum CleanupProcess {
    // A process that has ended but is not reaped yet has no command line.
    private static let script = """
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

    static func start(cluster: ClusterLayout, directory: String) async throws {
        let words = [
            "-c", script, "sh", cluster.data + "/postmaster.pid", cluster.directory, cluster.socketDirectory, directory,
        ]
        // The leash is the shell's input, which ends with this process.
        _ = try await ManagedProcess.start(Command("/bin/sh", words), bond: .leash)
    }
}
