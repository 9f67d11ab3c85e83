import FledgeCore
import Foundation

extension SafetensorsFile {
    /// The bytes of a file with these tensors. The same tensors are the same bytes.
    package static func data(of tensors: [Tensor]) throws -> Data {
        struct Entry: Encodable {
            var dtype: String
            var shape: [Int]
            var data_offsets: [Int]
        }
        let tensors = tensors.sorted { $0.name < $1.name }
        var entries: [String: Entry] = [:]
        var end = 0
        for tensor in tensors {
            entries[tensor.name] = Entry(
                dtype: tensor.dtype, shape: tensor.shape, data_offsets: [end, end + tensor.bytes.count])
            end += tensor.bytes.count
        }
        var header = try JSONProfile.foreign.data(of: entries)
        // The values begin at a multiple of eight.
        header.append(Data(repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
        var data = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
        data.reserveCapacity(8 + header.count + end)
        data.append(header)
        for tensor in tensors { data.append(tensor.bytes) }
        return data
    }
}

extension SafetensorsFile.Tensor {
    /// The matrix with rows and columns exchanged; nil for what is no matrix.
    package func transposed(as name: String) -> SafetensorsFile.Tensor? {
        guard shape.count == 2, let width = SafetensorsFile.widths[dtype], bytes.count == shape[0] * shape[1] * width
        else { return nil }
        let (rows, columns) = (shape[0], shape[1])
        let values = [UInt8](bytes)
        var turned = [UInt8](repeating: 0, count: values.count)
        // A matrix without values may claim as many rows as there are numbers.
        for row in 0..<(values.isEmpty ? 0 : rows) {
            for column in 0..<columns {
                let (from, to) = ((row * columns + column) * width, (column * rows + row) * width)
                for byte in 0..<width { turned[to + byte] = values[from + byte] }
            }
        }
        return SafetensorsFile.Tensor(name: name, dtype: dtype, shape: [columns, rows], bytes: Data(turned))
    }
}
