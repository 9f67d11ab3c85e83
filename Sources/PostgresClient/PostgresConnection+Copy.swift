import CLibpq

extension PostgresConnection {
    /// Writes rows with COPY: all of them, or none. Returns how many.
    @discardableResult
    package func copyIn(
        _ table: String, columns: [String], rows: [[(any PostgresEncodable)?]]
    ) async throws -> Int {
        let names = columns.map(Self.quoted).joined(separator: ", ")
        let target = table.split(separator: ".").map { Self.quoted(String($0)) }.joined(separator: ".")
        let sql = "COPY \(target) (\(names)) FROM STDIN"
        return try await cancellable { pointer in
            _ = try Self.checked(PQexec(pointer, sql), pointer, query: sql)
            do {
                try sendRows(rows, columns: columns.count, pointer)
            } catch {
                PQputCopyEnd(pointer, "the client gave up")
                drain(pointer)
                throw error
            }
            guard PQputCopyEnd(pointer, nil) == 1 else { throw PostgresError(connection: pointer, query: sql) }
            let result = PQgetResult(pointer)
            defer { drain(pointer) }
            return try Self.checked(result, pointer, query: sql).affectedRows
        }
    }

    private func sendRows(
        _ rows: [[(any PostgresEncodable)?]], columns: Int, _ pointer: OpaquePointer
    ) throws(PostgresError) {
        var text: [UInt8] = []
        var field: [UInt8] = []
        for (index, row) in rows.enumerated() {
            guard row.count == columns else {
                throw PostgresError(.parameter, "row \(index) has \(row.count) values for \(columns) columns")
            }
            for (column, value) in row.enumerated() {
                if column > 0 { text.append(UInt8(ascii: "\t")) }
                field.removeAll(keepingCapacity: true)
                value?.encode(into: &field)
                guard !field.contains(0) else {
                    throw PostgresError(.parameter, "row \(index), column \(column) holds a NUL byte")
                }
                Self.appendField(value == nil ? nil : field, to: &text)
            }
            text.append(UInt8(ascii: "\n"))
            if text.count > 65_536 || index == rows.count - 1 {
                let sent = text.withUnsafeBytes { bytes in
                    PQputCopyData(pointer, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
                }
                guard sent == 1 else { throw PostgresError(connection: pointer) }
                text.removeAll(keepingCapacity: true)
            }
        }
    }

    private static func appendField(_ field: [UInt8]?, to text: inout [UInt8]) {
        guard let field else {
            text.append(contentsOf: "\\N".utf8)
            return
        }
        for byte in field {
            switch byte {
            case UInt8(ascii: "\\"): text.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\t"): text.append(contentsOf: "\\t".utf8)
            case UInt8(ascii: "\n"): text.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): text.append(contentsOf: "\\r".utf8)
            default: text.append(byte)
            }
        }
    }

    private func drain(_ pointer: OpaquePointer) {
        while let result = PQgetResult(pointer) { PQclear(result) }
    }

    /// An identifier as SQL reads it.
    static func quoted(_ identifier: String) -> String {
        "\"" + identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
