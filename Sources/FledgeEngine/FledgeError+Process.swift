import FledgeCore
import ManagedProcess

extension FledgeError {
    /// The error for a failure around a child process. The same may succeed at another time, unless a folder lies where
    /// files can't be given to another user: then somebody has to move it.
    package init(_ error: ProcessError) {
        self.init(
            .init(rawValue: error.code.rawValue), error.message, hint: error.hint,
            exitCode: error.code == .noOwners ? .configuration : .unavailable)
    }
}
