/// Judges that reply in another form than the one asked for.
extension FaultMode {
    static let judges: [FaultMode] = [
        judge("judge-fence", "a judge's verdict in a fence", #""```json\n@@\n```""#),
        judge("judge-words", "a judge's verdict behind some words", #""Here is my verdict:\n@@""#),
        judge(
            "judge-extra", "a judge's verdict with a member more",
            #""{\"reason\":\"It is.\",\"verdict\":\"pass\",\"confidence\":0.9}""#),
        judge("judge-case", "a judge's verdict in capitals", #""{\"reason\":\"It is.\",\"verdict\":\"PASS\"}""#),
        judge("judge-order", "a judge's verdict before its reason", #""{\"verdict\":\"pass\",\"reason\":\"It is.\"}""#),
    ]

    private static func judge(_ name: String, _ says: String, _ content: String) -> FaultMode {
        FaultMode(name, "200 with \(says)", .answer { $0.content = content }, .mended, condition: .judged)
    }
}
