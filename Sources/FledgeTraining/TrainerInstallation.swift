import FledgeCore
import Foundation
import ManagedProcess

/// The trainer's scripts and its own virtual environment, in the cache folder.
package struct TrainerInstallation: Sendable {
    package struct Installed: Sendable {
        package let environment: PythonEnvironment
        package let script: URL
        /// The folder of the script and of those that it needs.
        package var scripts: URL { script.deletingLastPathComponent() }
        package var python: URL { environment.python }
        /// llama.cpp's own converters of weights and adapters.
        package var converters: URL { environment.sources }

        /// What `script` is told besides the job's file and the folder that it writes to.
        package var options: [String] { ["--converter", converters.path] }
    }

    private let cacheDirectory: URL

    package init(cacheDirectory: URL) { self.cacheDirectory = cacheDirectory }

    /// Where the trainer keeps dequantised base weights.
    package var weightsCache: URL { cacheDirectory.appending(path: "training-weights", directoryHint: .isDirectory) }

    /// They come with the version of llama.cpp that the local server runs.
    private static let converters = PythonEnvironment.Source(
        package: "xllamacpp==2026.10.11549", folder: "thirdparty/llama.cpp",
        kept: ["LICENSE", "conversion/", "convert_hf_to_gguf.py", "convert_lora_to_gguf.py", "gguf-py/gguf/"])

    private static let scripts: [(name: String, content: [UInt8])] = [
        ("adapter.py", PackageResources.adapter_py), ("batches.py", PackageResources.batches_py),
        ("chat.py", PackageResources.chat_py), ("checkpoint.py", PackageResources.checkpoint_py),
        ("conversion.py", PackageResources.conversion_py), ("device.py", PackageResources.device_py),
        ("evaluation.py", PackageResources.evaluation_py), ("events.py", PackageResources.events_py),
        ("golden.py", PackageResources.golden_py), ("job.py", PackageResources.job_py),
        ("launch.py", PackageResources.launch_py), ("modules.py", PackageResources.modules_py),
        ("plan.py", PackageResources.plan_py), ("preferences.py", PackageResources.preferences_py),
        ("rows.py", PackageResources.rows_py), ("run.py", PackageResources.run_py),
        ("stages.py", PackageResources.stages_py), ("supervised.py", PackageResources.supervised_py),
        ("train.py", PackageResources.train_py), ("weights.py", PackageResources.weights_py),
    ]

    /// Only NVIDIA's devices take what quantises.
    private static var packages: String {
        let all = String(decoding: PackageResources.requirements_txt, as: UTF8.self)
        guard FileManager.default.fileExists(atPath: "/proc/driver/nvidia/version") else { return all }
        return all + String(decoding: PackageResources.requirements_cuda_txt, as: UTF8.self)
    }

    /// Makes what is missing; the first time takes a minute or two.
    package func prepare(progress: @escaping @Sendable (String) -> Void) async throws -> Installed {
        let environment: PythonEnvironment
        do {
            environment = try await PythonEnvironment.prepare(
                name: "trainer",
                requirements: PythonEnvironment.Requirements(packages: Self.packages, source: Self.converters),
                directory: cacheDirectory, progress: progress)
        } catch let error as ProcessError {
            throw FledgeError(
                .init(rawValue: error.code.rawValue), error.message, hint: error.hint ?? "fledge doctor",
                exitCode: .unavailable)
        }
        return Installed(environment: environment, script: try writeScripts().appending(path: "train.py"))
    }

    /// The scripts' folder is named after their content: two versions of Fledge do not get in each other's way.
    private func writeScripts() throws(FledgeError) -> URL {
        let digest = Digest(of: Data(Self.scripts.flatMap { Array($0.name.utf8) + [0] + $0.content }))
        let folder = cacheDirectory.appending(path: "trainer-\(digest.short)", directoryHint: .isDirectory)
        let files = FileManager.default
        guard !files.fileExists(atPath: folder.path) else { return folder }
        let partial = cacheDirectory.appending(path: ".trainer-\(UUID().uuidString)", directoryHint: .isDirectory)
        do {
            try PrivateFolder.make(partial.path)
            for script in Self.scripts {
                try PrivateFile.write(Data(script.content), to: partial.appending(path: script.name).path)
            }
            do { try files.moveItem(at: partial, to: folder) } catch {
                // Another process was first.
                try? files.removeItem(at: partial)
                guard files.fileExists(atPath: folder.path) else { throw error }
            }
            return folder
        } catch {
            throw FledgeError(
                "cache.not_writable", "the trainer's scripts cannot be written: \(error.localizedDescription)",
                place: cacheDirectory.path, hint: "name another folder with FLEDGE_CACHE_HOME")
        }
    }
}
