import CLibpq

extension PostgresConnection {
    /// Sends all statements before it waits for the first answer: one round trip, one implicit transaction.
    ///
    /// The first statement that fails undoes all of them (outside of an explicit transaction) and is thrown.
    @discardableResult
    package func pipeline(_ batch: [PostgresStatement]) async throws -> [PostgresResult] {
        if batch.isEmpty { return [] }
        let buffers = try batch.map { try ParameterBuffer($0.parameters, query: $0.sql) }
        return try await cancellable { pointer in
            guard PQenterPipelineMode(pointer) == 1 else { throw PostgresError(connection: pointer) }
            // Always left again, even though after a failure the answers to what was sent are read first.
            defer { PQexitPipelineMode(pointer) }
            return try runPipeline(batch, buffers, pointer)
        }
    }

    private func runPipeline(
        _ batch: [PostgresStatement], _ buffers: [ParameterBuffer], _ pointer: OpaquePointer
    ) throws(PostgresError) -> [PostgresResult] {
        var names: [String: String] = [:]
        var steps: [(sql: String, prepares: Bool)] = []
        for (statement, buffer) in zip(batch, buffers) {
            let sql = statement.sql
            guard configuration.hasOwnSessions else {
                let sent = buffer.withPointers { count, values in
                    PQsendQueryParams(pointer, sql, count, nil, values, nil, nil, 0)
                }
                guard sent == 1 else { throw PostgresError(connection: pointer, query: sql) }
                steps.append((sql, false))
                continue
            }
            var name = names[sql] ?? statements.name(for: sql)
            if name == nil {
                let new = statements.newName()
                guard PQsendPrepare(pointer, new, sql, 0, nil) == 1 else {
                    throw PostgresError(connection: pointer, query: sql)
                }
                steps.append((sql, true))
                name = new
            }
            names[sql] = name
            let sent = buffer.withPointers { count, values in
                PQsendQueryPrepared(pointer, name, count, values, nil, nil, 0)
            }
            guard sent == 1 else { throw PostgresError(connection: pointer, query: sql) }
            steps.append((sql, false))
        }
        guard PQpipelineSync(pointer) == 1 else { throw PostgresError(connection: pointer) }

        var results: [PostgresResult] = []
        var prepared: [String] = []
        var failure: PostgresError?
        for step in steps {
            switch answer(pointer, query: step.sql) {
            case .success(let result):
                if step.prepares { prepared.append(step.sql) } else { results.append(result) }
            case .failure(let error):
                // The first error is the cause; what follows says only that the pipeline was aborted.
                if failure == nil { failure = error }
                if error.code == .connection { throw failure ?? error }
            }
        }
        PQclear(PQgetResult(pointer))  // the synchronisation point
        PQexitPipelineMode(pointer)
        for sql in prepared {
            if let name = names[sql], let evicted = statements.insert(sql, name: name) {
                deallocate(evicted, pointer)
            }
        }
        if let failure { throw failure }
        return results
    }

    /// One statement's result and the NULL that ends it.
    private func answer(_ pointer: OpaquePointer, query: String) -> Result<PostgresResult, PostgresError> {
        let result = PQgetResult(pointer)
        let outcome: Result<PostgresResult, PostgresError>
        do {
            outcome = .success(try Self.checked(result, pointer, query: query))
        } catch {
            outcome = .failure(error)
        }
        while let extra = result == nil ? nil : PQgetResult(pointer) { PQclear(extra) }
        return outcome
    }
}
