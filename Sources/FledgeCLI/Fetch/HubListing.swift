import FledgeCore
import FledgeEngine
import Foundation

/// A file of a repository that is to be fetched.
struct HubFile: Hashable, Sendable {
    var name: String
    /// In bytes.
    var size: Int64
    /// Nil where the hub is a mirror that does not tell it.
    var digest: HubDigest?
}

/// What a hub says of a file's content.
enum HubDigest: Hashable, Sendable {
    /// The SHA-256 of the content, which a hub has of large files.
    case sha256(Digest)
    /// The name that git has for the content of a small file.
    case gitBlob(String)

    var name: String {
        switch self {
        case .sha256: "SHA-256"
        case .gitBlob: "git blob id"
        }
    }

    func matches(_ content: Data) -> Bool {
        switch self {
        case .sha256(let digest): Digest(of: content) == digest
        case .gitBlob(let id): GitBlob.id(of: content) == id
        }
    }
}

/// What a hub says of a repository at one commit.
struct HubListing: Decodable, Sendable {
    struct Sibling: Decodable, Sendable {
        struct LargeFile: Decodable, Sendable {
            var sha256: String
            var size: Int64
        }

        /// Its path in the repository.
        var rfilename: String
        var size: Int64?
        var blobId: String?
        var lfs: LargeFile?
    }

    /// Beyond any file that there is; so many files of that size can still be added up.
    private static let sizes: ClosedRange<Int64> = 0...(1 << 50)
    private static let mostFiles = 4096

    /// The commit.
    var sha: String
    var siblings: [Sibling]

    /// The files of the model: configuration, tokenizer, template and safetensors. Code and pickles are left out, which run
    /// when they are read, and so are other copies of the same weights.
    ///
    /// - Throws: `hub.no_weights`, `hub.only_pickles`, `hub.no_model`, `hub.bad_listing` (exit 65).
    func files(of repository: HubRepository) throws(FledgeError) -> [HubFile] {
        // Names are shown, and become names of files: those that a terminal may take for commands are left out.
        let siblings = siblings.filter { $0.rfilename.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) } }
        let names = siblings.map(\.rfilename)
        let weights = Self.weights(among: names)
        guard !weights.isEmpty else { throw Self.noWeights(names, repository) }
        guard names.contains("config.json") else {
            throw FledgeError(
                "hub.no_model", "\(repository.name) has no config.json: it is no model of its own",
                hint: "an adapter's repository names its base model; that is the one to fetch")
        }
        let rest = Set(names.filter { WeightsFolder.matters($0) && Self.isText($0) && !Self.isWeights($0) })
        var files: [HubFile] = []
        for sibling in siblings where weights.contains(sibling.rfilename) || rest.contains(sibling.rfilename) {
            let sha256 = sibling.lfs.flatMap { Digest(rawValue: $0.sha256.lowercased()) }
            guard let size = sibling.lfs?.size ?? sibling.size, Self.sizes.contains(size),
                (sha256 == nil) == (sibling.lfs == nil)
            else {
                throw FledgeError(
                    "hub.bad_listing", "the hub does not say the size and digest of \(sibling.rfilename)",
                    hint: "\(HubRepository.endpointVariable) may name a mirror that does not know ?blobs=true",
                    exitCode: .badData)
            }
            let blob = sibling.blobId.map { HubDigest.gitBlob($0.lowercased()) }
            files.append(
                HubFile(name: sibling.rfilename, size: size, digest: sha256.map(HubDigest.sha256) ?? blob))
        }
        guard files.count <= Self.mostFiles else {
            throw FledgeError(
                "hub.bad_listing", "\(files.count) files would belong to the model, and at most \(Self.mostFiles) may",
                hint: "look at \(repository.page)", exitCode: .badData)
        }
        // What is small comes first: what is wrong with it is known before gigabytes have come.
        return files.sorted { ($0.size, $0.name) < ($1.size, $1.name) }
    }

    /// One copy of the weights, as transformers would choose: in one piece, else in parts with their index.
    private static func weights(among names: [String]) -> Set<String> {
        if names.contains("model.safetensors") { return ["model.safetensors"] }
        let all = names.filter { isWeights($0) && WeightsFolder.matters($0) && !$0.contains("/") }
        let parts = all.filter { $0.wholeMatch(of: /model-\d+-of-\d+\.safetensors/) != nil }
        let index = "model.safetensors.index.json"
        if !parts.isEmpty, names.contains(index) { return Set(parts + [index]) }
        return all.contains { $0.hasSuffix(".safetensors") } ? Set(all) : []
    }

    private static func isWeights(_ name: String) -> Bool {
        name.hasSuffix(".safetensors") || name.hasSuffix(".safetensors.index.json")
    }

    /// Of a file that is read, and not run, directly in the repository.
    private static func isText(_ name: String) -> Bool {
        !name.contains("/") && !name.contains("\\") && !name.hasPrefix(".")
            && [".json", ".txt", ".jinja", ".model"].contains(where: name.hasSuffix)
    }

    private static func noWeights(_ names: [String], _ repository: HubRepository) -> FledgeError {
        let pickles = names.filter { name in
            [".bin", ".pt", ".pth", ".ckpt", ".pkl"].contains(where: name.hasSuffix)
        }
        if let first = pickles.first {
            return FledgeError(
                "hub.only_pickles",
                "\(repository.name) has its weights only in files that run code when they are read, as \(first)",
                hint: "look for a revision or a repository with *.safetensors, or convert them where it does no harm")
        }
        let hasGGUF = names.contains { $0.hasSuffix(".gguf") }
        return FledgeError(
            "hub.no_weights", "\(repository.name) has no *.safetensors",
            hint: hasGGUF
                ? "download its GGUF file by hand, and name it with .gguf(\"/models/FILE.gguf\")"
                : "look at \(repository.page)")
    }
}
