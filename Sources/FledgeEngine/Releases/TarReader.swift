import FledgeCore

/// Takes an archive apart as its pieces come.
struct TarReader {
    fileprivate enum Place {
        case header([UInt8])
        case content(Int64, padding: Int)
        case padding(Int)
        case end
    }

    private var place = Place.header([])
    private var emptyBlocks = 0

    /// Whether the archive's own end was there: what was cut off has none.
    var isWhole: Bool { if case .end = place { true } else { false } }

    /// - Parameters:
    ///   - begin: a file begins.
    ///   - write: a part of it.
    mutating func take(
        _ piece: [UInt8], begin: (TarHeader) throws(FledgeError) -> Void,
        write: (ArraySlice<UInt8>) throws(FledgeError) -> Void
    ) throws(FledgeError) {
        var rest = piece[...]
        while !rest.isEmpty {
            switch place {
            case .header(var block):
                let part = rest.prefix(TarHeader.blockSize - block.count)
                block += part
                rest = rest.dropFirst(part.count)
                place = .header(block)
                if block.count == TarHeader.blockSize { try header(block, begin) }
            case .content(let left, let padding):
                let part = rest.prefix(Int(min(left, Int64(rest.count))))
                try write(part)
                rest = rest.dropFirst(part.count)
                place = left > part.count ? .content(left - Int64(part.count), padding: padding) : .after(padding)
            case .padding(let left):
                let part = rest.prefix(left)
                rest = rest.dropFirst(part.count)
                place = .after(left - part.count)
            case .end:
                // Whoever writes archives in larger blocks fills the last one.
                guard rest.allSatisfy({ $0 == 0 }) else { throw TarHeader.refusal("something follows the release") }
                return
            }
        }
    }

    private mutating func header(
        _ block: [UInt8], _ begin: (TarHeader) throws(FledgeError) -> Void
    ) throws(FledgeError) {
        guard block.contains(where: { $0 != 0 }) else {
            emptyBlocks += 1
            place = emptyBlocks == 2 ? .end : .header([])
            return
        }
        guard emptyBlocks == 0 else { throw TarHeader.refusal("something follows the release") }
        let header = try TarHeader(block)
        try begin(header)
        place = header.size > 0 ? .content(header.size, padding: header.padding) : .header([])
    }
}

extension TarReader.Place {
    fileprivate static func after(_ padding: Int) -> Self { padding > 0 ? .padding(padding) : .header([]) }
}
