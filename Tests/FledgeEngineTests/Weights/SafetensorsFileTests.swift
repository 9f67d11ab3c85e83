import FledgeEngine
import Foundation
import Testing

@Suite("Safetensors files")
struct SafetensorsFileTests {
    @Test("a matrix without values is turned at once, however many rows it claims")
    func empty() throws {
        let matrix = SafetensorsFile.Tensor(name: "a", dtype: "F32", shape: [.max, 0], bytes: Data())
        let turned = try #require(matrix.transposed(as: "b"))
        #expect(turned.name == "b" && turned.shape == [0, .max] && turned.bytes.isEmpty)
    }

    @Test("a matrix is turned")
    func turned() throws {
        let matrix = SafetensorsFile.Tensor(name: "a", dtype: "BF16", shape: [2, 3], bytes: Data(0..<12))
        let turned = try #require(matrix.transposed(as: "a"))
        #expect(turned.shape == [3, 2] && turned.bytes == Data([0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11]))
        #expect(turned.transposed(as: "a")?.bytes == matrix.bytes)
    }
}
