import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgePostgres
import Foundation

extension StoreWrite {
    static let releases = [
        StoreWrite("ReleaseStore.makeRelease") { scene in
            { "\(try await release(scene).number)" }
        },
        StoreWrite("ReleaseStore.moveChampion") { scene in
            let number = try await release(scene).number
            return {
                let moved = try await scene.store.moveChampion(
                    of: scene.cycle.useCase, to: number, actor: "ada", reason: "it was better")
                return "\(moved.number)"
            }
        },
        StoreWrite("ReportStore.plan") { scene in
            _ = try await scene.store.apply(StoresFixture.submission("other", reports: [StoresFixture.daily]))
            guard let schedule = try await scene.store.unplannedSchedules().first else { throw Missing() }
            return {
                try await scene.store.plan(schedule.id, nextSlot: Date(timeIntervalSince1970: 1_800_000_000))
                return ""
            }
        },
        StoreWrite("ReportStore.fire", twice: .answered) { scene in
            let slot = scene.schedule.nextSlot
            return {
                let isFired = try await scene.store.fire(
                    scene.schedule, slot: slot, nextSlot: slot.addingTimeInterval(604_800), request: request)
                return "\(isFired)"
            }
        },
        StoreWrite("ReportStore.storeReport") { scene in
            let report = try await scene.store.reportContent(
                useCase: "colour", from: nil, to: Date(timeIntervalSince1970: 1_900_000_000))
            return {
                "\(try await scene.store.storeReport(report, request: request, files: ["html": "a.html"]))"
            }
        },
    ]

    static let others = [
        StoreWrite("WorkQueue.enqueue") { scene in
            {
                try await scene.store.enqueue(report: request)
                return ""
            }
        },
        StoreWrite("AccessStore.store") { scene in
            { try await scene.store.store(token, sha256: Digest(of: "secret")).map { "\($0)" } ?? "none" }
        },
        StoreWrite("AccessStore.revoke", twice: .answered) { scene in
            _ = try await scene.store.store(token, sha256: Digest(of: "secret"))
            return {
                let revoked = try await scene.store.revoke("ci", by: "ada", at: Date(timeIntervalSince1970: 2))
                return revoked == nil ? "none" : "revoked"
            }
        },
    ]

    private static let token = AccessToken(
        name: "ci", grant: AccessGrant(scopes: [.read], useCases: nil, owners: nil), createdBy: "ada",
        createdAt: Date(timeIntervalSince1970: 1), expiresAt: nil, revokedAt: nil, revokedBy: nil)

    private static let request = ReportRequest(
        useCase: "colour", schedule: nil, slot: nil, from: nil, formats: [.html], key: "report-1")

    private static func release(_ scene: Scene) async throws -> Release {
        try await scene.store.makeRelease(StoresFixture.bundle(scene.candidate), cycle: scene.cycle.id)
    }
}
