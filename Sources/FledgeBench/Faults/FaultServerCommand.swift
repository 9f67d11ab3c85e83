import ArgumentParser
import FledgeTestKit
import Foundation

/// A model server that misbehaves, for trying something by hand or from a script.
struct FaultServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault-server",
        abstract: "Serves chat completions that misbehave: http://127.0.0.1:PORT/MODE/v1.", shouldDisplay: false)

    @Option(help: "The port; a free one unless said, which is printed.") var port: UInt16 = 0
    @Flag(help: "Print the modes with what Fledge does at each, and serve nothing.") var list = false

    func run() async throws {
        if list { return print(FaultMode.table) }
        let server = try FaultServer(port: port)
        // Whoever waits for it reads it out of a pipe.
        FileHandle.standardOutput.write(Data("\(server.port)\n".utf8))
        try await Task.sleep(for: .seconds(Int64(Int32.max)))
    }
}
