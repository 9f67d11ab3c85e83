import Foundation

extension BadInput {
    /// Definitions and data that cannot be used: exit 65, with file and line or row.
    static let definitionsAndData: [BadInput] = [
        .definition(
            "two faults that keep it from compiling",
            SmallDefinition(owner: "Ownr(\"x\")", advance: "Acuracy(atLeast: 0.5)"),
            says: [
                "small.swift:5:", "cannot find 'Ownr' in scope", "small.swift:15:", "cannot find 'Acuracy' in scope",
                "[definition.does_not_compile]",
            ]),
        BadInput(
            "two files, one that does not compile and one that is not there", ["check", "small.swift", "gone.swift"],
            files: ["small.swift": Data(SmallDefinition(owner: "Ownr(\"x\")").source.utf8)], status: 65,
            says: ["small.swift:5:", "gone.swift", "[definition.missing]"]),
        .definition(
            "five faults at once",
            SmallDefinition(
                split: "Split(prototype: 20, holdout: 400, seed: 1)",
                prompts: "Prompt(\"p\") { User(\"{{text}}\") }; Prompt(\"p\") { User(\"{{txt}}\") }",
                require: "Accuracy(atLeast: 85, confidence: 0.9)",
                reports: "Reports { Weekly(on: .monday, at: \"09:00\", in: \"Europe/Nowhere\", as: .html) }"),
            says: [
                "small.swift:9: error: the splits ask for 420 rows, and the data has 60", "small.swift:13: error:",
                "{{txt}}, which is not an input", "inputs are text", "the prompt p is given twice",
                "rename one of them",
                "small.swift:18: error: accuracy is a share from 0 to 1", "write 0.85",
                "small.swift:20: error: Europe/Nowhere is not the IANA name of a time zone", "5 errors",
            ]),
        .definition(
            "an unknown template variable", SmallDefinition(prompts: "Prompt(\"p\") { User(\"{{txt}}\") }"),
            says: ["small.swift:13: error:", "{{txt}}", "inputs are text", "[prompts.unknown_variable]"]),
        .definition(
            "a split larger than the data", SmallDefinition(split: "Split(prototype: 50, holdout: 40, seed: 1)"),
            says: ["small.swift:9: error:", "90 rows", "has 60", "label more rows", "[dataset.split_too_large]"]),
        .definition(
            "a report without a time zone",
            SmallDefinition(reports: "Reports { Weekly(on: .monday, at: \"09:00\", in: \"\", as: .html) }"),
            says: ["small.swift:20: error:", "no time zone", "Europe/Berlin", "[reports.no_zone]"]),
        .definition(
            "a criterion out of range", SmallDefinition(require: "Accuracy(atLeast: 1.5, confidence: 0.9)"),
            says: ["small.swift:18: error:", "the bound is 1.5", "[criterion.out_of_range]"]),
        .definition(
            "a key that is written down",
            SmallDefinition(endpoint: ".openAICompatible(\"https://models.invalid/v1\", key: .env(\"sk-canary\"))"),
            says: ["small.swift:11: error:", "a key is never written down", "[models.bad_key]"]),
        .definition(
            "a missing data file", SmallDefinition(), data: nil,
            says: ["small.swift:6: error:", "no data file", "small.jsonl", "relative to the definition's folder"]),
        .definition(
            "JSON lines with a broken line and an empty label",
            SmallDefinition(split: "Split(prototype: 1, holdout: 1, seed: 1)"),
            data: Data(
                "{\"text\":\"x\",\"label\":\"a\"}\n{\"text\":\n{\"text\":\"y\",\"label\":\" \"}\n{\"text\":\"z\",\"label\":\"b\"}\n"
                    .utf8),
            says: [
                "small.jsonl:2: error: row 2 ends before its object does",
                "small.jsonl:3: error: row 3 has an empty label",
                "[data.bad_row]",
            ]),
        .definition(
            "a ragged CSV file",
            SmallDefinition(data: "small.csv", split: "Split(prototype: 1, holdout: 1, seed: 1)"),
            data: Data("text,label\nw,a\nx\ny,a,b\nz,b\n".utf8),
            says: [
                "small.csv:3: error: row 2 has 1 field, the header 2", "small.csv:4: error: row 3 has 3 fields",
                "[data.bad_row]",
            ]),
        .definition(
            "data that are not UTF-8", SmallDefinition(data: "small.csv"),
            data: Data("text,label\n".utf8) + Data([0xFF, 0xFE]) + Data(",a\n".utf8),
            says: ["small.swift:6: error:", "not UTF-8", "small.csv", "iconv", "[data.not_utf8]"]),
        .definition(
            "data in a format that is not read", SmallDefinition(data: "small.xlsx"),
            says: ["small.swift:6: error:", "neither .csv, .tsv nor .jsonl", "[data.unknown_format]"]),
    ]

