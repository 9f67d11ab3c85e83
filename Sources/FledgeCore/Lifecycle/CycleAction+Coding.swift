/// The keys under which actions stand in `work_item.payload`: the action's name, and in its object what belongs to it, `_0` for
/// what has no name of its own. Work that another version has written is read by them, so a key never changes.
extension CycleAction {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case runExperiment = "runExperiment"
        case judgeGate = "judgeGate"
        case decide = "decide"
        case train = "train"
        case comparePrompts = "comparePrompts"
        case makeRelease = "makeRelease"
        case notify = "notify"
    }

    /// An action without a key could not be written: the compiler asks for that of a new one here.
    var key: CodingKeys {
        switch self {
        case .runExperiment: .runExperiment
        case .judgeGate: .judgeGate
        case .decide: .decide
        case .train: .train
        case .comparePrompts: .comparePrompts
        case .makeRelease: .makeRelease
        case .notify: .notify
        }
    }

    enum RunExperimentCodingKeys: String, CodingKey {
        case round = "round"
    }

    enum JudgeGateCodingKeys: String, CodingKey {
        case _0 = "_0"
        case look = "look"
    }

    enum DecideCodingKeys: String, CodingKey {
        case _0 = "_0"
        case look = "look"
    }

    enum TrainCodingKeys: String, CodingKey {
        case attempt = "attempt"
    }

    enum ComparePromptsCodingKeys: String, CodingKey {
        case _0 = "_0"
        case attempt = "attempt"
    }

    enum MakeReleaseCodingKeys: String, CodingKey {
        case _0 = "_0"
    }

    enum NotifyCodingKeys: String, CodingKey {
        case _0 = "_0"
    }
}
