import FledgeCore
import Foundation
import Glibc
import Testing

/// One way in which an adapter's folder is wrong, and the code that it is refused with.
struct HostileAdapter: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: FledgeError.Code
    let change: @Sendable (SoundAdapter) throws -> Void

    init(_ what: String, _ code: FledgeError.Code, _ change: @escaping @Sendable (SoundAdapter) throws -> Void) {
        testDescription = what
        self.code = code
        self.change = change
    }

    static let all = files + facts + safetensors + sizes

    private static let terabyte: off_t = 1 << 40

    /// Sparse files, which take no room, and would fill a memory or a disk.
    private static let sizes =
        ["adapter.gguf", "adapter_config.json", "adapter_model.safetensors", "fledge.json"].map { name in
            HostileAdapter("a terabyte as \(name)", "training.bad_output") {
                #expect(truncate($0.file(name).path, terabyte) == 0)
            }
        } + [
            HostileAdapter("files that together are too large", "training.bad_output") {
                for name in ["adapter.gguf", "adapter_model.safetensors"] {
                    #expect(truncate($0.file(name).path, 40 << 30) == 0)
                }
            },
            HostileAdapter("a header of a gigabyte", unsound) {
                try $0.write("adapter_model.safetensors", SoundAdapter.length(1 << 30))
                #expect(truncate($0.file("adapter_model.safetensors").path, 2 << 30) == 0)
            },
            HostileAdapter("thousands of files beside the weights", "adapter.unexpected_file") {
                for number in 0..<2000 { try $0.write("\(number)", Data()) }
            },
            HostileAdapter("a pipe in place of a file", "adapter.unexpected_file") {
                try FileManager.default.removeItem(at: $0.file("fledge.json"))
                #expect(mkfifo($0.file("fledge.json").path, 0o600) == 0)
            },
        ]

    private static let files = [
        HostileAdapter("a pickle file beside the weights", "adapter.unexpected_file") {
            try $0.write("adapter_model.bin", Data([0x80, 0x04, 0x95]))
        },
        HostileAdapter("a folder beside the weights", "adapter.unexpected_file") {
            try FileManager.default.createDirectory(at: $0.file("more"), withIntermediateDirectories: false)
        },
        HostileAdapter("a symbolic link in place of a file", "adapter.unexpected_file") {
            let elsewhere = $0.folder.deletingLastPathComponent().appending(path: UUID().uuidString)
            try FileManager.default.moveItem(at: $0.file("adapter.gguf"), to: elsewhere)
            try FileManager.default.createSymbolicLink(at: $0.file("adapter.gguf"), withDestinationURL: elsewhere)
        },
        HostileAdapter("no weights", "adapter.incomplete") {
            try FileManager.default.removeItem(at: $0.file("adapter_model.safetensors"))
        },
        HostileAdapter("no configuration", "adapter.incomplete") {
            try FileManager.default.removeItem(at: $0.file("adapter_config.json"))
        },
        HostileAdapter("no folder at all", "adapter.missing") { try FileManager.default.removeItem(at: $0.folder) },
    ]

    private static let facts = [
        HostileAdapter("another rank than asked for", "adapter.wrong_rank") {
            try $0.write("adapter_config.json", SoundAdapter.config(rank: 4))
        },
        HostileAdapter("tensors of another rank than the file says", "adapter.wrong_shape") {
            try $0.weigh([.init(SoundAdapter.lowered, [4, 8]), .init(SoundAdapter.raised, [8, 4])])
        },
        HostileAdapter("another base", "adapter.wrong_base") {
            try $0.write("fledge.json", Data(#"{"baseSHA256": "\#(Digest(of: "other weights"))"}"#.utf8))
        },
        HostileAdapter("a base file that is no JSON", "adapter.bad_config") {
            try $0.write("fledge.json", Data("{".utf8))
        },
        HostileAdapter("a configuration that is no JSON", "adapter.bad_config") {
            try $0.write("adapter_config.json", Data("r = 2".utf8))
        },
        HostileAdapter("a configuration of another kind of adapter", "adapter.bad_config") {
            try $0.write("adapter_config.json", SoundAdapter.config(kind: "PROMPT_TUNING"))
        },
        HostileAdapter("a server file that is not GGUF", "adapter.bad_gguf") {
            try $0.write("adapter.gguf", Data("GGML and more".utf8))
        },
    ]

    private static let unsound: FledgeError.Code = "adapter.bad_safetensors"
    private static let quarterOfAll = 2_305_843_009_213_693_951

    private static func placed(_ what: String, _ shape: [Int], _ offsets: [Int]) -> HostileAdapter {
        HostileAdapter(what, unsound) {
            try $0.weigh([
                .init(SoundAdapter.lowered, [2, 8]),
                .init(SoundAdapter.raised, shape, values: .init(repeating: 1, count: 16), offsets: offsets),
            ])
        }
    }

    private static let safetensors = [
        HostileAdapter("weights that are cut short", unsound) {
            try $0.write("adapter_model.safetensors", SoundAdapter.safetensors(SoundAdapter.tensors).dropLast(4))
        },
        HostileAdapter("weights with bytes of no tensor", unsound) {
            try $0.write("adapter_model.safetensors", SoundAdapter.safetensors(SoundAdapter.tensors) + Data([1, 2, 3]))
        },
        HostileAdapter("weights shorter than a header's length", unsound) {
            try $0.write("adapter_model.safetensors", Data([1, 0, 0]))
        },
        HostileAdapter("a header as long as nothing can be", unsound) {
            try $0.write("adapter_model.safetensors", SoundAdapter.length(.max) + Data("{}".utf8))
        },
        HostileAdapter("a header longer than the file", unsound) {
            try $0.write("adapter_model.safetensors", SoundAdapter.length(3) + Data("{}".utf8))
        },
        HostileAdapter("a header that is no JSON", unsound) {
            try $0.write("adapter_model.safetensors", SoundAdapter.length(2) + Data("}{".utf8))
        },
        placed("tensors that overlap", [8, 2], [0, 64]),
        placed("a tensor that starts below zero", [8, 2], [-64, 0]),
        placed("a tensor that ends at the least number there is", [8, 2], [64, .min]),
        placed("a tensor that ends at the greatest number there is", [8, 2], [64, .max]),
        placed("a tensor with one offset", [8, 2], [64]),
        placed("a shape whose bytes are beyond counting", [quarterOfAll], [64, 128]),
        placed("a shape whose bytes overflow", [quarterOfAll + 1], [64, 128]),
        placed("a shape whose product overflows", [quarterOfAll, quarterOfAll], [64, 128]),
        placed("a negative side", [-8, -2], [64, 128]),
        HostileAdapter("a value that is not a number", "adapter.not_finite") {
            var values = [Float](repeating: 1, count: 16)
            values[15] = .nan
            try $0.weigh([.init(SoundAdapter.lowered, [2, 8]), .init(SoundAdapter.raised, [8, 2], values: values)])
        },
        HostileAdapter("an infinite value", "adapter.not_finite") {
            try $0.weigh([
                .init(SoundAdapter.lowered, [2, 8], values: .init(repeating: -.infinity, count: 16)),
                .init(SoundAdapter.raised, [8, 2]),
            ])
        },
        HostileAdapter("a lora_A without its lora_B", "adapter.incomplete") {
            try $0.weigh([.init(SoundAdapter.lowered, [2, 8])])
        },
        HostileAdapter("a tensor of a module that is not named", "adapter.unexpected_tensor") {
            try $0.weigh(SoundAdapter.tensors + [.init("base_model.model.lm_head.lora_A.weight", [2, 8])])
        },
        HostileAdapter("a whole matrix in place of a LoRA", "adapter.unexpected_tensor") {
            try $0.weigh(
                SoundAdapter.tensors + [.init("base_model.model.model.layers.0.self_attn.q_proj.weight", [8, 8])])
        },
        HostileAdapter("no tensors", "adapter.empty") { try $0.weigh([]) },
    ]
}
