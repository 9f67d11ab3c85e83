import FledgeCore
import Foundation
import Glibc
import ManagedProcess

extension StatePaths {
    /// Closes folders that an earlier version left open to other users. Below the cache folder nothing has to be
    /// closed, since that folder itself is.
    ///
    /// Of a state folder that holds other things too, only what is Fledge's by its place and its name is closed, and the rest
    /// is left alone: somebody may have named a folder that others need.
    ///
    /// - Parameter problem: is told once for each thing that others can still enter, in a line that is safe to show.
    /// - Returns: what others could enter, and cannot now.
    /// - Throws: `state.not_private`.
    package func close(
        passableBy group: gid_t? = nil, problem: (String) -> Void = { _ in }
    ) throws(FledgeError) -> [String] {
        var closed: [String] = []
        if !isCacheChosen, PrivateFolder.close(cache) { closed.append(cache) }
        guard isStateOnly(problem) else { return closed + closeOwn(problem) }
        if PrivateFolder.close(state, passableBy: group) { closed.append(state) }
        tellOpen(state, passableBy: group, problem)
        do {
            for folder in [logs, jobs, artifacts, reports, audit] {
                // What lies in a closed folder is out of reach.
                if PrivateFolder.close(folder) {
                    closed.append(folder)
                    _ = try FileTree(Self.real(folder))?.closeAll()
                }
                tellOpen(folder, problem)
            }
        } catch {
            throw FledgeError("state.not_private", error.message, hint: error.hint, exitCode: .cannotWrite)
        }
        return closed
    }

    /// Whether nothing lies in the state folder that is not Fledge's, nor the file system's own.
    func isStateOnly(_ problem: (String) -> Void) -> Bool {
        let ours: Set = ["artifacts", "audit", "jobs", "log", "lost+found", "postgres", "reports", "run", "uploads"]
        do {
            return try (WholeFile.names(in: state) ?? []).allSatisfy {
                ours.contains($0) || $0.hasPrefix("fledge") || $0.hasPrefix("postgres-")
            }
        } catch {
            problem(InertText.line(error.message))
            return false
        }
    }

    /// Closes what is Fledge's of a state folder that holds other things too.
    private func closeOwn(_ problem: (String) -> Void) -> [String] {
        var closed: [String] = []
        var hasWork = access(databases, F_OK) == 0
        func take(_ folder: String, _ isOwn: (FileTree.Entry) -> Bool) {
            do throws(ProcessError) {
                guard let tree = try FileTree(Self.real(folder)) else { return }
                let all = try tree.entries()
                let own = all.filter(isOwn)
                if folder == jobs || folder == artifacts, !own.isEmpty { hasWork = true }
                // An empty folder of that name may be anybody's.
                guard !own.isEmpty else { return }
                if own.count == all.count {
                    if PrivateFolder.close(folder) {
                        closed.append(folder)
                        _ = try tree.closeAll()
                    }
                    return tellOpen(folder, problem)
                }
                for entry in own {
                    do throws(ProcessError) {
                        if try tree.closeAll(of: entry) > 0 { closed.append("\(folder)/\(entry.name)") }
                    } catch { problem(InertText.line(error.message)) }
                }
                tellOpen(folder, problem)
            } catch { problem(InertText.line(error.message)) }
        }
        take(logs) { !$0.isFolder && $0.name.hasPrefix("fledged.log") }
        take(audit) { !$0.isFolder && $0.name.hasPrefix("heads") && $0.name.contains(".jsonl") }
        take(jobs) { $0.isFolder && access("\(jobs)/\($0.name)/job.json", F_OK) == 0 }
        take(artifacts) { $0.isFolder && ($0.name.hasPrefix(".partial-") || Digest(rawValue: $0.name) != nil) }
        // A report's file could be anybody's, where no other file shows that Fledge has used this folder.
        if hasWork {
            take(reports) { !$0.isFolder && ["html", "md", "json"].contains(($0.name as NSString).pathExtension) }
            tellOpen(state, problem)
        }
        return closed
    }

    private func tellOpen(_ folder: String, passableBy group: gid_t? = nil, _ problem: (String) -> Void) {
        var status = stat()
        guard stat(folder, &status) == 0 else {
            if errno != ENOENT { problem(InertText.line("\(folder): \(String(cString: strerror(errno)))")) }
            return
        }
        let others = status.st_mode & 0o077 & (group == status.st_gid || Passage.isMarked(folder) ? ~0o010 : 0o777)
        guard others != 0 else { return }
        let why =
            status.st_uid != geteuid()
            ? "it belongs to another user (\(status.st_uid))"
            : status.st_mode & S_ISVTX != 0
                ? "everybody may put things there" : "it holds other things too, or its rights can't be changed"
        problem(InertText.line("\(folder) stays open to other users: \(why)"))
    }

    /// A link in a folder's place is somebody's choice.
    private static func real(_ folder: String) -> String {
        URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
    }
}
