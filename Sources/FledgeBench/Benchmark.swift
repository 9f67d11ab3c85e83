/// One named measurement: one file each, under the folder of its command.
struct Benchmark: Sendable {
    let name: String
    /// Whether it means nothing without a peer that has to be installed: `--quick` leaves it out unless it is named.
    var needsPeer = false
    /// - Parameter quick: smaller sizes, for CI.
    let run: @Sendable (_ quick: Bool) async throws -> [Figure]
}
