import FledgeCore
import Foundation
import Glibc

/// The folders that no data file is read from, whatever a definition says.
package struct DataPlaces: Hashable, Sendable {
    private var refused: [String]

    /// The folders whose files the kernel makes up, about processes and devices.
    package static let system = DataPlaces(refused: ["/proc", "/sys", "/dev"])

    private init(refused: [String]) {
        self.refused = refused
    }

    /// - Parameter folders: more of them, such as those that a daemon keeps its own files in.
    package func refusing(_ folders: [String]) -> DataPlaces { DataPlaces(refused: refused + folders) }

    /// - Throws: `data.not_allowed` (exit 65) for a path that is in one of them, or that links lead into one. Whether there is
    ///   such a file is not told.
    func check(_ path: String) throws(FledgeError) {
        try check(path, named: path)
    }

    /// Looks once more at what was opened: a link may have been changed meanwhile.
    func check(_ handle: FileHandle, named path: String) throws(FledgeError) {
        guard
            let opened = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/self/fd/\(handle.fileDescriptor)")
        else { return }
        try check(opened, named: path)
    }

    private func check(_ place: String, named path: String) throws(FledgeError) {
        let place = Self.withoutLinks(place)
        // `/dev/shm` holds plain files, in memory.
        if place.hasPrefix("/dev/shm/") { return }
        for folder in refused {
            let folder = Self.withoutLinks(folder)
            guard place == folder || place.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/") else { continue }
            throw FledgeError(
                "data.not_allowed", "data is not read from the folders of a daemon or of the kernel", place: path,
                hint: "copy the file to a folder of your own, and name it there")
        }
    }

    /// The path behind all links, as far as there are files.
    private static func withoutLinks(_ path: String) -> String {
        var there = URL(filePath: path).standardizedFileURL.path
        var rest: [String] = []
        while there != "/" {
            if let real = realpath(there, nil) {
                defer { free(real) }
                return ([String(cString: real)] + rest.reversed()).joined(separator: "/")
            }
            let url = URL(filePath: there)
            rest.append(url.lastPathComponent)
            there = url.deletingLastPathComponent().standardizedFileURL.path
        }
        return "/" + rest.reversed().joined(separator: "/")
    }
}
