import FledgeCore
import ManagedProcess

extension FledgeError {
    /// The error for a file that can't be read. Where the cause may pass (too many open files, no memory), the code
    /// says that the same may be tried again.
    ///
    /// - Parameters:
    ///   - code: the code where the cause lasts until somebody mends it.
    ///   - what: what can't be said or done without the file.
    package init(
        unread error: ProcessError, _ code: Code, _ what: String, place: String? = nil, hint: String? = nil
    ) {
        let message = InertText.line("\(what): \(error.message)")
        self =
            error.mayPass
            ? FledgeError(
                .fileUnread, message, place: place,
                hint: "look at the disk, the memory and the limit of open files (ulimit -n); it is tried again")
            : FledgeError(code, message, place: place, hint: hint ?? error.hint)
    }
}
