import FledgeCore
import FledgeEngine
import Foundation

@testable import FledgeServing
@testable import FledgeTraining

/// An adapter's folder: the first line is its `adapter_config.json`, the rest its `adapter_model.safetensors`.
enum SafetensorsTarget {
    private static let base = Digest(of: "base")

    static func run(_ bytes: [UInt8]) {
        let line = bytes.prefix { $0 != 0x0A }
        let weights = Array(bytes.dropFirst(line.count + 1))
        let file = ScratchFolder.write(weights, to: "adapter/adapter_model.safetensors")
        tensors(file, weights)
        adapter(line, in: file.deletingLastPathComponent())
    }

    private static func tensors(_ file: URL, _ bytes: [UInt8]) {
        let tensors: [SafetensorsFile.Tensor]
        do throws(FledgeError) {
            tensors = try SafetensorsFile(file).tensors()
        } catch {
            expectTelling(error)
            expect(error.code == "adapter.bad_safetensors" && error.place == file.path, "\(error.code) has no place")
            return
        }
        expect(tensors.reduce(0) { $0 + $1.bytes.count } <= bytes.count - 8, "more values than bytes")
        for tensor in tensors {
            let count = tensor.shape.reduce(tensor.dtype == "F32" ? 4 : 2, *)
            expect(tensor.bytes.count == count, "\(tensor.bytes.count) bytes for \(tensor.shape)")
            _ = tensor.isFinite
            if let turned = tensor.transposed(as: tensor.name), let again = turned.transposed(as: tensor.name) {
                expect(again.shape == tensor.shape && again.bytes == tensor.bytes, "turned twice it is another")
            }
        }
        let written = must("tensors are written") { try SafetensorsFile.data(of: tensors) }
        let again = must("what is written is read") {
            try SafetensorsFile(ScratchFolder.write(written, to: "again.safetensors")).tensors()
        }
        let (left, right) = (tensors.sorted { $0.name < $1.name }, again.sorted { $0.name < $1.name })
        expect(left.count == right.count, "\(right.count) tensors of \(left.count)")
        for (old, new) in zip(left, right) {
            expect(old.name == new.name && old.dtype == new.dtype && old.shape == new.shape, "another \(old.name)")
            expect(old.bytes == new.bytes, "other values of \(old.name)")
        }
    }

    private struct Said: Decodable {
        var r: Int
        var lora_alpha: Double
    }

    /// An adapter that is taken can be handed on to every server.
    private static func adapter(_ config: ArraySlice<UInt8>, in folder: URL) {
        _ = ScratchFolder.write(config, to: "adapter/adapter_config.json")
        _ = ScratchFolder.write(Array(#"{"baseSHA256":"\#(base.rawValue)"}"#.utf8), to: "adapter/fledge.json")
        let said = try? JSONDecoder().decode(Said.self, from: Data(config))
        let expected = ExpectedAdapter(rank: said?.r ?? 8, alpha: said?.lora_alpha ?? 16, baseSHA256: base)
        let facts: AdapterFacts
        do {
            facts = try AdapterCheck(folder: folder).check(expecting: expected)
        } catch {
            guard let error = error as? FledgeError else { return expect(false, "\(error) has no code") }
            expectTelling(error)
            expect(error.place?.hasPrefix(folder.path) == true, "\(error.code) has no place")
            return
        }
        expect((try? AdapterCheck(folder: folder).isIntact(facts.digest)) == true, "it is another at once")
        let adapter = PEFTAdapter(ServedAdapter(digest: facts.digest, directory: folder.path))
        let zero = must("the base as an adapter") { try adapter.zero() }
        let target = ScratchFolder.url.appending(path: "zero")
        try? FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        must("it is written") { try zero.write(to: target) }
        let zeros = must("it is read") {
            try SafetensorsFile(target.appending(path: PEFTAdapter.weights)).tensors()
        }
        for tensor in zeros { expect(tensor.bytes.allSatisfy { $0 == 0 }, "\(tensor.name) is not zero") }
        // mlx-lm has no place for modules outside of layers: such an adapter is refused.
        do {
            try adapter.writeMLX(to: target)
        } catch let error as FledgeError {
            expectTelling(error)
        } catch {
            fatalError("the adapter for mlx-lm: \(error)")
        }
    }
}
