/// A statement's parameters in one block of NUL-terminated texts, as libpq reads them.
struct ParameterBuffer {
    private var texts: [UInt8] = []
    private var offsets: [Int?] = []

    init(_ parameters: [(any PostgresEncodable)?], query: String) throws(PostgresError) {
        for (index, parameter) in parameters.enumerated() {
            guard let parameter else {
                offsets.append(nil)
                continue
            }
            let start = texts.count
            offsets.append(start)
            parameter.encode(into: &texts)
            // libpq would cut the text at a NUL without a word.
            if texts[start...].contains(0) {
                throw PostgresError(
                    .parameter, "parameter $\(index + 1) holds a NUL byte, which PostgreSQL text can't hold",
                    query: PostgresError.firstLine(query))
            }
            texts.append(0)
        }
    }

    func withPointers<Result>(_ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?) -> Result) -> Result {
        texts.withUnsafeBytes { bytes in
            let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = offsets.map { offset in offset.flatMap { base?.advanced(by: $0) } }
            return pointers.withUnsafeBufferPointer { body(Int32($0.count), $0.baseAddress) }
        }
    }
}
