import FledgeCore
import Foundation
import ManagedProcess

/// Reads a safetensors file without trusting it: eight bytes of header length, a JSON header, then the tensors' bytes.
package struct SafetensorsFile: Sendable {
    package struct Tensor: Sendable {
        package var name: String
        /// `F32`, `F16` or `BF16`.
        package var dtype: String
        package var shape: [Int]
        /// Its values, row by row, little-endian.
        package var bytes: Data

        package init(name: String, dtype: String, shape: [Int], bytes: Data) {
            self.name = name
            self.dtype = dtype
            self.shape = shape
            self.bytes = bytes
        }

        /// Whether every value is a number.
        package var isFinite: Bool { bytes.withUnsafeBytes { SafetensorsFile.isFinite($0, dtype) } }
    }

    /// Where a tensor lies.
    package struct Place: Sendable {
        package var name: String
        package var dtype: String
        package var shape: [Int]
        /// From the file's beginning.
        package var range: Range<Int>
    }

    /// An honest header has 150 bytes a tensor, and an adapter of the largest mixture of experts some 70,000 tensors.
    package static let maximumHeader = 16 << 20
    /// Bytes of one value.
    static let widths = ["F32": 4, "F16": 2, "BF16": 2]

    private let url: URL

    package init(_ url: URL) { self.url = url }

    /// All of it, in memory.
    ///
    /// - Throws: `adapter.bad_safetensors` for anything but a whole, gapless file of floating-point tensors;
    ///   `adapter.unreadable`, or `file.unread` where that may pass, where it can't be read.
    package func tensors() throws(FledgeError) -> [Tensor] {
        let places = try places()
        let file = try opened()
        var data = Data()
        do { data = try file.whole(limit: Int(clamping: file.size)) } catch { throw failure(error) }
        guard places.allSatisfy({ $0.range.upperBound <= data.count }) else {
            throw refusal("it has changed while it was read")
        }
        return places.map { Tensor(name: $0.name, dtype: $0.dtype, shape: $0.shape, bytes: data[$0.range]) }
    }

    private func opened() throws(FledgeError) -> ForeignFile {
        do {
            if let file = try ForeignFile(url.path) { return file }
        } catch { throw failure(error) }
        throw refusal("it is not there")
    }

    /// What lies where, in that order, by the header alone.
    ///
    /// - Throws: as ``tensors()``.
    package func places() throws(FledgeError) -> [Place] {
        let file = try opened()
        let size = Int(clamping: file.size)
        func bytes(from offset: Int, _ count: Int) throws(FledgeError) -> Data {
            var data = Data()
            do throws(ProcessError) {
                try file.pieces(from: Int64(clamping: offset)) { piece in
                    data.append(contentsOf: piece.prefix(count - data.count))
                    return data.count < count
                }
            } catch { throw failure(error) }
            return data
        }
        let first = try bytes(from: 0, 8)
        guard first.count == 8 else { throw refusal("it is shorter than its header") }
        let length = first.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(Self.maximumHeader), length <= UInt64(clamping: size - 8) else {
            throw refusal("its header claims \(length) bytes, of \(Self.maximumHeader) at most and a file of \(size)")
        }
        let body = 8 + Int(length)
        let raw = try bytes(from: 8, Int(length))
        guard let header = try? JSONProfile.foreign.value([String: Entry].self, from: raw) else {
            throw refusal("its header is not the JSON of a safetensors file")
        }
        var places: [Place] = []
        var expectedStart = 0
        let entries = header.filter { $0.key != "__metadata__" }.sorted {
            ($0.value.start, $0.key) < ($1.value.start, $1.key)
        }
        for (name, entry) in entries {
            guard let dtype = entry.dtype, let width = Self.widths[dtype], let shape = entry.shape,
                shape.allSatisfy({ $0 >= 0 })
            else { throw refusal("the tensor \(name) is not of a floating-point type") }
            var count = 1
            for side in shape {
                let product = count.multipliedReportingOverflow(by: side)
                guard !product.overflow else { throw refusal("the tensor \(name) is impossibly large") }
                count = product.partialValue
            }
            let bytes = count.multipliedReportingOverflow(by: width)
            // The ends are untrusted: they are compared before they are subtracted.
            guard !bytes.overflow, entry.start == expectedStart, entry.end >= entry.start,
                entry.end <= size - body,
                entry.end - entry.start == bytes.partialValue
            else { throw refusal("the tensor \(name) does not lie where its shape says") }
            expectedStart = entry.end
            places.append(Place(name: name, dtype: dtype, shape: shape, range: body + entry.start..<body + entry.end))
        }
        guard body + expectedStart == size else { throw refusal("it holds bytes that belong to no tensor") }
        return places
    }

    /// The first tensor with a value that is not a number, read piece by piece; nil where there is none.
    ///
    /// - Throws: `CancellationError` as well.
    package func firstNotFinite(of places: [Place]) throws -> String? {
        let file = try opened()
        for place in places where !place.range.isEmpty {
            var left = place.range.count
            var isSound = true
            do throws(ProcessError) {
                // A piece ends with a whole value: it has an even number of them, and each tensor begins its own.
                try file.pieces(from: Int64(clamping: place.range.lowerBound)) { piece in
                    let own = UnsafeRawBufferPointer(rebasing: piece[..<min(left, piece.count)])
                    left -= own.count
                    isSound = Self.isFinite(own, place.dtype)
                    return isSound && left > 0 && !Task.isCancelled
                }
            } catch { throw failure(error) }
            if !isSound { return place.name }
            try CancellationPoint.check()
            guard left == 0 else { throw refusal("it has changed while it was read") }
        }
        return nil
    }

    private struct Entry: Decodable {
        var dtype: String?
        var shape: [Int]?
        var data_offsets: [Int]?

        var start: Int { data_offsets?.first ?? -1 }
        var end: Int { data_offsets?.count == 2 ? data_offsets?[1] ?? -1 : -1 }
    }

    /// A floating-point number is finite when its exponent is not all ones.
    private static func isFinite(_ raw: UnsafeRawBufferPointer, _ dtype: String) -> Bool {
        switch dtype {
        case "F32":
            return stride(from: 0, to: raw.count - 3, by: 4)
                .allSatisfy { raw.loadUnaligned(fromByteOffset: $0, as: UInt32.self) & 0x7F80_0000 != 0x7F80_0000 }
        default:
            let mask: UInt16 = dtype == "F16" ? 0x7C00 : 0x7F80
            return stride(from: 0, to: raw.count - 1, by: 2)
                .allSatisfy { raw.loadUnaligned(fromByteOffset: $0, as: UInt16.self) & mask != mask }
        }
    }

    /// That it can't be read says nothing about what it holds.
    private func failure(_ error: ProcessError) -> FledgeError {
        switch error.code {
        case .notPlain, .tooLarge: refusal(error.message)
        default: FledgeError(unread: error, "adapter.unreadable", "the weights can't be read", place: url.path)
        }
    }

    private func refusal(_ what: String) -> FledgeError {
        FledgeError(
            "adapter.bad_safetensors", "the adapter's weights are not sound: \(what)", place: url.path,
            hint: "train again: fledge retry NAME")
    }
}
