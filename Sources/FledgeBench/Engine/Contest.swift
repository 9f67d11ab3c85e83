import FledgeCore
import Foundation

/// What one contestant did in one round.
struct Throughput: Sendable {
    var count: Int
    var seconds: Double
    /// CPU seconds of the client.
    var clientCPU: Double
    /// CPU seconds of the database server meanwhile.
    var serverCPU: Double

    var perSecond: Double { Double(count) / seconds }
    var perClientCPUSecond: Double { Double(count) / clientCPU }
    var perCPUSecond: Double { Double(count) / (clientCPU + serverCPU) }

    /// Measures the body, which says how much it has done.
    nonisolated(nonsending) static func measured(_ body: () async throws -> Int) async throws -> Throughput {
        let own = CPUTime.own
        let server = try await DurableServer.cpuSeconds()
        let start = ContinuousClock.now
        let count = try await body()
        let seconds = start.duration(to: .now) / .seconds(1)
        let spent = CPUTime.own - own
        return Throughput(
            count: count, seconds: seconds, clientCPU: spent, serverCPU: try await DurableServer.cpuSeconds() - server)
    }
}

/// What a peer's script says of itself.
struct PeerThroughput: Decodable, Sendable {
    var finished: Int
    var seconds: Double
    var cpu_seconds: Double
}

/// Runs contestants in turns, so that whatever else the machine does meets all of them.
struct Contest: Sendable {
    struct Contestant: Sendable {
        /// Nil for Fledge.
        var peer: String?
        var run: @Sendable () async throws -> Throughput
    }

    var contestants: [Contestant]
    var rounds: Int

    /// The round of median rate of each contestant, in their order.
    func medians() async throws -> [Throughput] {
        var results = contestants.map { _ in [Throughput]() }
        for round in 0..<rounds {
            for place in contestants.indices {
                // Nobody is always the first after a pause, or always behind the same neighbour.
                let index = (place + round) % contestants.count
                results[index].append(try await contestants[index].run())
            }
        }
        return results.map { $0.sorted { $0.perSecond < $1.perSecond }[$0.count / 2] }
    }
}
