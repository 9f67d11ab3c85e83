import ManagedProcess

/// A small shell that waits for this process to end, in whatever way, and then ends all that works under a folder.
package struct OrphanGuard: Sendable {
    private static let script = """
        read -r _
        for place in /proc/[0-9]*/cwd; do
            case $(readlink "$place" 2>/dev/null) in
                "$1"/*) process=${place%/cwd}; kill -9 "${process#/proc/}" 2>/dev/null ;;
            esac
        done
        server=$(head -n 1 "$2" 2>/dev/null)
        [ -z "$server" ] || kill -QUIT "$server"
        """

    private let shell: ManagedProcess

    /// - Parameters:
    ///   - directory: whose processes have it, or a folder in it, as their working folder.
    ///   - serverFile: a PostgreSQL server's `postmaster.pid`.
    package static func start(directory: String, serverFile: String) async throws -> OrphanGuard {
        OrphanGuard(
            shell: try await ManagedProcess.start(
                Command("/bin/sh", ["-c", script, "sh", directory, serverFile]), bond: .leash))
    }

    /// To be called when everything has been ended in order.
    package func dismiss() { shell.signal(9) }
}
