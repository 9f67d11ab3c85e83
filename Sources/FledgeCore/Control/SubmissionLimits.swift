/// How much data one request may bring.
package struct SubmissionLimits: Hashable, Sendable {
    /// Of one file; the reader has a limit of its own as well.
    package var fileBytes: Int64
    /// Of all files of a request.
    package var requestBytes: Int64
    package var files: Int

    package init(fileBytes: Int64 = 1 << 30, requestBytes: Int64 = 2 << 30, files: Int = 256) {
        self.fileBytes = fileBytes
        self.requestBytes = requestBytes
        self.files = files
    }
}
