import FledgeDocument

extension MetricDefinition {
    /// The judge of a judged metric.
    package var judge: JudgeDefinition? {
        if case .judged(let judge) = self { judge } else { nil }
    }
}

extension JudgeDefinition {
    /// What people and the judge are asked, hashed: a label holds for as long as the question stays the same, whichever
    /// model is asked it.
    package var question: Digest {
        struct Question: Encodable {
            var rubric: String
            var reference: JudgeReference?
        }
        return Digest(of: CanonicalJSON.text(of: Question(rubric: rubric, reference: reference)))
    }

    /// One judge as it stands: its question, its weights, how it is asked, and how its replies are read. A rating holds for one of these.
    ///
    /// - Parameter revision: what identifies the judging model's weights.
    package func identity(revision: String) -> Digest {
        struct Identity: Encodable {
            var question: Digest
            var model: String
            var revision: String
            var prompt: Int
            var reading: Int
        }
        return Digest(
            of: CanonicalJSON.text(
                of: Identity(
                    question: question, model: model, revision: revision, prompt: JudgePrompt.version,
                    reading: JudgeReply.readingVersion)))
    }

    /// Labels that people must have given before the judge may gate.
    package var labelsNeeded: Int { labels ?? Self.usualLabels }

    package static let usualLabels = 50
    /// Fewer labels cannot show anything of a judge.
    package static let fewestLabels = 20
    /// Of the labels, so many have to say "passes", and so many "fails": agreement on one kind says nothing of the other.
    package static let labelsNeededOfAKind = 10
}

extension UseCaseDefinition {
    /// The judges of all criteria, each once, in the order in which they are first named.
    package var judges: [JudgeDefinition] {
        let required = validation?.require.map(\.metric) ?? []
        let advancing = (promptPrototype?.advance ?? []).flatMap(\.conditions).compactMap { condition in
            if case .criterion(let criterion) = condition { criterion.metric } else { nil }
        }
        var seen: Set<String> = []
        return (required + advancing).compactMap(\.judge).filter { seen.insert($0.name).inserted }
    }
}
