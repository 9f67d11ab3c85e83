import FledgeCore
import FledgeDocument
import FledgePostgres
import PostgresClient

/// Many use cases at once, as applying as many definitions would have left them; made by the database itself, since a
/// million of them are to be there in a minute.
struct UseCaseField: Sendable {
    enum State: Sendable {
        /// In production: nothing is due.
        case idle
        /// In its first prompt round, whose work is queued.
        case experimenting
    }

    static let definition = UseCaseDefinition(
        name: "bench", purpose: "Route a message to the team that answers it.", owner: "bench",
        dataset: DatasetDefinition(
            path: "data.jsonl", inputs: ["text"], expected: "label",
            split: SplitDefinition(prototype: 100, holdout: 200, seed: 7)),
        models: [ModelDefinition(name: "small", endpoint: .local)],
        promptPrototype: PromptPrototypeDefinition(
            prompts: [PromptDefinition(name: "plain", system: "Name the team.", user: "{{text}}")],
            decoding: DecodingDefinition(maxTokens: 8, choices: .labels), rounds: RoundsDefinition(maximum: 1)),
        validation: ValidationDefinition(
            require: [CriterionDefinition(metric: .accuracy, bound: .atLeast(0.9))], holdoutLooks: 1),
        production: ProductionDefinition(approval: .automatic))

    let pool: PostgresPool

    /// Adds use cases, named `prefix-0000001` and so on, with a revision, a snapshot and an open cycle each.
    func add(_ count: Int, _ state: State, prefix: String) async throws {
        let document = CanonicalJSON.text(of: DefinitionDocument(useCase: Self.definition, sourceFile: "bench.swift"))
        let cycle =
            switch state {
            case .idle:
                CycleState(stage: .production, activity: .live, round: 1, looks: 1, candidate: Digest(of: prefix))
            case .experimenting: CycleState(stage: .promptPrototype, activity: .experimenting, round: 1)
            }
        let text = try JSONProfile.stored.text(of: cycle)
        try await pool.withTransaction { connection in
            // No evidence is asked of them, and chaining a million of them would take minutes.
            for table in ["definition_revision", "cycle"] {
                try await connection.execute("ALTER TABLE \(table) DISABLE TRIGGER audit")
            }
            try await connection.execute(
                """
                WITH made AS (
                    INSERT INTO use_case (name) SELECT $1 || to_char(n, 'FM0000000') FROM generate_series(1, $2::int) AS n
                    RETURNING id
                ), snapshot AS (
                    INSERT INTO dataset_snapshot (use_case_id, sha256, source_path, row_count)
                    SELECT id, repeat('0', 64), 'data.jsonl', 300 FROM made RETURNING id, use_case_id
                ), revision AS (
                    INSERT INTO definition_revision (use_case_id, number, document, source_text, sha256, snapshot_id,
                                                     applied_by)
                    SELECT use_case_id, 1, $3::jsonb, '', repeat('1', 64), id, 'bench' FROM snapshot
                )
                SELECT
                """, ["\(prefix)-", count, document])
            try await connection.execute(
                """
                INSERT INTO cycle (use_case_id, number, revision_id, snapshot_id, stage, activity, state, version)
                SELECT r.use_case_id, 1, r.id, r.snapshot_id, $2, $3, $4::jsonb, 1
                FROM definition_revision r JOIN use_case u ON u.id = r.use_case_id WHERE starts_with(u.name, $1)
                """, ["\(prefix)-", cycle.stage.rawValue, cycle.activity.rawValue, text])
            // As the scheduler does with use cases that are under way.
            try await connection.execute("DELETE FROM waiting_revision")
            for table in ["definition_revision", "cycle"] {
                try await connection.execute("ALTER TABLE \(table) ENABLE TRIGGER audit")
            }
            guard state == .experimenting else { return }
            try await connection.execute(
                """
                INSERT INTO work_item (cycle_id, kind, payload)
                SELECT c.id, 'run-experiment', $2::jsonb FROM cycle c JOIN use_case u ON u.id = c.use_case_id
                WHERE starts_with(u.name, $1) ORDER BY c.id
                """, ["\(prefix)-", try JSONProfile.stored.text(of: CycleAction.runExperiment(round: 1))])
        }
        try await pool.execute("VACUUM ANALYZE")
    }
}
