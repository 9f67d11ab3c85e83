import Crypto
import Foundation

/// A virtual environment that holds an exact set of packages, made once and shared by everything that asks for the same.
package struct PythonEnvironment: Sendable {
    /// What to install. Both texts are in pip's requirements format.
    package struct Requirements: Hashable, Sendable {
        package var packages: String
        /// Installed afterwards without what they depend on.
        package var withoutDependencies: String

        package init(packages: String, withoutDependencies: String = "") {
            self.packages = packages
            self.withoutDependencies = withoutDependencies
        }
    }

    /// The environment's root.
    package let directory: URL
    /// The environment's interpreter.
    package var python: URL { directory.appending(path: "bin/python") }

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
        let key = digest(python.version, requirements.packages, requirements.withoutDependencies)
        let root = directory.appending(path: "\(name)-\(key)")
        let environment = PythonEnvironment(directory: root)
        let marker = root.appending(path: ".ready")
        if FileManager.default.fileExists(atPath: marker.path) { return environment }

        let waiting: @Sendable () -> Void = { progress("waiting for another process that installs \(name)") }
        return try await FileLock.holding(directory.appending(path: "\(name)-\(key).lock"), waiting: waiting) {
            if FileManager.default.fileExists(atPath: marker.path) { return environment }
            let log = directory.appending(path: "\(name)-\(key).log")
            progress("making the Python environment \(name)")
            try? FileManager.default.removeItem(at: root)
            try await create(root, python: python, log: log)
            try await environment.install(requirements, name: name, log: log, progress: progress)
            do {
                try Data(key.utf8).write(to: marker, options: .atomic)
            } catch {
                throw ProcessError(.fileSystem, "\(marker.path) can't be written: \(error)")
            }
            progress("the Python environment \(name) is ready")
            return environment
        }
    }

    /// A command that runs with this environment's interpreter, untouched by the user's own Python settings.
    package func command(_ arguments: [String], environment: [String: String?] = [:]) -> Command {
        Command(python.path, arguments, environment: Self.clean.merging(environment) { $1 })
    }

    private static let clean: [String: String?] = [
        "PYTHONPATH": nil, "PYTHONHOME": nil, "VIRTUAL_ENV": nil, "PYTHONNOUSERSITE": "1",
    ]

    private static func create(_ root: URL, python: PythonInterpreter, log: URL) async throws {
        let exit = try await Command(
            python.path, ["-m", "venv", "--clear", root.path], environment: clean
        ).run(logging: log)
        guard exit.isSuccess else {
            throw ProcessError(
                .venvMissing, "Python \(python.version) at \(python.path) can't make a virtual environment: \(exit)",
                hint: "\(PythonInterpreter.venvHint) The output is in \(log.path).")
        }
    }

    private func install(
        _ requirements: Requirements, name: String, log: URL, progress: @Sendable (String) -> Void
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
                    + options + ["-r", list.path]
            ).run(logging: log)
            guard exit.isSuccess else {
                throw ProcessError(
                    .installFailed, "pip could not install the packages of \(name): \(Self.lastError(in: log))",
                    hint: "Check the network and pip's configuration, then try again. All output is in \(log.path).")
            }
        }
    }

    private static func digest(_ parts: String...) -> String {
        var hash = SHA256()
        for part in parts {
            hash.update(data: Data(part.utf8))
            hash.update(data: [0])
        }
        return hash.finalize().prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// pip's own last words, which say more than its exit status.
    private static func lastError(in log: URL) -> String {
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n")
        return String(lines.last { $0.hasPrefix("ERROR:") } ?? lines.last ?? "it wrote nothing")
    }
}
