import Foundation
import Glibc
import ManagedProcess

/// Programs of root's that run as users without rights, where no sandbox can be made.
extension StatePaths {
    /// Lets such programs pass through the state folder and the cache to what is theirs, and see nothing else there.
    ///
    /// A folder that holds other things too stays as it is: somebody may have named one that others must not pass.
    package func letProgramsPass() {
        if isStateOnly({ _ in }) { Passage.mark(state) }
        // A cache that others may enter has closed folders all the same.
        guard isCacheOnly, !Passage.mark(cache) else { return }
        for name in ["models", "python", "training-weights"] where (try? PrivateFolder.make("\(cache)/\(name)")) != nil
        {
            Passage.mark("\(cache)/\(name)")
        }
    }

    /// What such programs have to pass that is there, and is not opened to them: the folders above state and cache, and these
    /// two where they hold other things too.
    package var passedUnopened: [String] {
        let above = [state, cache].map { path in
            var current = (path as NSString).deletingLastPathComponent
            while access(current, F_OK) != 0, current != "/" {
                current = (current as NSString).deletingLastPathComponent
            }
            return current
        }
        return above + (isStateOnly({ _ in }) ? [] : [state]) + (isCacheOnly ? [] : [cache])
    }

    /// Whether nothing lies in the cache that is not Fledge's, nor the file system's own.
    private var isCacheOnly: Bool {
        let ours: Set = ["definitions", "digests", "lost+found", "models", "python", "training-weights"]
        let beginnings = ["server-", ".server-", "trainer-", ".trainer-"]
        let names = try? WholeFile.names(in: cache) ?? []
        return names?.allSatisfy { name in ours.contains(name) || beginnings.contains { name.hasPrefix($0) } } ?? false
    }
}
