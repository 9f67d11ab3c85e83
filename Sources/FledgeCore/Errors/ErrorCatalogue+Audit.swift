extension ErrorCatalogue {
    /// `audit.…`
    static let audit: [ErrorEntry] = [
        ErrorEntry(
            "audit.adopted", .permanent, .success,
            "Rows were written before there was a chain of evidence.",
            "Nothing: what they were before, nobody can say."),
        ErrorEntry(
            "audit.anchor_not_writable", .needsPerson, .cannotWrite, http: 507,
            "The heads of the evidence can't be written down.",
            "Check the folder's permissions and the disk's space."),
        ErrorEntry(
            "audit.anchor_unreadable", .needsPerson, .unavailable, also: [.tryAgain], http: 503,
            "The heads of the evidence that were written down can't be read.",
            "Restore the file, or mend what keeps it from being read: nothing is written to it until then."),
        ErrorEntry(
            "audit.chain_broken", .needsPerson, .badData, http: 422,
            "The chain of evidence was changed, or an entry of it is missing.",
            "Restore the evidence from a backup, then retry."),
        ErrorEntry(
            .auditErased, .needsPerson, .badData, also: [.inconclusive], http: 422,
            "Evidence that a decision rests on was erased.",
            "Apply the definition with other data: a new cycle gathers new evidence."),
        ErrorEntry(
            "audit.figure_changed", .needsPerson, .badData, http: 422,
            "A stored figure is not what its evidence comes to.",
            "Restore the evidence from a backup, then retry."),
        ErrorEntry(
            "audit.history_broken", .needsPerson, .badData, http: 422,
            "A transition of the history was changed, or one is missing.",
            "Restore the evidence from a backup, then retry."),
        ErrorEntry(
            "audit.history_cut", .needsPerson, .badData, http: 422,
            "The end of the history, or all of it, is not what stood there before.",
            "Restore the evidence from a backup, then retry."),
        ErrorEntry(
            "audit.name_changed", .needsPerson, .badData, http: 422,
            "A use case has another name than its definition.",
            "Restore the evidence from a backup, then retry."),
        ErrorEntry(
            "audit.newer_format", .needsPerson, .inconclusive, http: 400,
            "Evidence was chained by a newer version.",
            "Verify it with that version."),
        ErrorEntry(
            "audit.no_heads", .needsPerson, .usage, also: [.badData], http: 400,
            "The heads that were kept elsewhere can't be read, or there are none.",
            "Check the path, and what the file holds."),
        ErrorEntry(
            "audit.not_anchored", .permanent, .inconclusive, http: 400,
            "No head of the evidence was kept elsewhere.",
            "Keep heads elsewhere, so that a cut end is noticed."),
        ErrorEntry(
            "audit.other_database", .permanent, .badData,
            "The heads that were kept are those of another database.",
            "Name the database that it was with --database."),
        ErrorEntry(
            "audit.other_rules", .needsPerson, .inconclusive, http: 400,
            "A state was counted by a version with other rules, or edited.",
            "Verify it with the version that wrote it."),
        ErrorEntry(
            "audit.pointer_changed", .needsPerson, .badData, http: 422,
            "The champion is not the release that it was moved to last.",
            "Restore the evidence from a backup, then retry."),
        ErrorEntry(
            "audit.row_changed", .needsPerson, .badData, http: 422,
            "A row of the evidence was changed.",
            "Restore the evidence from a backup, then retry."),
        ErrorEntry(
            "audit.row_missing", .needsPerson, .badData, http: 422,
            "A row of the evidence is missing.",
            "Restore the evidence from a backup, then retry."),
        ErrorEntry(
            "audit.row_unrecorded", .needsPerson, .badData, http: 422,
            "A row was added to the evidence without being recorded.",
            "Find out who added it, and restore the evidence from a backup."),
        ErrorEntry(
            "audit.salt_missing", .needsPerson, .badData, http: 422,
            "A row of the evidence lost its salt, and nobody erased it.",
            "Restore the evidence from a backup, then retry."),
        ErrorEntry(
            "audit.state_changed", .needsPerson, .badData, http: 422,
            "A cycle does not stand where its history ends.",
            "Restore the evidence from a backup, then retry."),
        ErrorEntry(
            .auditUseCaseMissing, .needsPerson, .badData, http: 422,
            "A whole use case is missing from the evidence.",
            "Restore the evidence from a backup."),
        ErrorEntry(
            "audit.webhook_failed", .transient, .tryAgain,
            "The heads of the evidence did not reach their webhook.",
            "Nothing while it is away; check its address if it stays so."),
    ]
}

extension FledgeError.Code {
    package static let auditErased: Self = "audit.erased"
    package static let auditUseCaseMissing: Self = "audit.use_case_missing"
}
