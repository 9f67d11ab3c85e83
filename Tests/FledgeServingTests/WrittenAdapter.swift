import FledgeCore
import FledgeEngine
import Foundation

/// A small adapter in a folder, as an artifact store keeps it.
enum WrittenAdapter {
    static let module = "base_model.model.model.layers.1.self_attn.q_proj"

    /// - Parameter value: of each of its numbers; it tells one adapter from another.
    static func write(rank: Int = 2, value: Float = 1, in directory: String) throws -> ServedAdapter {
        let weights = try SafetensorsFile.data(of: [
            tensor("\(module).lora_A.weight", [rank, 4]) { Float($0) * value },
            tensor("\(module).lora_B.weight", [6, rank]) { Float($0) - value },
        ])
        let config = Data(
            #"{"peft_type": "LORA", "r": \#(rank), "lora_alpha": 6, "target_modules": ["q_proj"]}"#.utf8)
        let digest = Digest(of: weights + config)
        let folder = URL(filePath: directory, directoryHint: .isDirectory)
            .appending(path: "store-\(digest.short)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try weights.write(to: folder.appending(path: "adapter_model.safetensors"))
        try config.write(to: folder.appending(path: "adapter_config.json"))
        return ServedAdapter(digest: digest, directory: folder.path)
    }

    private static func tensor(
        _ name: String, _ shape: [Int], value: (Int) -> Float
    ) -> SafetensorsFile.Tensor {
        var bytes = Data()
        for place in 0..<shape.reduce(1, *) {
            withUnsafeBytes(of: value(place).bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return SafetensorsFile.Tensor(name: name, dtype: "F32", shape: shape, bytes: bytes)
    }

    static func values(_ tensor: SafetensorsFile.Tensor) -> [Float] {
        tensor.bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                Float(bitPattern: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self))
            }
        }
    }
}
