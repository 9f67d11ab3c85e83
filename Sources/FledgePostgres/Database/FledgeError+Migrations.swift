import FledgeCore
import Migrations

extension FledgeError {
    /// What a person is told when the schema could not be brought up to date.
    package init(_ error: MigrationError) {
        self.init(
            Code(rawValue: error.code.rawValue), error.message, place: "migration \(error.version)",
            hint: "fledge db status shows every migration and where it stands",
            exitCode: error.code == .failed ? .software : .configuration)
    }
}
