/// One named measurement: one file each, under the folder of its command.
struct Benchmark: Sendable {
    let name: String
    /// - Parameter quick: smaller sizes, for CI.
    let run: @Sendable (_ quick: Bool) async throws -> [Figure]
}
