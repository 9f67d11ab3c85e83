import FledgeCore
import Foundation
import Glibc
import ManagedProcess
import Synchronization

/// Takes away what is not kept any longer of the state folder: folders of training jobs, adapters, reports.
///
/// Only entries that lie directly in those folders, under a name that Fledge gives, are removed, and no link is
/// followed. Entries that the database does not know are removed only where no other database was ever used with this
/// state folder, since they may belong to that one.
package final class FileHousekeeping: Sendable {
    /// Seconds for which an entry stays that the database does not know: a training may just have put it there.
    private static let youngest: TimeInterval = 3600
    /// Seconds after which something is removed that a crash left half-made or half-removed.
    private static let leftover: TimeInterval = 86_400
    private static let batch = 500

    private let paths: StatePaths
    private let store: any KeptFilesStore
    private let now: @Sendable () -> Date
    private let problem: @Sendable (String) -> Void
    private let lastRun = Mutex<ContinuousClock.Instant?>(nil)

    /// - Parameter problem: is told what could not be looked through or taken away, in a line that is safe to show.
    package init(
        paths: StatePaths, store: any KeptFilesStore, now: @escaping @Sendable () -> Date = { Date() },
        problem: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.paths = paths
        self.store = store
        self.problem = problem
        self.now = now
    }

    /// Whether `interval` has passed since the last walk through this state folder. Each daemon keeps count itself,
    /// since each has a state folder of its own.
    func isDue(every interval: Duration) -> Bool {
        lastRun.withLock { last in
            if let last, last.duration(to: .now) < interval { return false }
            last = .now
            return true
        }
    }

    /// How much there is older than the age; removes nothing.
    package func prunable(_ subject: RetentionPolicy.Subject, olderThan age: Duration) async throws -> PruneFigure {
        try await walk(subject, olderThan: age, notes: false) { _, _ in true }
    }

    /// Removes it. - Parameter each: what was removed so far; false ends the walk.
    @discardableResult
    package func prune(
        _ subject: RetentionPolicy.Subject, olderThan age: Duration,
        each: @Sendable (PruneFigure) async throws -> Bool = { _ in true }
    ) async throws -> PruneFigure {
        try await walk(subject, olderThan: age, each: each) { tree, entry in
            try self.remove(entry, of: subject, in: tree)
        }
    }

    private func walk(
        _ subject: RetentionPolicy.Subject, olderThan age: Duration, notes: Bool = true,
        each: @Sendable (PruneFigure) async throws -> Bool = { _ in true },
        take: (FileTree, FileTree.Entry) throws -> Bool
    ) async throws -> PruneFigure {
        var figure = PruneFigure(subject: subject, table: subject.table)
        // A database elsewhere may be looked after from a machine that has no state folder.
        guard let folder = folder(of: subject), access(paths.state, F_OK) == 0 else { return figure }
        do {
            // Whether no other database was ever used with this folder decides about unknown jobs and adapters. Reports
            // belong to no database.
            let isOnly = subject == .reports ? false : try await isOnlyDatabase(notes: notes)
            guard let tree = try FileTree(folder) else { return figure }
            let old = try tree.entries().compactMap { entry -> (FileTree.Entry, FileTree.Extent)? in
                // A problem with one entry leaves the others to be removed.
                guard let extent = attempt({ try tree.extent(of: entry) }) else { return nil }
                let age = max(0, min(age.wholeSeconds, 1e12))
                let limit = isLeftover(entry.name) ? Self.leftover : isUsual(entry, of: subject) ? age : .infinity
                return now().timeIntervalSince1970 - extent.changedAt >= limit ? (entry, extent) : nil
            }
            for start in stride(from: 0, to: old.count, by: Self.batch) {
                let part = old[start..<min(start + Self.batch, old.count)]
                let standing = try await standing(of: part.map(\.0), subject, olderThan: age)
                for (entry, extent) in part {
                    switch standing[entry.name] {
                    case .named?: continue
                    case .unknown?:
                        let isYoung = now().timeIntervalSince1970 - extent.changedAt < Self.youngest
                        guard isOnly, !isYoung else { continue }
                    case .past?, nil: break
                    }
                    guard attempt({ try take(tree, entry) }) == true else { continue }
                    figure.rows += extent.files
                    figure.bytes += extent.bytes
                    guard try await each(figure) else { return figure }
                }
            }
            return figure
        } catch let error as ProcessError {
            throw FledgeError("state.not_prunable", error.message, hint: error.hint)
        }
    }

    /// Nil where it can't be done, of which is told.
    private func attempt<Value>(_ body: () throws -> Value) -> Value? {
        do { return try body() } catch {
            problem(InertText.line((error as? ProcessError)?.message ?? "\(error)"))
            return nil
        }
    }

    /// What the database says of each entry, by its name; no entry for a name that the database has nothing to say
    /// about.
    private func standing(
        of entries: [FileTree.Entry], _ subject: RetentionPolicy.Subject, olderThan age: Duration
    ) async throws -> [String: KeptFile] {
        let names = entries.map(\.name).filter { !isLeftover($0) }
        guard !names.isEmpty else { return [:] }
        let known: [String: KeptFile]
        switch subject {
        case .jobs: known = try await store.standing(ofJobs: names, olderThan: age)
        case .artifacts: known = try await store.standing(ofAdapters: names, olderThan: age)
        default: return [:]
        }
        // An entry that the database gave no answer for is not touched.
        return Dictionary(names.map { ($0, known[$0] ?? .named) }) { first, _ in first }
    }

    /// A job's lock is held meanwhile, so that none starts there.
    private func remove(
        _ entry: FileTree.Entry, of subject: RetentionPolicy.Subject, in tree: FileTree
    ) throws -> Bool {
        guard subject == .jobs, entry.isFolder else {
            try tree.remove(entry)
            return true
        }
        return try FileLock.whileFree("\(paths.jobs)/\(entry.name)/lock") { try tree.remove(entry) } != nil
    }

    private func folder(of subject: RetentionPolicy.Subject) -> String? {
        switch subject {
        case .jobs: paths.jobs
        case .artifacts: paths.artifacts
        case .reports: paths.reports
        case .samples, .trainingLogs, .responses, .work, .daemons, .spend: nil
        }
    }

    private func isLeftover(_ name: String) -> Bool { name.hasPrefix(".") }

    /// Whether the entry is called as Fledge calls what it puts there.
    private func isUsual(_ entry: FileTree.Entry, of subject: RetentionPolicy.Subject) -> Bool {
        switch subject {
        case .jobs:
            entry.isFolder
                && entry.name.utf8.allSatisfy {
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
                }
        case .artifacts: entry.isFolder && Digest(rawValue: entry.name) != nil
        case .reports: !entry.isFolder && ["html", "md", "json"].contains((entry.name as NSString).pathExtension)
        case .samples, .trainingLogs, .responses, .work, .daemons, .spend: false
        }
    }

    // MARK: - Whose files they are

    /// Notes that the database was used with this state folder.
    ///
    /// - Parameter notes: false only looks.
    /// - Returns: whether it is the only one that ever was, as far as is known.
    /// - Throws: `state.databases_unreadable` where that can't be looked up: nothing is noted then.
    @discardableResult
    package func isOnlyDatabase(notes: Bool = true) async throws -> Bool {
        let identity = try await store.identity()
        if let noted = try noted(), noted.contains(identity) { return noted == [identity] }
        guard notes else { return try await known(with: identity) == [identity] }
        // Daemons that share the folder may note their databases at the same moment.
        do {
            return try await FileLock.holding(URL(filePath: paths.databases + ".lock"), within: .seconds(10)) { _ in
                let known = try await known(with: identity)
                try PrivateFile.write(Data((known.joined(separator: "\n") + "\n").utf8), to: paths.databases)
                return known == [identity]
            }
        } catch let error as ProcessError {
            throw FledgeError(
                "state.not_writable", error.message, place: paths.databases, hint: error.hint)
        }
    }

    /// The databases that are noted, with this one.
    private func known(with identity: String) async throws -> [String] {
        if let noted = try noted() { return noted.contains(identity) ? noted : noted + [identity] }
        // The folder holds files of an older version, which noted no databases, and none of the files is this
        // database's: so there was another one.
        return try await holdsOnlyUnknown() ? ["another", identity] : [identity]
    }

    /// The databases that are noted; nil where the file was never made. A file that can't be read, or is empty, is an
    /// error, since it may have named any database.
    private func noted() throws(FledgeError) -> [String]? {
        do throws(ProcessError) {
            guard let text = try WholeFile.text(paths.databases, isPlain: true) else { return nil }
            let lines = text.split(separator: "\n").map(String.init)
            guard !lines.isEmpty else { throw ProcessError(.fileSystem, "it is empty") }
            return lines
        } catch {
            throw FledgeError(
                unread: error, "state.databases_unreadable",
                "which databases have used the state folder can't be told, so no job and no adapter is taken away",
                place: paths.databases,
                hint: "mend or restore the file; remove it only if no other database has ever used this folder")
        }
    }

    private func holdsOnlyUnknown() async throws -> Bool {
        var found: [KeptFile] = []
        for subject in [RetentionPolicy.Subject.jobs, .artifacts] {
            guard let folder = folder(of: subject), let tree = try FileTree(folder) else { continue }
            let entries = try tree.entries().filter { isUsual($0, of: subject) }
            found += try await standing(of: entries, subject, olderThan: .zero).values
        }
        return !found.isEmpty && found.allSatisfy { $0 == .unknown }
    }
}

extension Duration {
    fileprivate var wholeSeconds: TimeInterval { TimeInterval(components.seconds) }
}
