import FledgeCore
import Testing

@Suite("A model server's address")
struct AddressFaultTests {
    @Test(
        "the base of an API is taken, with slashes at its end or none",
        arguments: [
            "https://api.example.com/v1", "http://127.0.0.1:8000/v1/", "http://h/v1//", "http://localhost:11434",
            "https://generativelanguage.googleapis.com/v1beta/openai/",
            "https://h.example/proxy/models-of-mine/v1", "http://[::1]:8080/v1",
        ])
    func sound(url: String) {
        #expect(AddressFault(url) == nil)
    }

    @Test(
        "what can't be a base is refused, with the address that was probably meant",
        arguments: [
            ("https://h.example/v1/chat/completions", "write https://h.example/v1"),
            ("https://h.example/v1/chat/completions/", "write https://h.example/v1"),
            ("https://h.example/v1/models", "write https://h.example/v1"),
            ("https://h.example/v1/responses", "write https://h.example/v1"),
            ("http://h.example/a//v1", "write http://h.example/a/v1"),
            ("https://h.example/v1#", "write https://h.example/v1"),
            ("https://h.example/v1?key=hunter2", "write https://h.example/v1"),
            ("https://h.example//v1/chat/completions?x", "write https://h.example/v1"),
            ("https://me:hunter2@h.example/v1", "write https://h.example/v1;"),
            ("https://hunter2@h.example/v1", "write https://h.example/v1;"),
            ("ftp://me:hunter2@h.example/v1", "it ends in /v1 mostly"),
            ("https://me:hunter2@h example/v1", "a host and a path"),
            (#"https://h.example\evil/v1"#, "a host and a path"), ("https://h.example:0x50/v1", "a host and a path"),
            ("https://h%2eexample/v1", "a host and a path"), ("https://[::1/v1", "a host and a path"),
            ("ftp://h.example/v1", "it ends in /v1 mostly"), ("h.example/v1", "it ends in /v1 mostly"),
            ("https:///v1", "a host and a path"), ("https://h.example/a b", "a host and a path"),
            ("https://n.openai.azure.com/openai/deployments/d/chat/completions?api-version=1", ".azureOpenAI("),
            ("https://n.openai.azure.com/openai?api-version=1", ".azureOpenAI("),
            ("https://gateway.example/v1?api-version=1", ".azureOpenAI(\"https://gateway.example\""),
        ])
    func faults(url: String, hint: String) throws {
        let fault = try #require(AddressFault(url))
        #expect(fault.hint.contains(hint))
        #expect(!fault.message.contains("hunter2") && !fault.hint.contains("hunter2"))
    }

    @Test("neither a user nor a password is repeated")
    func secrets() throws {
        let fault = try #require(AddressFault("https://me:hunter2@h.example/v1/chat/completions"))
        #expect(!fault.message.contains("hunter2") && fault.hint.hasSuffix("write https://h.example/v1"))
    }
}
