import FledgeCore
import Foundation

/// A small adapter that passes every check: what a stub provider's training jobs make.
enum StubAdapter {
    private struct Config: Encodable {
        var peft_type = "LORA"
        var r: Int
        var lora_alpha: Double
        var target_modules = ["q_proj"]
        /// Makes the content, and so the digest, the job's own.
        var name: String
    }

    private struct Base: Encodable {
        var baseSHA256: String
    }

    private struct Tensor: Encodable {
        var dtype = "F32"
        var shape: [Int]
        var data_offsets: [Int]
    }

    static func write(to directory: String, rank: Int, alpha: Double, base: Digest, name: String) throws {
        let folder = URL(fileURLWithPath: directory, isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try encoder.encode(Config(r: rank, lora_alpha: alpha, name: name))
            .write(to: folder.appending(path: "adapter_config.json"))
        try encoder.encode(Base(baseSHA256: base.rawValue)).write(to: folder.appending(path: "fledge.json"))
        try (Data("GGUF".utf8) + Data(repeating: 0, count: 60)).write(to: folder.appending(path: "adapter.gguf"))
        let width = 8
        let bytes = rank * width * MemoryLayout<Float>.size
        let prefix = "base_model.model.model.layers.0.self_attn.q_proj"
        let header = try encoder.encode([
            "\(prefix).lora_A.weight": Tensor(shape: [rank, width], data_offsets: [0, bytes]),
            "\(prefix).lora_B.weight": Tensor(shape: [width, rank], data_offsets: [bytes, 2 * bytes]),
        ])
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
        try (length + header + Data(repeating: 0, count: 2 * bytes))
            .write(to: folder.appending(path: "adapter_model.safetensors"))
    }
}
