import FledgeCore
import FledgeEngine
import Foundation

/// An adapter as PEFT writes it, and what other servers want in its place.
struct PEFTAdapter {
    static let config = "adapter_config.json"
    static let weights = "adapter_model.safetensors"

    let folder: URL

    init(_ adapter: ServedAdapter) { folder = URL(filePath: adapter.directory, directoryHint: .isDirectory) }

    /// The two files that servers read.
    func copy(to target: URL) throws {
        for name in [Self.config, Self.weights] {
            try FileManager.default.copyItem(at: folder.appending(path: name), to: target.appending(path: name))
        }
    }

    private struct Settings: Decodable {
        var r: Int
        var lora_alpha: Double
        var use_rslora: Bool?

        var scale: Double { lora_alpha / (use_rslora == true ? Double(r).squareRoot() : Double(r)) }
    }

    private func settings() throws -> Settings {
        guard let data = try? Data(contentsOf: folder.appending(path: Self.config)),
            let settings = try? JSONProfile.foreign.value(Settings.self, from: data), settings.r > 0
        else { throw unreadable(Self.config) }
        return settings
    }

    private func tensors() throws -> [SafetensorsFile.Tensor] {
        try SafetensorsFile(folder.appending(path: Self.weights)).tensors()
    }

    private func unreadable(_ name: String) -> FledgeError {
        FledgeError(
            "model.adapter_missing", "the adapter's \(name) cannot be read", place: folder.path,
            hint: "Run the training again, or restore the artifact store.")
    }

    // MARK: mlx-lm

    /// The matrices of one module, and where it stands.
    private struct Place {
        /// As in `model.layers.3.self_attn.q_proj`.
        var module: String
        /// Its name within its layer, as in `self_attn.q_proj`.
        var key: String
        var isLowering: Bool

        /// Of a name as in `base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight`.
        init?(_ name: String) {
            let prefix = "base_model.model."
            guard name.hasPrefix(prefix), let side = name.firstMatch(of: /\.lora_([AB])\.(?:default\.)?weight$/),
                let layer = name.firstMatch(of: /\.layers\.\d+\./), layer.range.upperBound < side.range.lowerBound
            else { return nil }
            module = String(name[..<side.range.lowerBound].dropFirst(prefix.count))
            key = String(name[layer.range.upperBound..<side.range.lowerBound])
            isLowering = side.1 == "A"
        }
    }

    /// Writes the adapter as mlx-lm has it: both matrices transposed, and one scale for all of them.
    func writeMLX(to target: URL) throws {
        struct Parameters: Encodable {
            var rank: Int
            var scale: Double
            var dropout = 0.0
            var keys: [String]
        }
        struct Config: Encodable {
            var fine_tune_type = "lora"
            /// All layers: those without matrices in the file stay as they are.
            var num_layers = -1
            var lora_parameters: Parameters
        }
        let settings = try settings()
        var keys: Set<String> = []
        let turned = try tensors().map { tensor in
            guard let place = Place(tensor.name),
                let turned = tensor.transposed(as: place.module + (place.isLowering ? ".lora_a" : ".lora_b"))
            else { throw unreadable(Self.weights) }
            keys.insert(place.key)
            return turned
        }
        let config = Config(
            lora_parameters: Parameters(rank: settings.r, scale: settings.scale, keys: keys.sorted()))
        try JSONProfile.foreign.data(of: config).write(to: target.appending(path: Self.config))
        try SafetensorsFile.data(of: turned).write(to: target.appending(path: "adapters.safetensors"))
    }

    // MARK: The base as an adapter

    /// An adapter of rank 1 for the same modules whose matrices are zero: it answers as the base does.
    struct Zero {
        var config: Data
        var weights: Data
        var digest: Digest { Digest(of: config + weights) }

        func write(to target: URL) throws {
            try config.write(to: target.appending(path: PEFTAdapter.config))
            try weights.write(to: target.appending(path: PEFTAdapter.weights))
        }
    }

    func zero() throws -> Zero {
        guard let data = try? Data(contentsOf: folder.appending(path: Self.config)),
            case .object(var config)? = try? JSONProfile.foreign.value(JSONValue.self, from: data)
        else { throw unreadable(Self.config) }
        config["r"] = .whole(1)
        config["lora_alpha"] = .whole(1)
        config["rank_pattern"] = .object([:])
        config["alpha_pattern"] = .object([:])
        let zeros = try SafetensorsFile(folder.appending(path: Self.weights)).places().map { tensor in
            guard tensor.shape.count == 2 else { throw unreadable(Self.weights) }
            let isLowering = tensor.name.contains(".lora_A.")
            let shape = isLowering ? [1, tensor.shape[1]] : [tensor.shape[0], 1]
            return SafetensorsFile.Tensor(
                name: tensor.name, dtype: "BF16", shape: shape, bytes: Data(count: 2 * shape[0] * shape[1]))
        }
        return Zero(config: try JSONProfile.foreign.data(of: config), weights: try SafetensorsFile.data(of: zeros))
    }
}
