import FledgeCore

extension Endpoints {
    package static let releases = Endpoint<NamedRequest, [Release]>(
        .init(
            "listReleases", .get, root + "use-cases/{name}/releases", "The releases of a use case",
            access: .useCase(.serve)))
    package static let rollback = Endpoint<NamedBodyRequest<RollbackRequest>, Release>(
        .init(
            "rollback", .post, root + "use-cases/{name}/rollback", "Lets an earlier release serve again",
            access: .useCase(.operate),
            errors: ["release.unknown", "cycle.conflict", "reason.empty", "access.other_actor"]))
    package static let export = Endpoint<ExportRequest, ByteStream>(
        sending: .init(
            "export", .get, root + "use-cases/{name}/export",
            "The files of a release, of the champion where none is named",
            access: .useCase(.serve), errors: ["release.unknown"], form: .stream("application/x-tar")))
    /// It named a folder of the daemon's machine, which was written with the daemon's rights.
    package static let exportToFolder = Endpoint<NamedRequest, Never>(
        refusing: .init(
            "exportToFolder", .post, root + "use-cases/{name}/export", "What earlier clients ask: always refused",
            access: .known, errors: ["release.export_outdated"], isDeprecated: true))

    static let releasing: [any DescribedEndpoint] = [releases, rollback, export, exportToFolder]
}
