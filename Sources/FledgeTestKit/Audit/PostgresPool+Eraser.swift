import PostgresClient

extension PostgresPool {
    /// Makes the role of whoever erases a person's content.
    package func makeEraser() async throws {
        try await withConnection { connection in
            try await connection.script(
                """
                DO $$ BEGIN CREATE ROLE fledge_eraser;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO fledge_eraser;
                """)
        }
    }
}
