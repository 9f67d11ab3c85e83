import Glibc

/// What went wrong around a child process, with what to do about it.
///
/// Never holds the child's environment; arguments are left out too, since some programs take secrets there.
package struct ProcessError: Error, Sendable, CustomStringConvertible {
    /// A stable name for the kind of failure; an open set.
    package struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }
        package var description: String { rawValue }

        /// The program could not be started at all.
        package static let notStarted = Code(rawValue: "process.not_started")
        /// The program ran and ended with another status than the caller needs.
        package static let failed = Code(rawValue: "process.failed")
        /// The program had to be ended because it took too long.
        package static let timedOut = Code(rawValue: "process.timed_out")
        /// The program wrote more than its caller takes.
        package static let tooMuchOutput = Code(rawValue: "process.too_much_output")
        /// No Python of a usable version was found.
        package static let pythonMissing = Code(rawValue: "python.missing")
        /// Python is there, but the module that makes virtual environments is not.
        package static let venvMissing = Code(rawValue: "python.venv_missing")
        /// Packages could not be installed.
        package static let installFailed = Code(rawValue: "python.install_failed")
        /// No sandbox was made, on a machine that may make them: the program is not run without.
        package static let sandboxFailed = Code(rawValue: "process.sandbox_failed")
        /// A device without which a program would compute on the processor.
        package static let deviceMissing = Code(rawValue: "process.device_missing")
        /// A directory or file could not be made, opened or locked.
        package static let fileSystem = Code(rawValue: "process.file_system")
        /// A file that somebody else wrote is larger than an honest one can be.
        package static let tooLarge = Code(rawValue: "process.file_too_large")
        /// Something else is there than a plain file.
        package static let notPlain = Code(rawValue: "process.not_a_file")
        /// The files of a folder can't be given to another user, or closed to others.
        package static let noOwners = Code(rawValue: "state.no_owners")
    }

    package let code: Code
    /// What happened, in one sentence.
    package let message: String
    /// What a person can do next.
    package let hint: String?
    /// What the system said, as in `errno`; nil where it was not asked, or is not known.
    package let number: Int32?

    package init(_ code: Code, _ message: String, hint: String? = nil, number: Int32? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.number = number
    }

    /// Whether what the system said is about this moment, and says nothing about the file: the same may succeed later.
    package var mayPass: Bool { number.map(Self.passing.contains) ?? false }

    private static let passing: Set<Int32> = [
        EMFILE, ENFILE, EIO, ENOMEM, EINTR, EAGAIN, ESTALE, ETIMEDOUT, EREMOTEIO, EHOSTDOWN,
    ]

    package var description: String {
        hint.map { "\(message) (\(code)). \($0)" } ?? "\(message) (\(code))"
    }
}