    /// Wrong calls and surroundings that are not as they should be, with no daemon.
    static let callsAndSurroundings: [BadInput] = [
        BadInput("an unknown command", ["statsu"], status: 64, says: ["statsu", "did you mean fledge status?"]),
        BadInput("an unknown option", ["status", "--frob"], status: 64, says: ["--frob", "--help"]),
        BadInput(
            "an option of fledged that there is not", program: "fledged", ["--concurency", "3"], status: 64,
            says: ["--concurency", "fledged --help"]),
        BadInput(
            "a command while the daemon is down", ["status"], status: 69,
            says: ["fledged.sock", "the daemon is not running", "fledge daemon start", "[daemon.not_running]"]),
        BadInput(
            "a database where nobody listens", program: "fledged", [],
            environment: ["FLEDGE_DATABASE_URL": "postgresql://someone:canary-password@127.0.0.1:1/fledge"], status: 69,
            says: ["127.0.0.1/fledge", "refused", "fledge doctor", "[database.unreachable]"]),
        BadInput(
            "a database where nobody listens, started in the background", ["daemon", "start"],
            environment: ["FLEDGE_DATABASE_URL": "postgresql://someone:canary-password@127.0.0.1:1/fledge"], status: 69,
            says: ["the daemon ended at once", "refused", "fledge doctor", "fledged.log"]),
        BadInput(
            "a database address that cannot be read", program: "fledged", [],
            environment: ["FLEDGE_DATABASE_URL": "postgresql//:canary-password"], status: 78,
            says: ["FLEDGE_DATABASE_URL", "postgresql://user@host:5432/database", "[database.configuration]"]),
        BadInput(
            "two settings that cannot be read", program: "fledged", [],
            environment: ["FLEDGE_CONCURRENCY": "abc", "FLEDGE_MIGRATE": "perhaps"], status: 78,
            says: ["FLEDGE_CONCURRENCY is abc", "from 1 to 256", "FLEDGE_MIGRATE is perhaps", "fledged --help"]),
        BadInput(
            "settings in a file that cannot be read, and one that is none", program: "fledged",
            ["--config", "fledged.json"], files: ["fledged.json": Data(#"{"leaseSeconds": 0, "migrate": 7}"#.utf8)],
            status: 78,
            says: ["leaseSeconds in fledged.json is 0", "from 1 to 3600", "migrate in fledged.json is 7"]),
        BadInput(
            "a file with a setting that there is not", program: "fledged", ["--config", "fledged.json"],
            files: ["fledged.json": Data(#"{"leaseSecond": 20}"#.utf8)], status: 78,
            says: ["fledged.json", "there is no setting leaseSecond", "leaseSeconds", "[configuration.bad_file]"]),
        BadInput(
            "a file of settings that is not there", program: "fledged", [],
            environment: ["FLEDGE_CONFIG": "/nonexistent/fledged.json"], status: 78,
            says: ["/nonexistent/fledged.json", "FLEDGE_CONFIG", "[configuration.bad_file]"]),
        BadInput(
            "an address without a port", program: "fledged", ["--listen", "localhost"], status: 78,
            says: ["--listen is localhost", "HOST:PORT"]),
        BadInput(
            "an address without a token", program: "fledged", ["--listen", "127.0.0.1:0"], status: 78,
            says: ["without a token", "--token", "openssl rand", "[configuration.token_missing]"]),
        BadInput(
            "a token in place of a reference to it", program: "fledged",
            ["--listen", "127.0.0.1:0", "--token", "canary-password"], status: 78,
            says: ["env:NAME", "file:PATH", "[token.bad_reference]"]),
        BadInput(
            "a token whose file is not there", program: "fledged", ["--token", "file:/nonexistent/token"],
            environment: ["FLEDGE_LISTEN": "127.0.0.1:0"], status: 78,
            says: ["file:/nonexistent/token", "openssl rand", "[token.missing]"]),
        BadInput(
            "a token that can be guessed", program: "fledged", ["--listen", "127.0.0.1:0", "--token", "env:SHORT"],
            environment: ["SHORT": "canary-password"], status: 78, says: ["fewer than 16", "[server.token_too_short]"]),
        BadInput(
            "a daemon's address that cannot be read", ["status", "--server", "me:canary-password@host"], status: 78,
            says: ["--server", "http://HOST:PORT", "[daemon.bad_address]"]),
        BadInput(
            "an address where no daemon listens", ["status", "--server", "http://127.0.0.1:1"], status: 69,
            says: ["http://127.0.0.1:1", "no daemon listens there", "FLEDGE_LISTEN", "[daemon.unreachable]"]),
        BadInput(
            "a token in place of its reference, for the command line",
            ["status", "--server", "http://127.0.0.1:1", "--token", "canary-password"], status: 78,
            says: ["env:NAME", "file:PATH", "[token.bad_reference]"]),
        BadInput(
            "a state folder that cannot be made", program: "fledged", [],
            environment: ["FLEDGE_STATE_DIR": "/dev/null/state"], status: 73,
            says: ["/dev/null/state", "FLEDGE_STATE_DIR", "[state.not_writable]"]),
        BadInput(
            "a library that is not where it is said to be", ["check", "small.swift"],
            environment: ["FLEDGE_LIBRARY_PATH": "/nonexistent"],
            files: ["small.swift": Data(SmallDefinition().source.utf8)], status: 78,
            says: ["/nonexistent", "[definition.library_missing]"]),
    ]
}
