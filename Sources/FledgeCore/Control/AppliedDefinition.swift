/// What applying a definition did.
package struct AppliedDefinition: Codable, Hashable, Sendable {
    package var useCase: UseCaseID
    package var revision: Int
    /// False when the same document and data were applied already.
    package var isNew: Bool
    /// The cycle that was started; nil when a running cycle keeps the new revision waiting, or nothing changed.
    package var startedCycle: CycleID?
    /// The number of the cycle that the new revision belongs to from now on, because it asks for no other evidence.
    package var adoptedByCycle: Int?

    package init(
        useCase: UseCaseID, revision: Int, isNew: Bool, startedCycle: CycleID?, adoptedByCycle: Int? = nil
    ) {
        self.adoptedByCycle = adoptedByCycle
        self.useCase = useCase
        self.revision = revision
        self.isNew = isNew
        self.startedCycle = startedCycle
    }
}
