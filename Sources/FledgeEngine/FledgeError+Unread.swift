import FledgeCore
import ManagedProcess

extension FledgeError {
    /// For a file that can't be read: what is only about this moment may be tried again, whatever the file.
    ///
    /// - Parameters:
    ///   - code: for what lasts until somebody mends it.
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
