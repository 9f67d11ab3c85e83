import FledgeCore

extension Endpoints {
    package static let auditedNames = Endpoint<EmptyRequest, [String]>(
        .init(
            "listAudited", .get, root + "audit", "The use cases whose evidence is kept, sorted",
            access: .scope(.read)))
    /// Every sample is compared.
    package static let auditReport = Endpoint<NamedRequest, AuditReport>(
        .init(
            "audit", .get, root + "audit/{name}", "Whether the evidence is what was recorded",
            access: .useCase(.read), patience: .seconds(600), isLong: true))
    package static let auditHashes = Endpoint<NamedRequest, AuditHashes>(
        .init(
            "auditHashes", .get, root + "audit/{name}/hashes", "The hashes of the chain of evidence and the history",
            access: .useCase(.read)))
    /// The files of every adapter are hashed.
    package static let championAdapters = Endpoint<EmptyRequest, [AdapterCheckResult]>(
        .init(
            "championAdapters", .get, root + "champions/adapters",
            "The adapters of all champions, with what is wrong with their files", access: .everywhere(.read),
            patience: .seconds(600), isLong: true))

    static let audit: [any DescribedEndpoint] = [auditedNames, auditReport, auditHashes, championAdapters]
}
