import Foundation
import Glibc
import Synchronization

/// Programs of root's where no sandbox can be made.
extension PythonWorkplace {
    /// Whether programs run as a user without rights, and not in a sandbox.
    package var isUnprivileged: Bool { unprivileged != nil }

    /// This workplace, where its programs get to all that they need; else one whose programs run as this process's user, of
    /// which is warned. A sandbox shows them all of it.
    ///
    /// - Parameters:
    ///   - places: what they read; what isn't there is left out.
    ///   - folders: of ours, which they pass through to files that are given to them.
    package func reaching(
        _ places: [Sandbox.Place], through folders: [String] = [], warn: @Sendable (String) -> Void
    ) async throws -> PythonWorkplace {
        guard let unprivileged else { return self }
        let plain = PythonWorkplace(environment, obstacle: obstacle)
        for folder in folders {
            guard let problem = FileOwners.problem(in: folder, for: unprivileged.user.rawValue) else { continue }
            plain.tell(problem.message, of: "what needs \(folder) runs", warn)
            return plain
        }
        guard let closed = try await unprivileged.closed(reading: places.map(\.path), through: folders) else {
            return self
        }
        plain.tell(closed.words, of: "what needs \(closed.path) runs", warn)
        return plain
    }

    /// Lets the program read a file of ours, or a folder of files, that it is not to change.
    ///
    /// - Returns: this workplace; where the file can't be shown to a user without rights, one whose programs run as this
    ///   process's user, of which is warned.
    package func showing(_ path: String, warn: @Sendable (String) -> Void) throws(ProcessError) -> PythonWorkplace {
        try showInSandbox(path)
        guard let unprivileged, let obstacle = try unprivileged.show(path) else { return self }
        let plain = PythonWorkplace(environment, obstacle: self.obstacle)
        plain.tell(obstacle, of: "what needs \(path) runs", warn)
        return plain
    }

    /// This workplace for one program, which alone may enter a closed folder of ours. In a sandbox nothing else is seen of
    /// what the folder lies in, and as this process's user everything is.
    package func alone(in folder: String) throws(ProcessError) -> PythonWorkplace {
        var place = self
        if let unprivileged { place.unprivileged = try unprivileged.alone(in: folder) }
        return place
    }

    /// Why programs of an environment without packages are run as root and not as a user without rights, in words for people;
    /// nil where they are run as that user.
    ///
    /// - Parameters:
    ///   - folders: what they have to pass through as well.
    ///   - places: folders that hold files which are given to them.
    /// - Throws: where they are not run at all.
    package static func hindrance(
        to user: Sandbox.User, through folders: [String], givenIn places: [String] = []
    ) async throws -> String? {
        guard let unprivileged = Unprivileged(user) else { return noSetpriv }
        for place in places {
            if let problem = FileOwners.problem(in: place, for: user.rawValue) { return problem.message }
        }
        return try await withBare { environment in
            let place = PythonWorkplace(environment, nil, unprivileged, try await interpreter(of: environment))
            if let found = try await place.hindrance(unprivileged) { return found }
            return try await unprivileged.closed(reading: [], through: folders)?.words
        }
    }

    static let noSetpriv = "setpriv of util-linux is not installed"

    /// What keeps Python from being started as the user, and lasts; nil where nothing does.
    ///
    /// - Throws: where that may pass, or isn't known. What packages have left behind can end a trial by a signal; it must not
    ///   make root run them.
    func hindrance(_ unprivileged: Unprivileged) async throws -> String? {
        let folder = environment.directory.path
        Passage.open(to: folder)
        try Sandbox.User.open(folder)
        let program = interpreter.modules.isEmpty ? "pass" : "import " + interpreter.modules.joined(separator: ", ")
        var trial = environment.command(["-I", "-S", "-c", program])
        trial.workingDirectory = URL(filePath: "/")
        trial.environment["LC_ALL"] = "C"
        let result = try await unprivileged.command(trial).run(timeout: .seconds(60))
        let words = Sandbox.words(of: result)
        // What setpriv itself may not do, rather than a program that is closed to the user.
        let isRefused = !words.contains("failed to execute") && Sandbox.isLasting(result.errorOutput, zeros: false)
        if isRefused { return words }
        let libraries = interpreter.places.map(\.source).filter { $0.hasPrefix("/") }
        if let closed = try await unprivileged.closed(reading: [folder, environment.python.path] + libraries) {
            return closed.words
        }
        if result.exit.isSuccess { return nil }
        throw ProcessError(
            .sandboxFailed, "\(environment.python.path) can't be run as user \(unprivileged.user.rawValue): \(words)",
            hint: "It is tried again, and not run as root. fledge doctor tries it as well.")
    }

    /// Warns once in a process for each cause.
    ///
    /// - Parameters:
    ///   - hindrance: why programs of root's are not run as users without rights.
    ///   - programs: which, with the sentence's verb.
    func tell(
        _ hindrance: String?, of programs: String = "trainings and the local model server run",
        _ warn: (String) -> Void
    ) {
        let cause = hindrance.map { "; nor as users without rights: \($0)" } ?? ""
        let key = "\(isUnprivileged) \(obstacle)\(cause)"
        guard Self.told.withLock({ $0.insert(key).inserted }) else { return }
        let users = [Sandbox.User.trainer, .server].map { "\($0.rawValue)" }.joined(separator: " and ")
        let who =
            isUnprivileged
            ? "users without rights (\(users))" : geteuid() == 0 ? "root" : "this user"
        warn(
            "\(programs) as \(who), not in a sandbox: \(obstacle)\(cause). "
                + "Install bubblewrap and let it make namespaces (fledge doctor)")
    }
}
