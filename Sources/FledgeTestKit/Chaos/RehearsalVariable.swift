/// What `fledged-rehearsal` reads of its environment, besides what `fledged` does.
package enum RehearsalVariable {
    /// `PLACE:N` for a SIGKILL at the n-th arrival at a `CrashPoint`, `PLACE:N:stop` for a SIGSTOP.
    package static let crashPoint = "FLEDGE_CRASH_AT"
    /// The address of the stub provider that stands for the packaged models and their training.
    package static let provider = "FLEDGE_REHEARSAL"
}
