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

    // The lock is waited for: whoever looks whether it is held takes it for a moment.
    private static let lock = "umask 077; exec 8>>lock; flock -w 5 8 || exit 0"

    // SIGTERM to the group can come as soon as the process's number can be read, and is kept for a trainer that is not there
    // yet, or deaf to it: what holds a sandbox is, and a trainer is until it has said something. The group then gets another
    // one, from a process that is deaf to it itself; also where the trainer has said its first line just now, since nobody
    // knows whether it has heard the signal. A trainer that was cancelled gets one each second until it ends.
    private static let traps = """
        said() { wc -l <events.jsonl; }
        before=$(said) asked=
        again() {
            heard=$(( $(said) - before ))
            while kill -0 $trainer 2>/dev/null && [ "$(said)" -le "$before" ]; do sleep 0.1; done
            [ $heard -gt 1 ] || kill -TERM -$$
            while [ -e cancelled ] && sleep 1 && kill -0 $trainer 2>/dev/null; do kill -TERM -$$; done
        }
        remember() { trap '' TERM; again 8>&- & trap : TERM; }
        trap 'asked=1' TERM
        """

    // Who cancels writes that down before the process's number is looked for: one of the two sees the other.
    private static let begin = """
        rm -f exit; echo $$ > pid
        end() { trap '' TERM; echo $1 > exit.partial; mv exit.partial exit; exit; }
        [ ! -e cancelled ] && [ -z "$asked" ] || end 143
        """

    // What is started in between would pass for the trainer: a signal is only remembered until its number is known. The shell
    // waits for the trainer also after SIGTERM, to write down how it ended.
    private static let wait = """
        trainer=$!
        trap remember TERM
        [ -z "$asked" ] || remember
        while :; do wait $trainer; status=$?; kill -0 $trainer 2>/dev/null || break; done
        end $status
        """

    // Descriptor 8, and with it the lock, passes to the trainer, which lives on when the shell is ended by force.
    private static let plain = """
        \(lock)
        \(traps)
        \(begin)
        "$@" &
        \(wait)
        """

    // The trainer has no hand on the lock: nothing of it outlives the shell.
    private static let sandboxed = """
        \(lock)
        \(traps)
        \(begin)
        "$@" 8>&- &
        \(wait)
        """
}
