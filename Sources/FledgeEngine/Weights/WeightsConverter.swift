import FledgeCore

/// Makes what llama.cpp serves out of a Hugging Face folder.
package protocol WeightsConverter: Sendable {
    /// A GGUF file with the folder's weights at 8 bits. Made once, by whoever asks first, while others wait: it may be
    /// asked again at any time.
    ///
    /// - Parameters:
    ///   - folder: stays the caller's, and is only read.
    ///   - sha256: what identifies the folder.
    ///   - progress: is told in a line what takes long.
    /// - Returns: the path of a file of the converter's, to be read.
    /// - Throws: for a person `model.not_convertible` for an architecture or a tokenizer that llama.cpp does not know,
    ///   `model.weights_unreadable`, and what keeps the converter from being installed; transient
    ///   `model.conversion_stopped` and most of `process.…`; `CancellationError`, after which nothing half made is
    ///   left.
    func gguf(of folder: String, sha256: Digest, progress: @escaping @Sendable (String) -> Void) async throws -> String
}
