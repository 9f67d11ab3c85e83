import FledgeCore
import FledgeDocument
import Foundation

/// `fledge spend`.
enum SpendText {
    static func table(_ spends: [UseCaseSpend]) -> String {
        guard !spends.isEmpty else { return "no use case yet" }
        let table = TextTable(
            ["Use case", "#In all", "Period", "Until", "Cap of", "#Reserved", "#Paid", "#Presumed", "#Cap", "#Left"],
            rows: spends.flatMap(rows)
        ).render()
        return ([table] + spends.compactMap(presumption).map { InertText.line($0) }).joined(separator: "\n")
    }

    private static func presumption(_ spend: UseCaseSpend) -> String? {
        guard let presumed = spend.presumed, presumed.calls > 0 else { return nil }
        let cost = ValueText.dollars(presumed.costMicroDollars)
        return "\(spend.name): of what it paid in all, \(cost) for \(presumed.calls) calls is presumed: "
            + "their server did not say what they used, and the most that they can have is counted."
    }

    private static func rows(_ spend: UseCaseSpend) -> [[String]] {
        let total = ValueText.dollars(spend.total.costMicroDollars)
        let missing = ValueText.missing
        guard let account = spend.account else {
            return [[spend.name, total, "no cap"] + Array(repeating: missing, count: 7)]
        }
        let until = "\(account.endsAt.formatted(.iso8601))"
        let kinds: [(String, Int64?, KeyPath<SpendAmount, Int64>, (Int64) -> String)] = [
            ("cost", account.cap.costMicroDollars, \.costMicroDollars, ValueText.dollars),
            ("calls", account.cap.calls, \.calls, String.init), ("tokens", account.cap.tokens, \.tokens, String.init),
        ]
        return kinds.compactMap { what, cap, amount, words in
            guard let cap else { return nil }
            return [
                spend.name, total, account.period.rawValue, until, what, words(account.reserved[keyPath: amount]),
                words(account.settled[keyPath: amount]), words(account.presumed[keyPath: amount]), words(cap),
                words(max(0, cap - account.used[keyPath: amount])),
            ]
        }
    }
}
