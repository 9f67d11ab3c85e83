import Foundation
import Glibc

extension Sandbox {
    /// Where something is seen, and where it lies.
    package struct Place: Hashable, Sendable {
        private enum Kind: Hashable {
            case file(isWritable: Bool, isOptional: Bool)
            case device
            case link
        }

        package private(set) var path: String
        /// What it is, or what a link leads to.
        package private(set) var source: String
        private let kind: Kind

        /// - Parameter isOptional: nothing is seen where there is nothing.
        package init(
            _ path: String, from source: String? = nil, isWritable: Bool = false, isOptional: Bool = false
        ) {
            self.path = path
            self.source = source ?? path
            kind = .file(isWritable: isWritable, isOptional: isOptional)
        }

        /// Whether a program may write there.
        var isWritable: Bool {
            if case .file(isWritable: true, isOptional: _) = kind { true } else { false }
        }

        private init(_ path: String, _ source: String, _ kind: Kind) {
            self.path = path
            self.source = source
            self.kind = kind
        }

        /// A device, or a folder of devices.
        package static func device(_ path: String) -> Place { Place(path, path, .device) }

        /// A link, as it is outside.
        package static func link(_ path: String, to target: String) -> Place { Place(path, target, .link) }

        /// The arguments by which bubblewrap shows the place.
        ///
        /// - Parameter made: what is there already.
        func words(_ made: inout Set<String>) -> [String] {
            // What is below the system's programs is there already.
            let isSystems = (path + "/").hasPrefix("/usr/")
            let above = Self.folders(to: (path as NSString).deletingLastPathComponent, &made)
            switch kind {
            case .file(isWritable: false, isOptional: _) where isSystems && source == path: return []
            case .file(let isWritable, let isOptional):
                return above + [(isWritable ? "--bind" : "--ro-bind") + (isOptional ? "-try" : ""), source, path]
            case .device: return above + ["--dev-bind-try", source, path]
            case .link: return made.insert(path).inserted ? above + ["--symlink", source, path] : []
            }
        }

        static func folders(to path: String, _ made: inout Set<String>) -> [String] {
            var words: [String] = []
            var current = ""
            for part in path.split(separator: "/") {
                current += "/\(part)"
                if !current.hasPrefix("/usr/"), made.insert(current).inserted { words += ["--dir", current] }
            }
            return words
        }
    }

    /// The system's programs and libraries, as this machine has them, and what tells where those lie.
    static var system: [String] {
        var words = ["--ro-bind", "/usr", "/usr", "--dir", "/etc"]
        for path in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] {
            if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) {
                words += ["--symlink", target, path]
            } else {
                words += ["--ro-bind-try", path, path]
            }
        }
        for path in ["/etc/ld.so.cache", "/etc/alternatives", "/nix/store", "/gnu/store"] {
            words += ["--ro-bind-try", path, path]
        }
        return words
    }

    /// What `localhost` is found by, which processes that compute together call each other by.
    static var names: [Place] {
        ["/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf"].map { Place($0, isOptional: true) }
    }

    /// What computes on this machine besides the processor: NVIDIA's, AMD's and Intel's devices, and what drives them.
    package static var devices: [Place] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/dev")) ?? []
        let found = names.filter { $0.hasPrefix("nvidia") || ["dri", "kfd", "dxg", "accel"].contains($0) }.sorted()
        guard !found.isEmpty else { return [] }
        let libraries = ((try? FileManager.default.contentsOfDirectory(atPath: "/opt")) ?? [])
            .filter { $0.hasPrefix("rocm") || $0 == "intel" }.sorted()
        return found.map { .device("/dev/\($0)") } + libraries.map { Place("/opt/\($0)") }
    }

    /// The groups that may use the devices, where not everybody may.
    static func groups(of devices: [Place]) -> [gid_t] {
        var groups: Set<gid_t> = []
        for place in devices where place.path.hasPrefix("/dev/") {
            let inner = (try? FileManager.default.subpathsOfDirectory(atPath: place.path)) ?? []
            for path in [place.path] + inner.map({ "\(place.path)/\($0)" }) {
                var status = stat()
                guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFCHR else { continue }
                // Root's own group is left out: it opens more than a device.
                if status.st_mode & 0o066 == 0o060, status.st_gid != 0 { groups.insert(status.st_gid) }
            }
        }
        return groups.sorted()
    }
}
