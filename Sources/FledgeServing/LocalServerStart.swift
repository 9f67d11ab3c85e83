import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Glibc
import Logging
import ManagedProcess

/// One start of llama.cpp's server: in a sandbox that shows the weights and the adapters that it is to serve, and that it can
/// write nothing in. It answers who comes to it, and can't go to anybody.
struct LocalServerStart: Sendable {
    let model: String
    let cache: URL
    let settings: LocalModelServer.Settings
    let logger: Logger
    let progress: @Sendable (String) -> Void

    struct Server: Sendable {
        var process: ManagedProcess
        var base: String
        var key: String
        /// The packaged weights; nil for the user's.
        var packaged: BaseWeights?
    }

    private struct Announcement: Decodable {
        var event: String
        var address: String?
        var modelPath: String?
        var modelSha256: String?
        var code: String?
        var message: String?

        private enum CodingKeys: String, CodingKey {
            case event, address, code, message
            case modelPath = "model_path"
            case modelSha256 = "model_sha256"
        }
    }

    static var requirements: PythonEnvironment.Requirements {
        .init(
            packages: String(decoding: PackageResources.requirements_txt, as: UTF8.self),
            withoutDependencies: String(decoding: PackageResources.requirements_no_deps_txt, as: UTF8.self))
    }

    private var models: URL { cache.appending(path: "models", directoryHint: .isDirectory) }
    private var log: URL { cache.appending(path: "server-\(model).log") }

    /// - Parameters:
    ///   - own: the user's weights; nil for the packaged ones.
    ///   - adapters: GGUF files.
    func run(own: (file: String, base: BaseWeights)?, adapters: [String]) async throws -> Server {
        let key = Self.newKey()
        // Neither in the arguments nor in the environment of the server, which others may see.
        let name = ".server-\(UUID().uuidString)"
        let (keyFile, filter) = (cache.appending(path: name + ".key"), cache.appending(path: name + ".bpf"))
        defer { for file in [keyFile, filter] { unlink(file.path) } }
        var workplace: PythonWorkplace
        let process: ManagedProcess
        do {
            workplace = try await place()
            let script = try workplace.place(
                PackageResources.serve_py, named: "serve-\(Digest(of: Data(PackageResources.serve_py))).py")
            var arguments = [
                script.path, "--model", model, "--slots", "\(settings.slots)", "--context", "\(settings.context)",
            ]
            var places: [Sandbox.Place]
            if let own {
                places = WeightsPlaces(own.file).all
                arguments += ["--weights", own.file, "--sha256", own.base.sha256.rawValue]
                // What was converted lies in the cache.
                if own.file.hasPrefix(models.path + "/") { workplace = try workplace.showing(own.file, warn: warn) }
                workplace = try await workplace.reaching(places, warn: warn)
                try await WeightsPlaces(own.file).check(in: workplace, for: "the local model server")
            } else {
                let served = try await served(workplace, script)
                workplace = try workplace.showing(served.path, warn: warn)
                places = [.init(served.path)]
                arguments += ["--served", served.path]
            }
            switch settings.gpuLayers {
            case .all?: arguments += ["--gpu-layers", "-1"]
            case .first(let count)?: arguments += ["--gpu-layers", "\(count)"]
            case nil: break
            }
            try PrivateFile.write(Data(key.utf8), to: keyFile.path)
            for file in adapters { arguments += ["--adapter", file] }
            arguments += ["--key-file", keyFile.path]
            if workplace.isSandboxed { arguments.append("--held") }
            for file in adapters + [keyFile.path] {
                workplace = try workplace.showing(file, warn: warn)
                places.append(.init(file))
            }
            workplace = try await workplace.reaching(places, warn: warn)
            process = try await ManagedProcess.start(
                try await workplace.command(
                    arguments, sees: places, network: .answering, devices: settings.gpuLayers != nil, filter: filter,
                    holder: .input),
                errorLog: log, bond: .leash)
        } catch let error as ProcessError {
            throw FledgeError(error)
        }
        return try await ready(process, key, workplace, isPackaged: own == nil, adapters: adapters.count)
    }

    private func place() async throws -> PythonWorkplace {
        let environment = try await PythonEnvironment.prepare(
            name: "server", requirements: Self.requirements, directory: cache.appending(path: "python"),
            progress: progress)
        let workplace = try await PythonWorkplace.prepare(environment, as: .server, warn: warn)
        try PrivateFolder.make(models.path)
        return try await workplace.reaching([], through: [models.path], warn: warn)
    }

    private var warn: @Sendable (String) -> Void {
        { [logger] in logger.warning("\($0)", metadata: ["part": "model server"]) }
    }

    /// Waits until it answers.
    private func ready(
        _ process: ManagedProcess, _ key: String, _ workplace: PythonWorkplace, isPackaged: Bool, adapters: Int
    ) async throws -> Server {
        // A start that hangs is ended, which ends the lines below.
        let guardian = Task.detached { [timeout = settings.startTimeout] in
            try await Task.sleep(for: timeout)
            process.signal(9)
        }
        defer { guardian.cancel() }
        for await line in process.lines {
            guard let news = try? JSONProfile.foreign.value(Announcement.self, from: line) else { continue }
            if news.event == "error" {
                await process.terminate(grace: .seconds(2))
                throw failure(news.message ?? "the model server did not start", code: news.code)
            }
            if news.event == "ready", let address = news.address {
                let weights = packaged(news, in: workplace)
                // Prompts and the key go where it says: that is on this machine.
                guard address.wholeMatch(of: /http:\/\/127\.0\.0\.1:\d{1,5}/) != nil, !isPackaged || weights != nil
                else {
                    await process.terminate(grace: .seconds(2))
                    throw failure("the local model server says something else than where it is and what it serves")
                }
                if let problem = await Self.problem(of: process, at: address) {
                    await process.terminate(grace: .seconds(2))
                    throw failure("the local model server \(problem)")
                }
                watch(process, at: address)
                logger.info(
                    "local model server is ready", metadata: ["address": "\(address)", "adapters": "\(adapters)"])
                return Server(
                    process: process, base: address + "/v1", key: key, packaged: isPackaged ? weights : nil)
            }
        }
        let exit = Sandbox.exit(await process.waitForExit())
        throw failure("the local model server ended while it started: \(exit)")
    }

