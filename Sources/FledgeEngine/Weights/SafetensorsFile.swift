import FledgeCore
import Foundation

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
        package var isFinite: Bool { SafetensorsFile.isFinite(bytes, dtype) }
    }

    private static let maximumHeader = 100 << 20
    /// Bytes of one value.
    static let widths = ["F32": 4, "F16": 2, "BF16": 2]

    private let url: URL

    package init(_ url: URL) { self.url = url }

    /// - Throws: `adapter.bad_safetensors` for anything but a whole, gapless file of floating-point tensors.
    package func tensors() throws(FledgeError) -> [Tensor] {
        guard let data = try? Data(contentsOf: url, options: .mappedIfSafe), data.count >= 8 else {
            throw refusal("it is shorter than its header")
        }
        let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(Self.maximumHeader), length <= UInt64(data.count - 8) else {
            throw refusal("its header claims \(length) bytes")
        }
        let body = 8 + Int(length)
        guard let header = try? JSONDecoder().decode([String: Entry].self, from: data[8..<body]) else {
            throw refusal("its header is not the JSON of a safetensors file")
        }
        var tensors: [Tensor] = []
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
                entry.end <= data.count - body,
                entry.end - entry.start == bytes.partialValue
            else { throw refusal("the tensor \(name) does not lie where its shape says") }
            expectedStart = entry.end
            let start = data.startIndex + body + entry.start
            tensors.append(
                Tensor(name: name, dtype: dtype, shape: shape, bytes: data[start..<start + bytes.partialValue]))
        }
        guard body + expectedStart == data.count else { throw refusal("it holds bytes that belong to no tensor") }
        return tensors
    }

    private struct Entry: Decodable {
        var dtype: String?
        var shape: [Int]?
        var data_offsets: [Int]?

        var start: Int { data_offsets?.first ?? -1 }
        var end: Int { data_offsets?.count == 2 ? data_offsets?[1] ?? -1 : -1 }
    }

    /// A floating-point number is finite when its exponent is not all ones.
    private static func isFinite(_ bytes: Data, _ dtype: String) -> Bool {
        bytes.withUnsafeBytes { raw in
            switch dtype {
            case "F32":
                return stride(from: 0, to: raw.count, by: 4)
                    .allSatisfy { raw.loadUnaligned(fromByteOffset: $0, as: UInt32.self) & 0x7F80_0000 != 0x7F80_0000 }
            default:
                let mask: UInt16 = dtype == "F16" ? 0x7C00 : 0x7F80
                return stride(from: 0, to: raw.count, by: 2)
                    .allSatisfy { raw.loadUnaligned(fromByteOffset: $0, as: UInt16.self) & mask != mask }
            }
        }
    }

    private func refusal(_ what: String) -> FledgeError {
        FledgeError(
            "adapter.bad_safetensors", "the adapter's weights are not sound: \(what)", place: url.path,
            hint: "train again: fledge retry NAME")
    }
}
