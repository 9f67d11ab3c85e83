import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Glibc
import ManagedProcess

/// Fetches the weights of a repository into a folder that is there whole or not at all.
///
/// They come into `FOLDER.partial`, which a later fetch of the same commit goes on with, and which is renamed at the end. A
/// mark in it tells the commit, and stays.
struct ModelFetch: Sendable {
    /// What was fetched, and where it lies.
    struct Fetched: Hashable, Sendable {
        var folder: String
        var repository: String
        var commit: String
        var files: Int
        /// In bytes.
        var size: Int64
        /// Whether it was there before.
        var wasThere = false

        var weights: WeightsDefinition {
            .huggingFace(folder: folder, repository: repository, revision: commit)
        }

        /// As a definition has it.
        var words: String {
            ".huggingFace(\(String(reflecting: folder)), repository: \"\(repository)\", revision: \"\(commit)\")"
        }
    }

    let client: HubClient
    /// An absolute path.
    let folder: URL
    var progress = FetchProgress()
    var attempts = 5
    var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// The bytes that are free where the folder is to be; nil where that is not known.
    var freeSpace: @Sendable (URL) -> Int64? = { folder in
        var status = statvfs()
        guard statvfs(folder.path, &status) == 0 else { return nil }
        let (bytes, overflows) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflows ? nil : Int64(clamping: bytes)
    }

    private static let lockName = ".lock"
    private static let markName = ".commit"

    /// Where the folder lies: a link to it stays one.
    private var target: URL { folder.resolvingSymlinksInPath() }
    private var partial: URL { target.appendingPathExtension("partial") }
    private var lock: URL { partial.appending(path: Self.lockName) }
    private var mark: URL { partial.appending(path: Self.markName) }

    /// - Throws: `hub.…`, `fetch.…`. The same call goes on where it ended.
    func run() async throws -> Fetched {
        let listing = try await listing()
        let files = try listing.files(of: client.repository)
        if let fetched = try alreadyThere(files, listing.sha) { return fetched }
        do {
            return try await FileLock.holding(
                lock, waiting: { Console.error("waiting for another fetch into \(folder.path)") }
            ) { _ in
                do {
                    return try await fetch(files, at: listing.sha)
                } catch {
                    tidy()
                    throw error
                }
            }
        } catch let error as ProcessError {
            throw FledgeError(
                "fetch.cannot_write", error.message, place: folder.path,
                hint: "name a folder with --to that may be written")
        }
    }

    private func listing() async throws -> HubListing {
        var failures = 0
        while true {
            do {
                return try await client.listing()
            } catch let error as FledgeError where error.disposition == .transient {
                failures += 1
                guard failures < attempts else { throw error }
                progress.notice("\(error.message): trying again")
                try await pause(.seconds(1 << min(failures - 1, 4)))
            }
        }
    }

    private func fetched(_ files: [HubFile], _ commit: String) -> Fetched {
        Fetched(
            folder: folder.path, repository: client.repository.name, commit: commit, files: files.count,
            size: files.map(\.size).reduce(0, +))
    }

    /// - Returns: nil where the folder isn't there, or is empty.
    /// - Throws: `fetch.folder_taken` where it holds anything else.
    private func alreadyThere(_ files: [HubFile], _ commit: String) throws(FledgeError) -> Fetched? {
        guard FileManager.default.fileExists(atPath: folder.path) else { return nil }
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        if names?.isEmpty == true { return nil }
        // Where the hub has no digest of a file, only its size is known, which the file of another commit may share.
        let noted = try? String(contentsOf: folder.appending(path: Self.markName), encoding: .utf8)
        let isOther = noted.map { !$0.hasSuffix("@\(commit)") } ?? false
        var isWhole = !isOther
        for file in files where isWhole {
            isWhole = try HubDownload.isWhole(file, at: folder.appending(path: file.name))
        }
        guard isWhole else {
            throw FledgeError(
                "fetch.folder_taken",
                "something else than \(client.repository.name) at \(commit.prefix(12)) lies there", place: folder.path,
                hint: "name another folder with --to, or remove it")
        }
        var fetched = fetched(files, commit)
        fetched.wasThere = true
        return fetched
    }

    /// Keeps what was fetched of the same commit, and removes what was fetched of another.
    private func prepare(_ commit: String) throws(FledgeError) {
        let files = FileManager.default
        let wanted = "\(client.repository.page)@\(commit)"
        let names = ((try? files.contentsOfDirectory(atPath: partial.path)) ?? [])
            .filter { $0 != Self.lockName }
        let noted = try? String(contentsOf: mark, encoding: .utf8)
        guard names.isEmpty || noted != nil else {
            try? files.removeItem(at: lock)
            throw FledgeError(
                "fetch.folder_taken", "something else than a fetch lies there", place: partial.path,
                hint: "name another folder with --to, or remove it")
        }
        if noted == wanted { return }
        try HubDownload.writing(to: partial) {
            // The mark stays until it is overwritten: without it the rest would be nobody's.
            for name in names where name != Self.markName {
                try files.removeItem(at: partial.appending(path: name))
            }
            try Data(wanted.utf8).write(to: mark)
        }
    }

    /// Under the lock.
    private func fetch(_ files: [HubFile], at commit: String) async throws -> Fetched {
        // Another fetch may have ended meanwhile.
        if let fetched = try alreadyThere(files, commit) {
            tidy()
            return fetched
        }
        try prepare(commit)
        let download = HubDownload(
            client: client, folder: partial, progress: progress, attempts: attempts, pause: pause)
        try await fetch(files, at: commit, by: download)
        try finish()
        return fetched(files, commit)
    }

    private func fetch(_ files: [HubFile], at commit: String, by download: HubDownload) async throws {
        let total = files.map(\.size).reduce(0, +)
        let present = files.map(download.present).reduce(0, +)
        if let free = freeSpace(partial), free < total - present {
            throw FledgeError(
                "fetch.no_space",
                "\(ValueText.bytes(total - present)) are to come, and \(ValueText.bytes(free)) are free",
                place: partial.path, hint: "free space there, or name another folder with --to")
        }
        progress.begin(total: total, present: present)
        defer { progress.end() }
        for file in files {
            progress.file(file.name)
            try await download.fetch(file, at: commit)
        }
    }

    /// Removes the folder where nothing has come.
    private func tidy() {
        let names = try? FileManager.default.contentsOfDirectory(atPath: partial.path)
        guard let names, names.allSatisfy({ [Self.lockName, Self.markName].contains($0) }) else { return }
        unlink(mark.path)
        unlink(lock.path)
        // Refused where another fetch has begun meanwhile.
        rmdir(partial.path)
    }

    /// Takes the place of an empty folder, or of none, in one step: what has come is in the one or in the other.
    ///
    /// - Throws: `fetch.folder_taken`, `fetch.cannot_write`.
    private func finish() throws(FledgeError) {
        guard rename(partial.path, target.path) == 0 else {
            let number = errno
            if [ENOTEMPTY, EEXIST, ENOTDIR].contains(number) {
                throw FledgeError(
                    "fetch.folder_taken", "something else was put there while the weights came", place: folder.path,
                    hint: "remove it, and the same command goes on: what came is in \(partial.path)")
            }
            throw FledgeError(
                "fetch.cannot_write",
                "what came cannot take the folder's name: \(String(cString: strerror(number)))", place: folder.path,
                hint: number == EBUSY
                    ? "something is mounted there: name a folder below it with --to"
                    : "mend that, and the same command goes on: what came is in \(partial.path)")
        }
        unlink(target.appending(path: Self.lockName).path)
    }
}