    /// It may listen anywhere: no filter of calls sees addresses. So it is looked at, now and as long as it runs.
    private func watch(_ process: ManagedProcess, at address: String) {
        Task.detached { [logger, pause = settings.watch] in
            while process.exit == nil {
                try await Task.sleep(for: pause)
                guard process.exit == nil, let problem = await Self.problem(of: process, at: address) else {
                    continue
                }
                logger.error("the local model server \(problem), and is stopped", metadata: ["part": "model server"])
                process.signal(9)
            }
        }
    }

    /// What is wrong with where it listens; nil where that is nothing but the port that it has told.
    private static func problem(of process: ManagedProcess, at address: String) async -> String? {
        var sockets = ListeningSockets(of: process.processID)
        // A thread that is just ending shows nothing for a moment.
        for _ in 0..<5 where !sockets.isWhole && process.exit == nil {
            try? await Task.sleep(for: .milliseconds(20))
            sockets = ListeningSockets(of: process.processID)
        }
        // It may have ended meanwhile, which its end tells.
        if process.exit != nil { return nil }
        let told = String(address.dropFirst("http://".count))
        let others = sockets.addresses.subtracting([told]).sorted()
        if !others.isEmpty { return "listens at \(others.joined(separator: ", ")), besides \(told)" }
        // Only root can lack the right to look, where the server doesn't hide: in a container without that right.
        if !sockets.isWhole { return geteuid() == 0 ? nil : "hides where it listens" }
        return sockets.addresses.isEmpty ? "doesn't listen at \(told), where it says that it is" : nil
    }

    private func failure(_ message: String, code: String? = nil) -> FledgeError {
        FledgeError(
            .init(rawValue: code ?? "server.start_failed"), message, hint: "Its log is \(log.path).",
            exitCode: .unavailable)
    }

    /// The packaged weights, where the server names a file of its environment and their digest.
    private func packaged(_ news: Announcement, in workplace: PythonWorkplace) -> BaseWeights? {
        guard let path = news.modelPath, let digest = news.modelSha256.flatMap(Digest.init(rawValue:)),
            digest == PackagedModels.digests[model], path.hasPrefix(workplace.environment.directory.path + "/"),
            !path.split(separator: "/").contains("..")
        else { return nil }
        return BaseWeights(path: path, sha256: digest)
    }

    // MARK: The packaged model as it is served

    /// The file that is served, made by a run of its own, which can write nothing else, where there is none.
    private func served(_ workplace: PythonWorkplace, _ script: URL) async throws -> URL {
        guard let digest = PackagedModels.digests[model] else { throw ModelFailure.unknown(model) }
        let ending = "-\(digest.rawValue.prefix(16))-q8_0.gguf"
        if let known = file(ending, in: models) { return known }
        try PrivateFolder.make(models.path)
        let waiting: @Sendable () -> Void = { progress("waiting for another process that prepares \(model)") }
        return try await FileLock.holding(models.appending(path: "\(model).lock"), waiting: waiting) { lock in
            if let known = file(ending, in: models) { return known }
            progress("preparing \(model) to be served (once)")
            let prefix = ".making-\(model)-"
            try remove { $0.hasPrefix(prefix) }
            let making = models.appending(path: prefix + UUID().uuidString, directoryHint: .isDirectory)
            try PrivateFolder.make(making.path)
            defer { try? remove { $0.hasPrefix(making.lastPathComponent) } }
            try workplace.give(making.path)
            let exit = try await workplace.command(
                [script.path, "--model", model, "--prepare", making.path],
                sees: [.init(making.path, isWritable: true)], network: .none,
                filter: models.appending(path: making.lastPathComponent + ".bpf")
            ).run(logging: log, holding: lock)
            guard exit.isSuccess, let made = file(ending, in: making) else {
                throw failure("the packaged model could not be prepared: \(Sandbox.exit(exit))")
            }
            let target = models.appending(path: made.lastPathComponent)
            // Moved first to where what made it has no hand on it, and looked at then: something of that may still live.
            guard try FileTree.take(made.path, to: target.path) else {
                throw failure("what was made of the packaged model is not a plain file")
            }
            return target
        }
    }

    /// The one plain file whose name ends so.
    private func file(_ ending: String, in folder: URL) -> URL? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let found = names.sorted().filter { $0.hasSuffix(ending) && !$0.hasPrefix(".") }
            .map { folder.appending(path: $0) }
        return found.first {
            var status = stat()
            return lstat($0.path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }
    }

    private func remove(_ isOld: (String) -> Bool) throws {
        guard let tree = try FileTree(models.path) else { return }
        for entry in try tree.entries() where isOld(entry.name) { try tree.remove(entry) }
    }

    private static func newKey() -> String {
        (0..<4).map { _ in
            let part = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - part.count) + part
        }.joined()
    }
}
