import FledgeCore
import Foundation
import Glibc
import ManagedProcess

/// Weights as a program in a sandbox sees them: where they lie, and to be read.
package struct WeightsPlaces: Sendable {
    /// A GGUF file, or a folder as the Hugging Face hub has it.
    private let path: String

    package init(_ path: String) { self.path = path }

    /// Nothing is seen where there is nothing: the program says it best.
    package var all: [Sandbox.Place] {
        guard isFolder else { return parts.map { .init($0, isOptional: true) } }
        // Links lead out of the folder, as they do in the hub's cache: the files are seen in their place.
        return hasLinks ? files.map { .init($0) } : [.init(path)]
    }

    /// What a program reads of them: a folder and the files in it, each of which has rights of its own.
    package var read: [Sandbox.Place] {
        isFolder ? [.init(path)] + files.map { .init($0) } : all
    }

    /// Refuses weights that the program's user can't read: a sandbox shows files, and changes no rights.
    ///
    /// - Parameter program: a sentence's subject, such as `the trainer`.
    /// - Throws: `model.weights_unreadable`.
    package func check(in workplace: PythonWorkplace, for program: String) async throws {
        guard let user = workplace.otherUser else { return }
        // What is missing is told of by the program, and of a folder with links only the files are shown.
        let asked = (hasLinks ? all : read).filter { FileManager.default.fileExists(atPath: $0.path) }
        let unreadable: String?
        do { unreadable = try await workplace.unreadable(among: asked) } catch let error as ProcessError {
            throw FledgeError(error)
        }
        guard let unreadable else { return }
        throw FledgeError(
            "model.weights_unreadable", "\(program) runs as user \(user), who can't read the weights",
            place: Self.real(unreadable), hint: hint(for: unreadable, user: user))
    }

    /// What lets a user read what it can't, where it lies: neither command goes through the links of a folder. The folders
    /// above need no change, since the sandbox shows files without them.
    package func hint(for unreadable: String, user: UInt32) -> String {
        let (file, folder) = (Self.real(unreadable), Self.real(path))
        var closed = file
        if file == folder || file.hasPrefix(folder + "/") {
            closed = folder
        } else if isFolder {
            // In the hub's cache all links of a model lead to one folder.
            let above = Set(files.map { (Self.real($0) as NSString).deletingLastPathComponent })
            if let only = above.first, above.count == 1 { closed = only }
        }
        let quoted = "'" + closed.replacing("'", with: "'\\''") + "'"
        let words = closed.allSatisfy { $0.isLetter || $0.isNumber || "/._-+@:".contains($0) } ? closed : quoted
        return "let it read them: setfacl -R -m u:\(user):rX \(words), or chmod -R a+rX \(words)"
    }

    /// Where it lies, behind all links.
    private static func real(_ path: String) -> String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }

    private var isFolder: Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The plain files directly in the folder, those that links lead to included.
    private var files: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.sorted().map { "\(path)/\($0)" }.filter {
            var status = stat()
            return stat($0, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }
    }

    private var hasLinks: Bool {
        files.contains { (try? FileManager.default.destinationOfSymbolicLink(atPath: $0)) != nil }
    }

    /// The file, with the others of a model that is split: `name-00001-of-00003.gguf`.
    private var parts: [String] {
        guard let match = path.wholeMatch(of: /(.*-)\d{5}(-of-(\d{5})\.gguf)/), let count = Int(match.3),
            (1...1000).contains(count)
        else { return [path] }
        return (1...count).map { number in
            let digits = String(number)
            return match.1 + String(repeating: "0", count: 5 - digits.count) + digits + match.2
        }
    }
}
