import FledgeCore

/// Makes what llama.cpp serves out of a Hugging Face folder.
package protocol WeightsConverter: Sendable {
    /// The path of a GGUF file with the folder's weights at 8 bits; made once.
    ///
    /// - Parameter sha256: what identifies the folder.
    /// - Throws: `model.not_convertible` for an architecture or a tokenizer that llama.cpp does not know.
    func gguf(of folder: String, sha256: Digest, progress: @escaping @Sendable (String) -> Void) async throws -> String
}
