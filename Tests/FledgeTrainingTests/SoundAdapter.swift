import FledgeCore
import FledgeEngine
import Foundation

/// A small adapter that is sound in every way, made by hand: what the hostile ones are changed from.
struct SoundAdapter {
    struct Tensor {
        var name: String
        var shape: [Int]
        var values: [Float]
        var offsets: [Int]?

        init(_ name: String, _ shape: [Int], values: [Float]? = nil, offsets: [Int]? = nil) {
            self.name = name
            self.shape = shape
            self.values = values ?? (0..<shape.reduce(1, *)).map { Float($0) / 16 }
            self.offsets = offsets
        }
    }

    static let base = Digest(of: "the base weights")
    static let expected = ExpectedAdapter(rank: 2, alpha: 4, baseSHA256: base)
    static let lowered = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
    static let raised = "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight"
    static let tensors = [Tensor(lowered, [2, 8]), Tensor(raised, [8, 2])]

    let folder: URL

    /// Writes the four files into a new folder.
    init(in directory: String) throws {
        folder = URL(filePath: directory, directoryHint: .isDirectory)
            .appending(path: "adapter-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try write("adapter_config.json", Self.config())
        try write("fledge.json", Data(#"{"baseSHA256": "\#(Self.base)", "rank": 2, "alpha": 4}"#.utf8))
        try write("adapter.gguf", Data("GGUF".utf8) + Data(repeating: 0, count: 60))
        try write("adapter_model.safetensors", Self.safetensors(Self.tensors))
    }

    func file(_ name: String) -> URL { folder.appending(path: name) }

    func write(_ name: String, _ content: Data) throws { try content.write(to: file(name)) }

    func weigh(_ tensors: [Tensor]) throws { try write("adapter_model.safetensors", Self.safetensors(tensors)) }

    static func config(rank: Int = 2, kind: String = "LORA") -> Data {
        Data(#"{"peft_type": "\#(kind)", "r": \#(rank), "lora_alpha": 4, "target_modules": ["q_proj"]}"#.utf8)
    }

    /// Header length, header and values; a tensor with offsets of its own keeps them, however wrong.
    static func safetensors(_ tensors: [Tensor]) throws -> Data {
        var header: [String: Any] = ["__metadata__": ["format": "pt"]]
        var body = Data()
        for tensor in tensors {
            let start = body.count
            for value in tensor.values {
                withUnsafeBytes(of: value.bitPattern.littleEndian) { body.append(contentsOf: $0) }
            }
            header[tensor.name] =
                [
                    "dtype": "F32", "shape": tensor.shape, "data_offsets": tensor.offsets ?? [start, body.count],
                ] as [String: Any]
        }
        let text = try JSONSerialization.data(withJSONObject: header, options: .sortedKeys)
        return Self.length(UInt64(text.count)) + text + body
    }

    static func length(_ count: UInt64) -> Data { withUnsafeBytes(of: count.littleEndian) { Data($0) } }
}
