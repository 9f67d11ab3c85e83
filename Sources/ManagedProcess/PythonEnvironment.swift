import Crypto
import Foundation
import Glibc

/// A virtual environment that holds an exact set of packages, made once and shared by everything that asks for the same.
package struct PythonEnvironment: Sendable {
    /// What to install. Both texts are in pip's requirements format.
    package struct Requirements: Hashable, Sendable {
        package var packages: String
        /// Installed afterwards without what they depend on.
        package var withoutDependencies: String
        /// A source distribution of which some files are kept, uninstalled, in ``PythonEnvironment/sources``.
        package var source: Source?

        package init(packages: String, withoutDependencies: String = "", source: Source? = nil) {
            self.packages = packages
            self.withoutDependencies = withoutDependencies
            self.source = source
        }
    }

    /// Files of a package that its wheel leaves out.
    package struct Source: Hashable, Sendable {
        /// With its version, as in `name==1.0`.
        package var package: String
        /// The folder below the archive's own from which files are taken.
        package var folder: String
        /// What begins with one of these, below `folder`, is kept.
        package var kept: [String]

        package init(package: String, folder: String, kept: [String]) {
            self.package = package
            self.folder = folder
            self.kept = kept
        }
    }

    /// The environment's root.
    package let directory: URL
    /// The environment's interpreter.
    package var python: URL { directory.appending(path: "bin/python") }

    /// Where the files of a source distribution lie.
    package var sources: URL { directory.appending(path: "sources", directoryHint: .isDirectory) }

    /// Finds or makes the environment for these requirements below `directory`.
    ///
    /// Its folder is named after the requirements' digest and the version of Python. One process makes it while the
    /// others wait. A virtual environment can't be moved, so it is made in its final place; a marker written last says
    /// that it is whole, and without the marker it is made again. pip obeys the user's own configuration.
    package static func prepare(
        name: String, requirements: Requirements, directory: URL, interpreter: String? = nil,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> PythonEnvironment {
        let python = try await PythonInterpreter.find(preferred: interpreter)
        let key = key(of: requirements, python)
        let root = directory.appending(path: "\(name)-\(key)")
        let environment = PythonEnvironment(directory: root)
        let marker = root.appending(path: ".ready")
        if FileManager.default.fileExists(atPath: marker.path) { return environment }

        let waiting: @Sendable () -> Void = { progress("waiting for another process that installs \(name)") }
        return try await FileLock.holding(directory.appending(path: "\(name)-\(key).lock"), waiting: waiting) { lock in
            if FileManager.default.fileExists(atPath: marker.path) { return environment }
            let log = directory.appending(path: "\(name)-\(key).log")
            progress("making the Python environment \(name)")
            try? FileManager.default.removeItem(at: root)
            try await create(root, python: python, log: log, holding: lock)
            try await environment.install(requirements, name: name, log: log, holding: lock, progress: progress)
            do {
                try Data(key.utf8).write(to: marker, options: .atomic)
            } catch {
                throw ProcessError(.fileSystem, "\(marker.path) can't be written: \(error)")
            }
            progress("the Python environment \(name) is ready")
            return environment
        }
    }

    /// The one of a name below a folder that was made last; nil where there is none.
    package static func newest(_ name: String, in directory: URL) -> PythonEnvironment? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        let made = names.filter { $0.hasPrefix(name + "-") }.compactMap { name -> (URL, Int)? in
            let root = directory.appending(path: name, directoryHint: .isDirectory)
            var status = stat()
            return stat(root.path + "/.ready", &status) == 0 ? (root, status.st_mtim.tv_sec) : nil
        }
        return made.max { ($0.1, $0.0.path) < ($1.1, $1.0.path) }.map { PythonEnvironment(directory: $0.0) }
    }

    /// One without packages, and without pip.
    static func bare(in directory: URL) async throws -> PythonEnvironment {
        let python = try await PythonInterpreter.find()
        let result = try await Command(
            python.path, ["-m", "venv", "--without-pip", directory.path], environment: clean(installs: true),
            inheritsEnvironment: false
        ).run(timeout: .seconds(120))
        guard result.exit.isSuccess else {
            throw ProcessError(.venvMissing, "\(python.path) can't make a virtual environment: \(result.exit)")
        }
        return PythonEnvironment(directory: directory)
    }

    /// What the folder of an environment is named after, besides its name.
    static func key(of requirements: Requirements, _ python: PythonInterpreter) -> String {
        let source = requirements.source.map { [$0.package, $0.folder] + $0.kept } ?? []
        return digest([python.version, requirements.packages, requirements.withoutDependencies] + source)
    }

    /// A command that runs with this environment's interpreter, untouched by the user's own Python settings, and without
    /// this process's secrets.
    package func command(_ arguments: [String], environment: [String: String] = [:]) -> Command {
        command(arguments, environment, installs: false)
    }

    private func command(_ arguments: [String], _ environment: [String: String] = [:], installs: Bool) -> Command {
        Command(
            python.path, arguments, environment: Self.clean(installs: installs).merging(environment) { $1 },
            inheritsEnvironment: false)
    }

    private static func clean(installs: Bool) -> [String: String] {
        ChildEnvironment.kept(installs: installs).merging(["PYTHONNOUSERSITE": "1"]) { $1 }
    }

    private static func create(_ root: URL, python: PythonInterpreter, log: URL, holding lock: FileLock) async throws {
        let exit = try await Command(
            python.path, ["-m", "venv", "--clear", root.path], environment: clean(installs: true),
            inheritsEnvironment: false
        ).run(logging: log, holding: lock)
        guard exit.isSuccess else {
            throw ProcessError(
                .venvMissing, "Python \(python.version) at \(python.path) can't make a virtual environment: \(exit)",
                hint: "\(PythonInterpreter.venvHint) The output is in \(log.path).")
        }
    }

    private func install(
        _ requirements: Requirements, name: String, log: URL, holding lock: FileLock,
        progress: @Sendable (String) -> Void
    ) async throws {
        for (text, options) in [(requirements.packages, []), (requirements.withoutDependencies, ["--no-deps"])] {
            let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { !$0.isEmpty && !$0.hasPrefix("#") }
            if lines.isEmpty { continue }
            progress("installing \(lines.joined(separator: ", "))")
            let list = directory.appending(path: options.isEmpty ? "requirements.txt" : "requirements-no-deps.txt")
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: list)
            let exit = try await command(
                ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
                    + options + ["-r", list.path], installs: true
            ).run(logging: log, holding: lock)
            guard exit.isSuccess else {
                throw ProcessError(
                    .installFailed, "pip could not install the packages of \(name): \(Self.lastError(in: log))",
                    hint: "Check the network and pip's configuration, then try again. All output is in \(log.path).")
            }
        }
        if let source = requirements.source {
            try await unpack(source, name: name, log: log, holding: lock, progress: progress)
        }
    }

    /// pip fetches the archive, which obeys the user's configuration; of its content only the files that are kept are written.
    private func unpack(
        _ source: Source, name: String, log: URL, holding lock: FileLock, progress: @Sendable (String) -> Void
    ) async throws {
        progress("fetching the sources of \(source.package)")
        let project = String(source.package.prefix { $0 != "=" })
        let download = directory.appending(path: "download")
        let fetched = try await command(
            [
                "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps",
                "--no-binary", project, "--dest", download.path, source.package,
            ], installs: true
        ).run(logging: log, holding: lock)
        let unpacked =
            fetched.isSuccess
            ? try await command(
                ["-c", Self.unpacking, download.path, sources.path, source.folder] + source.kept
            ).run(logging: log, holding: lock) : fetched
        guard unpacked.isSuccess else {
            throw ProcessError(
                .installFailed, "the sources of \(source.package) could not be had: \(Self.lastError(in: log))",
                hint: "Check the network and pip's configuration, then try again. All output is in \(log.path).")
        }
        try? FileManager.default.removeItem(at: download)
    }

    private static let unpacking = """
        import pathlib, sys, tarfile
        download, target, folder, *kept = sys.argv[1:]
        [archive] = pathlib.Path(download).iterdir()
        with tarfile.open(archive) as tar:
            for member in tar:
                path = pathlib.PurePosixPath(member.name)
                if not member.isfile() or ".." in path.parts:
                    continue
                try:
                    inner = pathlib.PurePosixPath(*path.parts[1:]).relative_to(folder)
                except ValueError:
                    continue
                if not any(str(inner).startswith(start) for start in kept):
                    continue
                file = pathlib.Path(target, inner)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(tar.extractfile(member).read())
        """

    private static func digest(_ parts: [String]) -> String {
        var hash = SHA256()
        for part in parts {
            hash.update(data: Data(part.utf8))
            hash.update(data: [0])
        }
        return hash.finalize().prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// pip's own last words, which say more than its exit status.
    private static func lastError(in log: URL) -> String {
        let end = (try? ForeignFile(log.path)?.tail(1 << 16)) ?? Data()
        let lines = String(decoding: end, as: UTF8.self).split(separator: "\n")
        return String(lines.last { $0.hasPrefix("ERROR:") } ?? lines.last ?? "it wrote nothing")
    }
}
