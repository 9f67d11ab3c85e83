import FledgeCore
import FledgeDocument
import FledgeEngine

/// What the daemon takes of a request.
package enum ControlLimits {
    /// The longest body, in bytes.
    package static let maximumBodyBytes = 8 << 20
}

/// `POST /v1/use-cases/NAME/commands`
package struct CommandRequest: Codable, Hashable, Sendable {
    package var command: CycleCommand
    package var actor: String

    package init(command: CycleCommand, actor: String) {
        self.command = command
        self.actor = actor
    }
}

/// `GET /v1/caller`: who the daemon takes the caller for.
package struct CallerView: Codable, Hashable, Sendable {
    package var name: String
    package var grant: AccessGrant

    package init(name: String, grant: AccessGrant) {
        self.name = name
        self.grant = grant
    }
}

/// `POST /v1/jobs/ID/settlement`
package struct SettlementRequest: Codable, Hashable, Sendable {
    package var settlement: JobSettlement
    package var actor: String

    package init(settlement: JobSettlement, actor: String) {
        self.settlement = settlement
        self.actor = actor
    }
}

/// `POST /v1/use-cases/NAME/rollback`
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

/// `POST /v1/reports`
package struct ReportNowRequest: Codable, Hashable, Sendable {
    package var useCase: String?
    package var formats: [ReportFormat]

    package init(useCase: String?, formats: [ReportFormat]) {
        self.useCase = useCase
        self.formats = formats
    }
}

/// `POST /v1/work/ID/retry`
package struct WorkRetryRequest: Codable, Hashable, Sendable {
    package var actor: String

    package init(actor: String) { self.actor = actor }
}
