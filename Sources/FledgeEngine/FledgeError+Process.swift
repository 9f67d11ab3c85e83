import FledgeCore
import ManagedProcess

extension FledgeError {
    /// What went wrong around a child process: another day may mend it, unless it is for a folder that somebody has to move.
    package init(_ error: ProcessError) {
        self.init(
            .init(rawValue: error.code.rawValue), error.message, hint: error.hint,
            exitCode: error.code == .noOwners ? .configuration : .unavailable)
    }
}
