import FledgeRehearsal
import Foundation

exit(
    await RehearsalMain.run(
        arguments: Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment))
