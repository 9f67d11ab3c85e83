/// The JSON of a chat completion, part by part, so that each can be odd on its own.
///
/// Every part is written as it stands. `@@` stands for the right answer.
package struct ReplyBody: Sendable {
    package var content = #""@@""#
    package var finishReason: String? = #""stop""#
    /// Further members of the message, each with a comma before it.
    package var message = ""
    /// Further members of the choice, each with a comma before it.
    package var choice = ""
    package var usage: String? = Self.usage(prompt: "20", completion: "2")
    /// Replaces the choice that is made of the parts above.
    package var choices: String?
    /// Further members of the whole, each with a comma behind it.
    package var whole = ""

    package init() {}

    package static func usage(prompt: String, completion: String, more: String = "") -> String {
        #"{"prompt_tokens":\#(prompt),"completion_tokens":\#(completion)\#(more)}"#
    }

    package static func with(_ change: (inout ReplyBody) -> Void) -> ReplyBody {
        var reply = ReplyBody()
        change(&reply)
        return reply
    }

    package var text: String {
        let reason = finishReason.map { #","finish_reason":\#($0)"# } ?? ""
        let one = #"{"index":0,"message":{"role":"assistant","content":\#(content)\#(message)}\#(reason)\#(choice)}"#
        let usage = usage.map { #","usage":\#($0)"# } ?? ""
        return #"{\#(whole)"id":"x","object":"chat.completion","created":1,"model":"m","choices":"#
            + (choices ?? "[\(one)]") + usage + "}"
    }
}
