import FledgeCore
import FledgeDocument

/// A command to a use case's cycle.
package struct CommandRequest: Codable, Hashable, Sendable {
    package var command: CycleCommand
    package var actor: String

    package init(command: CycleCommand, actor: String) {
        self.command = command
        self.actor = actor
    }
}

/// Who the daemon takes the caller for.
package struct CallerView: Codable, Hashable, Sendable {
    package var name: String
    package var grant: AccessGrant

    package init(name: String, grant: AccessGrant) {
        self.name = name
        self.grant = grant
    }
}

/// A person's word for a training job that nobody can look up.
package struct SettlementRequest: Codable, Hashable, Sendable {
    package var settlement: JobSettlement
    package var actor: String

    package init(settlement: JobSettlement, actor: String) {
        self.settlement = settlement
        self.actor = actor
    }
}

/// A release that is to serve again.
package struct RollbackRequest: Codable, Hashable, Sendable {
    package var number: Int
    package var actor: String
    package var reason: String

    package init(number: Int, actor: String, reason: String) {
        self.number = number
        self.actor = actor
        self.reason = reason
    }
}

/// A report that is to be written at once.
package struct ReportNowRequest: Codable, Hashable, Sendable {
    package var useCase: String?
    package var formats: [ReportFormat]

    package init(useCase: String?, formats: [ReportFormat]) {
        self.useCase = useCase
        self.formats = formats
    }
}

/// Dead work that is to be tried again.
package struct WorkRetryRequest: Codable, Hashable, Sendable {
    package var actor: String

    package init(actor: String) { self.actor = actor }
}
