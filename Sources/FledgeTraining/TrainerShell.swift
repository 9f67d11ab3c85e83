import Foundation
import ManagedProcess

/// The shell that holds a job: its lock, its process's number and its end are written down beside the trainer, whose sandbox
/// shows none of them.
enum TrainerShell {
    /// - Parameter isSandboxed: whether the trainer's own processes end with it.
    static func command(_ trainer: Command, in job: JobFolder, isSandboxed: Bool) -> Command {
        Command(
            "/bin/sh",
            ["-c", isSandboxed ? sandboxed : plain, "fledge-trainer", trainer.executable] + trainer.arguments,
            environment: isSandboxed ? ChildEnvironment.kept() : trainer.environment, inheritsEnvironment: false,
            workingDirectory: job.url)
    }

    // The lock is waited for: whoever looks whether it is held takes it for a moment. The shell waits for the trainer also
    // after SIGTERM, to write down how it ended.
    private static let lock = "umask 077; exec 8>>lock; flock -w 5 8 || exit 0"
    private static let begin = "rm -f exit; echo $$ > pid"
    private static let end = """
        while :; do wait $trainer; status=$?; kill -0 $trainer 2>/dev/null || break; done
        echo $status > exit.partial; mv exit.partial exit
        """

    // Descriptor 8, and with it the lock, passes to the trainer, which lives on when the shell is ended by force.
    private static let plain = """
        \(lock)
        \(begin); trap : TERM
        "$@" & trainer=$!
        \(end)
        """

    // The trainer has no hand on the lock: nothing of it outlives the shell. What holds its sandbox is deaf to SIGTERM, and so
    // is the trainer until it has said something: the group then gets another one.
    private static let sandboxed = """
        \(lock)
        said() { wc -c <events.jsonl; }
        before=$(said)
        again() {
            trap '' TERM
            [ "$(said)" = "$before" ] || return
            while kill -0 ${trainer:-$$} 2>/dev/null && [ "$(said)" = "$before" ]; do sleep 0.1; done
            kill -TERM -$$
        }
        trap 'trap : TERM; again 8>&- &' TERM
        \(begin)
        "$@" 8>&- & trainer=$!
        \(end)
        """
}
