import FledgeCore

extension Endpoints {
    package static let jobs = Endpoint<ListRequest, [TrainingJobView]>(
        .init("listJobs", .get, root + "jobs", "Training jobs", access: .listed(.read)))
    package static let settlement = Endpoint<
        NumberedBodyRequest<TrainingJobSubject, SettlementRequest>, TrainingJobView
    >(
        .init(
            "settleJob", .post, root + "jobs/{id}/settlement",
            "A person's word for a training job whose submission nobody can look up", access: .job(.operate),
            errors: ["job.unknown", "job.not_unknown", "request.bad_text", "access.other_actor"]))
    package static let jobLog = Endpoint<NumberedRequest<TrainingJobSubject>, [String]>(
        .init("jobLog", .get, root + "jobs/{id}/log", "The lines that a training job wrote", access: .job(.read)))
    package static let golden = Endpoint<NumberedRequest<TrainingJobSubject>, GoldenCheck>(
        .init(
            "goldenCheck", .get, root + "jobs/{id}/golden",
            "How the answers of a job's adapter compare with the trainer's", access: .job(.read),
            errors: ["job.no_golden_check"]))

    static let training: [any DescribedEndpoint] = [jobs, settlement, jobLog, golden]
}
