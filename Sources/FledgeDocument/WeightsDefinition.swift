/// Where a model's weights lie, on the machine of the daemon.
public enum WeightsDefinition: Hashable, Sendable {
    /// A folder as the Hugging Face hub has it: `config.json`, a tokenizer and `*.safetensors`.
    ///
    /// `repository` (`Qwen/Qwen2.5-7B-Instruct`) and `revision` (a commit) say where it came from, which is what others know
    /// the base of an adapter by; both may be unknown.
    case huggingFace(folder: String, repository: String?, revision: String?)
    /// A GGUF file.
    case gguf(file: String)

    /// The folder's or the file's path.
    public var path: String {
        switch self {
        case .huggingFace(let folder, _, _): folder
        case .gguf(let file): file
        }
    }
}

extension WeightsDefinition: Codable {
    private enum Key: String, CodingKey { case kind, folder, repository, revision, file }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        switch try box.decode(String.self, forKey: .kind) {
        case "huggingFace":
            self = .huggingFace(
                folder: try box.decode(String.self, forKey: .folder),
                repository: try box.decodeIfPresent(String.self, forKey: .repository),
                revision: try box.decodeIfPresent(String.self, forKey: .revision))
        case "gguf": self = .gguf(file: try box.decode(String.self, forKey: .file))
        case let other: throw unknownKind(other, of: "weights", at: Key.kind, in: box)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Key.self)
        switch self {
        case .huggingFace(let folder, let repository, let revision):
            try box.encode("huggingFace", forKey: .kind)
            try box.encode(folder, forKey: .folder)
            try box.encodeIfPresent(repository, forKey: .repository)
            try box.encodeIfPresent(revision, forKey: .revision)
        case .gguf(let file):
            try box.encode("gguf", forKey: .kind)
            try box.encode(file, forKey: .file)
        }
    }
}

/// How many of a model's layers llama.cpp keeps on the GPU.
public enum GPULayers: Hashable, Sendable {
    /// Every layer.
    case all
    /// So many layers are kept on a GPU; the processor computes the others.
    case first(Int)
}

extension GPULayers: Codable {
    public init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        if let count = try? box.decode(Int.self) {
            self = .first(count)
        } else {
            let word = try box.decode(String.self)
            guard word == "all" else {
                throw DecodingError.dataCorruptedError(in: box, debugDescription: "gpuLayers is a number or \"all\"")
            }
            self = .all
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        switch self {
        case .all: try box.encode("all")
        case .first(let count): try box.encode(count)
        }
    }
}

/// How adapters reach a server that loads them while it runs: through a folder that both see.
public struct AdapterFolder: Codable, Hashable, Sendable {
    /// The folder's path here.
    public var path: String
    /// Its path as the server sees it; absent where that is the same.
    public var asSeenByServer: String?

    public init(path: String, asSeenByServer: String? = nil) {
        self.path = path
        self.asSeenByServer = asSeenByServer
    }
}
