import FledgeDaemon
import Foundation

exit(
    await DaemonMain.run(
        arguments: Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment))
