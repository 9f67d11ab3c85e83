import FledgeCore
import Testing

@Suite("The chain of evidence")
struct AuditEntryTests {
    private static func chain(_ count: Int) -> [AuditEntry] {
        var chain: [AuditEntry] = []
        for sequence in 1...count {
            var entry = AuditEntry(
                useCase: 3, sequence: sequence, kind: "gate", subject: "\(sequence)", change: "put", format: 1,
                leafCount: 1, digest: Digest(of: "content \(sequence)").rawValue, historySequence: 2,
                historyHash: Digest(of: "history").rawValue, isAdopted: false, atMicroseconds: 1_795_000_000_000_000,
                note: "", previousHash: chain.last?.hash ?? AuditEntry.origin, hash: "")
            entry.hash = entry.computedHash
            chain.append(entry)
        }
        return chain
    }

    @Test("an untouched chain is whole, and so is an empty one")
    func whole() {
        #expect(AuditEntry.firstBroken(in: Self.chain(4)) == nil)
        #expect(AuditEntry.firstBroken(in: []) == nil)
    }

    private static let changes: [(String, @Sendable (inout AuditEntry) -> Void)] = [
        ("use case", { $0.useCase += 1 }), ("kind", { $0.kind = "decision" }), ("subject", { $0.subject = "9" }),
        ("change", { $0.change = "drop" }), ("format", { $0.format = 2 }), ("leaves", { $0.leafCount = 2 }),
        ("digest", { $0.digest = AuditEntry.origin }), ("history", { $0.historySequence = 1 }),
        ("history's hash", { $0.historyHash = AuditEntry.origin }), ("adopted", { $0.isAdopted = true }),
        ("time", { $0.atMicroseconds += 1 }), ("note", { $0.note = "x" }),
        ("previous", { $0.previousHash = AuditEntry.origin }), ("hash", { $0.hash = AuditEntry.origin }),
    ]

    @Test("no field of an entry can be changed", arguments: changes.indices)
    func fields(index: Int) {
        var chain = Self.chain(4)
        Self.changes[index].1(&chain[1])
        #expect(AuditEntry.firstBroken(in: chain) == 2, "\(Self.changes[index].0)")
    }

    @Test("a removed entry, two that changed places and one that was made up are found")
    func order() {
        var removed = Self.chain(4)
        removed.remove(at: 1)
        #expect(AuditEntry.firstBroken(in: removed) == 2)
        var swapped = Self.chain(4)
        swapped.swapAt(1, 2)
        #expect(AuditEntry.firstBroken(in: swapped) == 2)
        var forged = Self.chain(4)
        forged[1].digest = AuditEntry.origin
        forged[1].hash = forged[1].computedHash
        #expect(AuditEntry.firstBroken(in: forged) == 3)
        // Its end can be cut off unseen: that is what the file outside the database is for.
        #expect(AuditEntry.firstBroken(in: Array(Self.chain(4).prefix(2))) == nil)
    }

    @Test(
        "what is erased or newer is not known; the rest is found or holds",
        arguments: [
            (AuditRowState.holds, nil), (.adopted, nil), (.gone, nil), (.erased, true), (.newer, true),
            (.changed, false),
            (.missing, false), (.unrecorded, false), (.unsalted, false),
        ] as [(AuditRowState, Bool?)])
    func states(state: AuditRowState, isUnknown: Bool?) {
        let found = state.finding(kind: "gate", row: "3")
        #expect(found?.isUnknown == isUnknown)
        #expect(found.map { $0.finding.sentence.hasPrefix("gate 3 ") } ?? true)
    }

    @Test(
        "work is refused with the first thing that was changed, and the number of those beside it",
        arguments: [(1, ""), (2, " (and 1 more)"), (4, " (and 3 more)")])
    func refusal(changed: Int, more: String) {
        let found = (1...changed).map {
            AuditFinding(code: "audit.row_changed", row: "gate \($0)", sentence: "gate \($0) was changed")
        }
        var report = AuditReport(
            useCase: "triage", head: .empty, counts: [], findings: [], unknowns: found, open: 0, anchoredAt: nil)
        #expect(report.refusal == nil)
        report.findings = found
        #expect(report.refusal?.code == "audit.row_changed")
        #expect(
            report.refusal?.message
                == "the evidence of triage is not what was recorded: gate 1 was changed\(more)")
    }

    // RFC 4231, test case 2.
    @Test("a notice is signed by HMAC-SHA-256")
    func signature() {
        #expect(
            Digest(authenticating: Array("what do ya want for nothing?".utf8), with: "Jefe").rawValue
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }
}
