import FledgeCore
import FledgeEngine
import Foundation

/// Where the library that definitions are compiled against is installed.
package struct DSLLibrary: Hashable, Sendable {
    package static let pathVariable = EnvironmentVariable.library.rawValue
    static let fileName = "libFledgeDSL.so"

    /// The folder that holds the shared library.
    package let directory: String
    /// The folder that holds the compiled modules.
    package let modules: String

    package var path: String { directory + "/" + Self.fileName }

    /// Looks into `FLEDGE_LIBRARY_PATH`, then into `../lib/fledge` beside the executable, then beside the executable, which
    /// is where a build leaves it.
    ///
    /// - Throws: `definition.library_missing` (exit 78).
    package static func locate(
        environment: [String: String], executable: String = currentExecutable
    ) throws(FledgeError) -> DSLLibrary {
        let beside = (executable as NSString).deletingLastPathComponent
        var places = [(beside as NSString).deletingLastPathComponent + "/lib/fledge", beside]
        // Whoever names a place wants that one: falling back to another library would hide a wrong path.
        if let chosen = environment[pathVariable], !chosen.isEmpty { places = [chosen] }
        for place in places {
            guard FileManager.default.fileExists(atPath: place + "/" + fileName) else { continue }
            for modules in [place + "/Modules", place]
            where FileManager.default.fileExists(atPath: modules + "/FledgeDSL.swiftmodule") {
                return DSLLibrary(directory: place, modules: modules)
            }
        }
        throw FledgeError(
            "definition.library_missing",
            "\(fileName) with its modules was not found in \(places.joined(separator: " or "))",
            hint: "set \(pathVariable) to the folder that holds it, or build it with `swift build --product FledgeDSL`")
    }

    /// The path of this program.
    package static var currentExecutable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
