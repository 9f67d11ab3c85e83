import Foundation
import Glibc

/// Links that lead out of what a sandbox shows. In it folders on the way are plain ones: `..` is the folder above by name.
extension Sandbox.Place {
    /// The file with all links on the way to it, which some programs find themselves by.
    package static func followed(_ path: String) -> [Sandbox.Place] {
        var places: [Sandbox.Place] = []
        var (inside, outside) = (path, path)
        // The kernel follows at most 40 links.
        for _ in 0..<40 {
            inside = named((inside as NSString).lastPathComponent, in: (inside as NSString).deletingLastPathComponent)
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: outside) else { break }
            // Below the system's programs all is there.
            if !inside.hasPrefix("/usr/") { places.append(.link(inside, to: target)) }
            inside = plain(target, from: inside)
            outside = target.hasPrefix("/") ? target : (outside as NSString).deletingLastPathComponent + "/" + target
        }
        return places + [shown(at: inside, of: outside)]
    }

    /// A folder of libraries, and what links in it lead to elsewhere. Nothing is shown where there is nothing.
    ///
    /// - Parameter isDeep: whether folders below it are looked through too, but for packages.
    package static func libraries(_ folder: String, isDeep: Bool) -> [Sandbox.Place] {
        var places: [Sandbox.Place] = []
        var shown: [String] = []
        var waiting = [(inside: folder, outside: folder)]
        // The bound is far above what any folder of libraries has.
        while let next = waiting.popLast(), places.count < 1_000 {
            let inside = leavingSystem(next.inside)
            if isSystems(inside) || shown.contains(where: { (inside + "/").hasPrefix($0 + "/") }) { continue }
            guard let real = real(next.outside), isMeant(real, for: folder) else { continue }
            places.append(real == self.real(inside) ? .init(inside, isOptional: true) : .init(inside, from: real))
            shown.append(inside)
            for link in links(in: real, isDeep: isDeep) {
                guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(real)/\(link)") else {
                    continue
                }
                waiting.append((plain(target, from: "\(inside)/\(link)"), "\(real)/\(link)"))
            }
        }
        return places
    }

    private static func named(_ name: String, in folder: String) -> String {
        (folder == "/" ? "" : leavingSystem(folder)) + "/" + name
    }

    private static func shown(at inside: String, of outside: String) -> Sandbox.Place {
        guard let found = real(outside), found != real(inside) else { return .init(inside) }
        return .init(inside, from: found)
    }

    /// A link may lead to more than libraries: to the root, somebody's home, or what the folder itself lies in.
    private static func isMeant(_ real: String, for folder: String) -> Bool {
        let home = ProcessInfo.processInfo.environment["HOME"].flatMap(self.real) ?? "/root"
        return real.split(separator: "/").count > 1
            && ![home, (self.real(folder) as NSString?)?.deletingLastPathComponent ?? home].contains {
                ($0 + "/").hasPrefix(real + "/")
            }
    }

    /// What the sandbox shows anyway, or has of its own.
    private static func isSystems(_ path: String) -> Bool {
        let folders = ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "nix/store", "gnu/store"]
        return (folders + ["etc/alternatives", "proc", "dev", "sys"]).contains {
            (path + "/").hasPrefix("/\($0)/")
        }
    }

    /// Where the path leads by links among the system's programs, which are there and may lead out of them.
    private static func leavingSystem(_ path: String) -> String {
        var current = path
        for _ in 0..<40 {
            guard current.hasPrefix("/usr/") else { return current }
            var start = ""
            var isLink = false
            let parts = current.split(separator: "/")
            for (place, part) in parts.enumerated() {
                start += "/\(part)"
                guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: start) else { continue }
                current = ([plain(target, from: start)] + parts[(place + 1)...].map(String.init)).joined(separator: "/")
                isLink = true
                break
            }
            if !isLink { return current }
        }
        return current
    }

    /// Where a link's target is, by name alone.
    private static func plain(_ target: String, from link: String) -> String {
        var parts = target.hasPrefix("/") ? [] : link.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return "/" + parts.joined(separator: "/")
    }

    private static func real(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    /// The links in a folder, by their paths in it.
    private static func links(in folder: String, isDeep: Bool) -> [String] {
        var found: [String] = []
        var folders = [""]
        while let below = folders.popLast() {
            guard let stream = opendir("\(folder)/\(below)") else { continue }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if [".", "..", "__pycache__", "dist-packages", "site-packages", "test"].contains(name) { continue }
                let path = below + name
                var status = stat()
                guard lstat("\(folder)/\(path)", &status) == 0 else { continue }
                switch status.st_mode & S_IFMT {
                case S_IFLNK: found.append(path)
                case S_IFDIR where isDeep: folders.append(path + "/")
                default: continue
                }
            }
        }
        return found.sorted()
    }
}
