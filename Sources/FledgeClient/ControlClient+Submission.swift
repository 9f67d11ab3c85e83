import CurlClient
import FledgeAPI
import FledgeCore
import FledgeEngine

extension ControlClient {
    package func plan(_ submission: Submission) async throws -> [PlanResult] {
        try await submit(submission, to: "definitions/plan")
    }

    package func apply(_ submission: Submission) async throws -> [ApplyResult] {
        try await submit(submission, to: "definitions/apply")
    }

    /// Sends the definitions with the data files that they name, which are read from this machine's disk meanwhile.
    private func submit<Answer: Decodable>(_ submission: Submission, to path: String) async throws -> [Answer] {
        let upload = try SubmissionUpload(submission.definitions, progress: progress)
        defer { progress?.end() }
        let sending = Duration(
            secondsComponent: upload.byteCount / SubmissionHeader.slowestRate, attosecondsComponent: 0)
        var request = try request(
            "POST", "/v1/" + path, type: SubmissionHeader.contentType, timeout: .seconds(600) + sending)
        request.upload = HTTPUpload(byteCount: upload.byteCount) { try upload.read(into: $0) }
        let answers: [Answer]
        do {
            answers = try decoded(try await curl.execute(request))
        } catch let error as CurlError {
            throw upload.failure ?? failure(error)
        } catch let error as FledgeError where error.code == .requestTooLong {
            throw FledgeError(
                "daemon.outdated", "the daemon is of an earlier version, which takes no data with a definition",
                place: place, hint: "update fledged to the version of fledge (\(FledgeVersion.current))")
        }
        guard answers.count == submission.definitions.count else {
            throw FledgeError(
                "daemon.unexpected_answer", "the daemon's answer is not about these definitions", place: place,
                hint: "check that fledge and fledged are of the same version")
        }
        return answers
    }
}
