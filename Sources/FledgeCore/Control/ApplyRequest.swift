import FledgeDocument

/// A compiled definition that somebody wants to plan or to apply.
package struct ApplyRequest: Codable, Hashable, Sendable {
    package var document: DefinitionDocument
    package var sourceText: String
    /// The absolute folder that data paths are relative to: the definition's own.
    package var directory: String
    package var actor: String
    /// The absolute path of the data file on the machine that the definition comes from, which messages say; nil where
    /// `directory` tells, and for a definition without data.
    package var dataPath: String?

    package init(
        document: DefinitionDocument, sourceText: String, directory: String, actor: String, dataPath: String? = nil
    ) {
        self.dataPath = dataPath
        self.document = document
        self.sourceText = sourceText
        self.directory = directory
        self.actor = actor
    }
}

package struct ApplyResult: Codable, Hashable, Sendable {
    /// Nil when the diagnostics hold an error: nothing was stored.
    package var applied: AppliedDefinition?
    package var diagnostics: [Diagnostic]
    /// What a look at the holdout could use before this was applied; nil from a daemon that does not say.
    package var holdout: HoldoutForecast?

    package init(applied: AppliedDefinition?, diagnostics: [Diagnostic], holdout: HoldoutForecast? = nil) {
        self.applied = applied
        self.diagnostics = diagnostics
        self.holdout = holdout
    }
}

package struct PlanResult: Codable, Hashable, Sendable {
    package var name: String
    package var currentRevision: Int?
    /// Whether applying would store a revision.
    package var isNew: Bool
    package var changes: [String]
    package var diagnostics: [Diagnostic]
    /// What applying would do; nil where it can't be applied, and from a daemon that does not say.
    package var effect: EditEffect?

    package init(
        name: String, currentRevision: Int?, isNew: Bool, changes: [String], diagnostics: [Diagnostic],
        effect: EditEffect? = nil
    ) {
        self.effect = effect
        self.name = name
        self.currentRevision = currentRevision
        self.isNew = isNew
        self.changes = changes
        self.diagnostics = diagnostics
    }
}
