import FledgeCore
import FledgeDocument
import Testing

@Suite("Personal data")
struct PersonalDataTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let kinds: [PersonalDataKind]
        let masked: String?
        var testDescription: String { text }

        init(_ text: String, _ kinds: [PersonalDataKind], _ masked: String?) {
            self.text = text
            self.kinds = kinds
            self.masked = masked
        }
    }

    static let cases: [Case] = [
        Case("write to jane.doe+x@mail.example.org, please", [.email], "write to <email>, please"),
        Case("a@b.co and c@d.info", [.email, .email], "<email> and <email>"),
        Case("card 4111 1111 1111 1111 exp 12/27", [.card], "card <card> exp 12/27"),
        Case("4111-1111-1111-1111", [.card], "<card>"), Case("378282246310005", [.card], "<card>"),
        Case("`4111111111111111`", [.card], "`<card>`"),
        Case("pay to DE89 3704 0044 0532 0130 00 today", [.iban], "pay to <iban> today"),
        Case("GB82WEST12345698765432", [.iban], "<iban>"), Case("NO93 8601 1117 947", [.iban], "<iban>"),
        Case("call +49 (0)30 1234567!", [.phone], "call <phone>!"), Case("(415) 555-2671", [.phone], "<phone>"),
        Case("415-555-2671 415-555-2672", [.phone, .phone], "<phone> <phone>"),
        Case("dial +49 30 1234", [.phone], "dial <phone>"), Case("0049 30 1234567", [.phone], "<phone>"),
        Case("0171-1234567", [.phone], "<phone>"),
        Case("01 42 68 53 00", [.phone], "<phone>"), Case("+14155552671", [.phone], "<phone>"),
        Case("-x@y.de", [.email], "-<email>"), Case(".x@y.de.", [.email], ".<email>."),
        Case("x@y.de-", [.email], "<email>-"), Case("o'neil%a_b+c-d.1@x-1.org", [.email], "<email>"),
        Case("(x@y.de)", [.email], "(<email>)"), Case("a@b@c.de", [.email], "a@<email>"),
        // E.164: ten digits at least where they stand together, eight where they are parted, fifteen at the most.
        Case("+4930123456", [.phone], "<phone>"), Case("+49 301 234", [.phone], "<phone>"),
        Case("+123456789012345", [.phone], "<phone>"), Case("+123 456789012345", [.phone], "<phone>"),
        Case("0049 301 234", [.phone], "<phone>"), Case("00 49 30 12345678", [], nil),
        // An area code of three to five digits, nine to twelve digits in all.
        Case("030 123456", [.phone], "<phone>"), Case("03012 3456789", [.phone], "<phone>"),
        Case("030 12 34 56", [.phone], "<phone>"), Case("(030) 123456", [.phone], "<phone>"),
        Case("030/123456789", [.phone], "<phone>"), Case("030 - 123456", [], nil),
        Case("1-415-555-2671", [.phone], "<phone>"), Case("2-415-555-2671", [.phone], "2-<phone>"),
        Case("215-255-2671", [.phone], "<phone>"), Case("415 555 2671", [.phone], "<phone>"),
        Case("x@y.de 4111 1111 1111 1111 NO93 8601 1117 947", [.email, .card, .iban], "<email> <card> <iban>"),
        Case("naïve 😀 müller@köln.example x@y.de", [.email], nil),
    ]

    @Test(
        "what is personal by its form is found, and only that part of the text",
        arguments: cases)
    func found(_ one: Case) {
        let matches = PersonalDataScanner.matches(in: one.text)
        #expect(matches.map(\.kind) == one.kinds, "\(matches)")
        if let masked = one.masked {
            #expect(PersonalDataScanner.masking(Set(PersonalDataKind.allCases), in: one.text) == masked)
            #expect(PersonalDataScanner.masking([], in: one.text) == one.text)
        }
    }

    @Test(
        "what only looks like it is left alone",
        arguments: [
            "", "@", "a@b", "@home", "user@", "a@b.", "see you @ 5", "4111 1111 1111 1112", "1234567812345678",
            "order 20240115123045", "2024-01-15 10:30", "01.02.2024 10:30", "DE88 3704 0044 0532 0130 00",
            "28402 CR 561, Tavares, FL 32778", "Chicago, IL 60602-1234", "12 + 34567890", "a+12345678901",
            "200 300 4000 5000", "version 1.2.3.4", "192.168.100.200", "0.123456789", "x41111111111111111",
            "x@y.d", "x@y.d1", "x@.de", "x@y", "-@y.de", "x@y.de1", "+493012345", "+49 30 123", "+1234567890123456",
            "+0123456789", "++4930123456", "x+4930123456", "+49 30 1234567x", "é4111111111111111", "030 12345",
            "030 1234567890", "030123 456789", "030.123456", "030 1 234567", "03 1234567", "115-555-2671",
            "215-155-2671", "015.555.2671", "215-055-2671", "4111 1111-1111 1111", "+4111111111111111",
            "4111.1111.1111.1111", "4111--1111--1111 -1111", "00030 1234567", "_4111111111111111", "4111111111111111_",
            "ISBN 978-3-16-148410-0", "١٢٣٤٥٦٧٨٩٠", "1/2/2024", "123-45-6789",
        ])
    func leftAlone(_ text: String) {
        #expect(PersonalDataScanner.matches(in: text) == [], "\(text)")
    }

    @Test(
        "a quick look passes over what has too few digits, no sign of an address and no country's letters",
        arguments: [
            ("", false), ("1234567", false), ("12345678", true), ("a1b2c3d4e5f6g7", false), ("1 2 3 4 5 6 7 8", true),
            ("@", true), ("AB12", true), ("xxab12", true), ("A12", false), ("AB1", false), ("AB1C2", false),
            ("/:/:/:/:/:", false), ("AB 12", false), ("A[12", false), ("@A12", true),
        ])
    func quick(text: String, may: Bool) {
        var text = text
        #expect(text.withUTF8 { PersonalDataScanner.mayMatch($0) } == may)
    }

    @Test("no form of what was found gives the value away")
    func masked() {
        let values = [
            "jane.doe@mail.example.org", "4111 1111 1111 1111", "DE89370400440532013000", "+49 30 1234567",
        ]
        for value in values {
            let match = PersonalDataScanner.matches(in: "see \(value) there").first
            #expect(match != nil)
            #expect((match?.masked.count ?? 99) <= 10 && match?.masked.contains("…") == true)
        }
    }

    private static func example(_ row: Int, _ text: String, _ expected: String = "x") -> Example {
        Example(
            id: ExampleID(Int64(row)), row: row, split: .training, group: "\(row)", inputs: ["text": text],
            expected: expected)
    }

    private static func dataset(_ personal: PersonalDataDefinition?) -> DatasetDefinition {
        DatasetDefinition(path: "d.jsonl", inputs: ["text"], expected: "label", personalData: personal)
    }

    private static let examples = [
        example(1, "mail jane@example.org or joe@example.org"), example(2, "mail jane@example.org"),
        example(3, "nothing"), example(4, "call", "+49 30 1234567"),
    ]

    @Test("personal data is not given to a trainer unless the definition says how, and the error names the ways out")
    func refused() {
        let error = #expect(throws: FledgeError.self) {
            try PersonalDataPolicy(Self.dataset(nil)).cleared(Self.examples)
        }
        #expect(error?.code == "training.personal_data" && error?.exitCode == .badData)
        let message = error?.message ?? ""
        #expect(message.contains("3 e-mail addresses in 2 rows, 1 phone number in 1 row"))
        #expect(message.contains("PersonalData(.mask)") && message.contains("PersonalData(accept: .email, .phone)"))
        #expect(!error.debugDescription.contains("jane"))
    }

    @Test("what is accepted by name stays, and what is not is still refused")
    func accepted() throws {
        let some = PersonalDataPolicy(Self.dataset(.init(mask: false, accept: [.email])))
        let error = #expect(throws: FledgeError.self) { try some.cleared(Self.examples) }
        #expect(error?.message.contains("1 phone number in 1 row") == true)
        #expect(error?.message.contains("e-mail") == false)
        let all = PersonalDataPolicy(Self.dataset(.init(mask: false, accept: [.email, .phone])))
        #expect(try all.cleared(Self.examples) == Self.examples)
    }

    @Test("masking leaves placeholders in inputs, answers and demonstrations, and what is accepted as it is")
    func masking() throws {
        let policy = PersonalDataPolicy(Self.dataset(.init(mask: true, accept: [.phone])))
        let cleared = try policy.cleared(Self.examples)
        #expect(
            cleared.map { $0.inputs["text"] } == [
                "mail <email> or <email>", "mail <email>", "nothing", "call",
            ])
        #expect(cleared[3].expected == "+49 30 1234567")
        let candidate = Candidate(
            name: "p", system: nil, user: "{{text}}",
            demonstrations: [Demonstration(inputs: ["text": "from a@b.org"], output: "a@b.org")], model: "m",
            decoding: DecodingDefinition(), choices: nil)
        #expect(
            policy.masked(candidate).demonstrations == [
                Demonstration(inputs: ["text": "from <email>"], output: "<email>")
            ])
        #expect(PersonalDataPolicy(Self.dataset(nil)).masked(candidate) == candidate)
    }

    @Test("a huge text is read in one go")
    func huge() {
        let text = String(repeating: "a@b.org ", count: 5_000) + String(repeating: "4 ", count: 2_000)
        #expect(PersonalDataScanner.matches(in: text).count == 5_000)
    }
}
