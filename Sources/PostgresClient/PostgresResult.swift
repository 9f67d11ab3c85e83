import CLibpq
import Glibc

/// What one statement gave: its rows and the number of rows that it changed.
///
/// `@unchecked Sendable`: the result is complete before it is wrapped, nothing here changes it, and libpq
/// allows any thread to read a result that none changes. It is freed once, when the last row that refers
/// to it is gone.
package final class PostgresResult: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    package var rows: [PostgresRow] {
        (0..<PQntuples(pointer)).map { PostgresRow(result: self, index: $0) }
    }

    /// Rows inserted, updated, deleted, copied or selected; 0 for other commands.
    package var affectedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    /// The command tag, such as `COMMIT` or `INSERT 0 3`.
    package var command: String { String(cString: PQcmdStatus(pointer)) }

    package var columns: [String] {
        (0..<PQnfields(pointer)).map { String(cString: PQfname(pointer, $0)) }
    }

    func column(named name: String) -> Int32? {
        // PQfnumber would fold the case of unquoted names.
        name.withCString { wanted in
            (0..<PQnfields(pointer)).first { strcmp(PQfname(pointer, $0), wanted) == 0 }
        }
    }
}
