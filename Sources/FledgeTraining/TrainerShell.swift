import Foundation
import ManagedProcess

/// The shell that holds a job: its lock, its process's number and its end are written down beside the trainer, whose sandbox
/// shows none of them.
enum TrainerShell {
    /// How long a trainer is borne with.
    struct Patience {
        /// From the first SIGTERM on, for the step under way and its checkpoint; then all of it is ended by force.
        var stopping = Duration.seconds(60)
        /// Beyond the training's limit, for what that does not count: weights that are read, answers to some hundred prompts
        /// on a slow processor, the conversion. Then the trainer, which keeps to the limit by itself, is stopped.
        var beyondLimit = Duration.seconds(24 * 3600)
    }

    /// - Parameters:
    ///   - isSandboxed: whether the trainer's own processes end with it.
    ///   - limitSeconds: what the training may take, by its definition.
    static func command(
        _ trainer: Command, in job: JobFolder, isSandboxed: Bool, limitSeconds: Int, patience: Patience = Patience()
    ) -> Command {
        // More than a shell reckons with is no limit.
        let limit = min(max(limitSeconds, 0), 1 << 40) + Int(clamping: patience.beyondLimit.components.seconds)
        let script = script(
            isSandboxed: isSandboxed, stopping: Int(clamping: patience.stopping.components.seconds), limit: limit)
        return Command(
            "/bin/sh", ["-c", script, "fledge-trainer", trainer.executable] + trainer.arguments,
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
        remember() { trap '' TERM; again 8>&- & force 8>&- & trap : TERM; }
        trap 'asked=1' TERM
        """

    // Whatever the trainer does, and whether there is a daemon or not, it is ended by force when it goes on for too long after
    // SIGTERM, or after its limit and then SIGTERM. The shell is ended along with it, so that nothing says that the trainer has
    // ended before all of its group has. The time that a machine sleeps is not counted.
    private static func force(stopping: Int, limit: Int) -> String {
        """
        alive() { { read -r line </proc/$trainer/stat; } 2>/dev/null && case "${line##*) }" in [ZX]*) false ;; esac; }
        outlasts() {
            left=$1
            while alive; do [ $left -gt 0 ] || return 0; left=$((left - 1)); sleep 1; done
            return 1
        }
        force() { outlasts \(stopping) && { [ -e forced ] || echo deaf > forced; kill -KILL -$$; }; }
        guard() { trap '' TERM; outlasts \(limit) && { echo limit > forced; kill -TERM -$$; force; }; }
        """
    }

    // The folder was opened to a trainer that runs without a sandbox, and to it alone.
    //
    // Who cancels writes that down before the process's number is looked for: one of the two sees the other.
    private static let begin = """
        rm -f exit forced; echo $$ > pid
        end() { trap '' TERM; chmod 700 . 2>/dev/null; echo $1 > exit.partial; mv exit.partial exit; exit; }
        [ ! -e cancelled ] && [ -z "$asked" ] || end 143
        """

    // What is started in between would pass for the trainer: a signal is only remembered until its number is known. The shell
    // waits for the trainer also after SIGTERM, to write down how it ended.
    private static let wait = """
        trainer=$!
        trap remember TERM
        [ -z "$asked" ] || remember
        guard 8>&- &
        while :; do wait $trainer; status=$?; kill -0 $trainer 2>/dev/null || break; done
        end $status
        """

    // Descriptor 8, and with it the lock, passes to a trainer without a sandbox, which lives on when the shell is ended by force.
    // In a sandbox it has no hand on the lock: nothing of it outlives the shell.
    private static func script(isSandboxed: Bool, stopping: Int, limit: Int) -> String {
        """
        \(lock)
        \(traps)
        \(force(stopping: stopping, limit: limit))
        \(begin)
        "$@" \(isSandboxed ? "8>&- &" : "&")
        \(wait)
        """
    }
}
