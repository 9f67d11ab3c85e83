/// Is told how far an upload is; called on a thread that has to go on, so each returns at once.
package protocol UploadProgress: Sendable {
    /// - Parameter total: of all files, in bytes.
    func begin(total: Int64)
    /// The file that is sent from here on, by its path.
    func file(_ path: String)
    /// More bytes have gone.
    func sent(_ count: Int)
    /// All have gone, or no more go.
    func end()
}
