extension ErrorCatalogue {
    /// `training.…`
    static let training: [ErrorEntry] = [
        ErrorEntry(
            "training.architecture", .needsPerson, .software,
            "The trainer does not know the model's architecture.",
            "Tune another model."),
        ErrorEntry(
            "training.bad_device", .internal, .software,
            "The trainer was given a device that it can't read.",
            "Report it, with the job's log."),
        ErrorEntry(
            "training.bad_intent", .internal, .software,
            "A job has a name that is none.",
            "Report it, with the daemon's log."),
        ErrorEntry(
            "training.bad_job", .internal, .software,
            "The trainer can't read its job.",
            "Report it, with the job's log."),
        ErrorEntry(
            "training.bad_output", .internal, .software,
            "What the trainer left is not what a trainer leaves: an adapter outside its output, or files that are too large.",
            "Look at the job's log, and report it."),
        ErrorEntry(
            "training.base_changed", .needsPerson, .software,
            "The base weights are not the ones that the job names.",
            "Put the weights back, or apply the definition again."),
        ErrorEntry(
            "training.base_foreign", .needsPerson, .software,
            "The base weights are not those of one causal language model.",
            "Fetch the model again."),
        ErrorEntry(
            "training.base_incomplete", .needsPerson, .software,
            "The base model's folder lacks a file, or its configuration can't be read.",
            "Fetch the model again."),
        ErrorEntry(
            "training.base_missing", .needsPerson, .software,
            "The base weights can't be read.",
            "Put them where the definition says."),
        ErrorEntry(
            "training.base_not_dequantisable", .needsPerson, .badData, also: [.software], http: 422,
            "The GGUF file can't be dequantised, so it can't be trained.",
            "Name another GGUF file, or the model's safetensors."),
        ErrorEntry(
            .trainingCancelled, .permanent, .software, http: 500,
            "The training job was cancelled.",
            "Start it again with fledge retry."),
        ErrorEntry(
            "training.crashed", .internal, .software, also: [.tryAgain],
            "The trainer ended without saying why.",
            "Look at the job's log."),
        ErrorEntry(
            "training.diverged", .needsPerson, .software,
            "The loss of a training is not finite.",
            "Lower the learning rate."),
        ErrorEntry(
            "training.environment_broken", .needsPerson, .software,
            "The trainer's packages can't be loaded.",
            "Remove the trainer's environment, so that it is made anew."),
        ErrorEntry(
            .trainingFewLessons, .needsPerson, .badData, http: 422,
            "The teacher has too few usable answers.",
            "Give the teacher a better prompt, or ask for fewer examples."),
        ErrorEntry(
            "training.lost", .transient, .tryAgain,
            "The training went on without a word, or what it made is gone.",
            "Look at the job's log, and retry."),
        ErrorEntry(
            "training.no_answers", .needsPerson, .software,
            "Too many answers of a trial are missing.",
            "Look at the job's log."),
        ErrorEntry(
            "training.no_end_of_turn", .needsPerson, .software,
            "Neither the chat template nor the tokenizer names a token that ends a turn.",
            "Mend the tokenizer's configuration."),
        ErrorEntry(
            .trainingNoLocalModel, .needsPerson, .configuration,
            "None of the definition's models can be tuned.",
            "Name a model whose weights are at hand."),
        ErrorEntry(
            "training.no_memory", .transient, .tryAgain,
            "There is not enough memory for the training now.",
            "Free memory on the machine."),
        ErrorEntry(
            "training.no_room", .transient, .tryAgain,
            "There is no room on the disk for the training now.",
            "Free space on the disk."),
        ErrorEntry(
            "training.no_teacher", .needsPerson, .badData, http: 422,
            "No prompt was scored on the teacher.",
            "Give the stage a larger Budget, or name another teacher."),
        ErrorEntry(
            "training.no_template", .needsPerson, .software,
            "The tokenizer has no chat template.",
            "Add one, or take the instruction-tuned version of the model."),
        ErrorEntry(
            "training.not_defined", .needsPerson, .configuration,
            "The definition has no FineTune block.",
            "Add one and apply the definition."),
        ErrorEntry(
            "training.not_started", .transient, .tryAgain,
            "The trainer's process did not start.",
            "Look at fledge doctor."),
        ErrorEntry(
            "training.not_writable", .needsPerson, .cannotWrite, http: 507,
            "The job's folder can't be written.",
            "Check the disk's space and the state folder's permissions."),
        ErrorEntry(
            "training.out_of_memory", .needsPerson, .software,
            "The device's memory does not hold the training.",
            "Lower batchSize or sequenceLength, or set gradientCheckpointing or quantised."),
        ErrorEntry(
            "training.over_limit", .needsPerson, .software,
            "The trainer went on long after its time limit, and was ended.",
            "Allow more time or train on less, and look at the job's log."),
        ErrorEntry(
            "training.packing", .needsPerson, .software,
            "The model does not keep packed rows apart.",
            "Leave packing out."),
        ErrorEntry(
            .trainingPersonalData, .needsPerson, .badData, http: 422,
            "The examples to train on hold personal data.",
            "Mask it or allow it in the definition, and apply it."),
        ErrorEntry(
            "training.quantised", .needsPerson, .software,
            "Quantised training has no device or package for it.",
            "Leave quantised out, or train on a machine that has one."),
        ErrorEntry(
            "training.refused", .transient, .unavailable,
            "The stub provider knows nothing of the job.",
            "Retry."),
        ErrorEntry(
            "training.rows_too_long", .needsPerson, .software,
            "Too many rows are longer than sequenceLength.",
            "Raise sequenceLength."),
        ErrorEntry(
            "training.settled_failed", .permanent, .software, http: 500,
            "A person settled the job as failed.",
            "Start it again with fledge retry."),
        ErrorEntry(
            "training.stopped", .transient, .tryAgain,
            "The trainer was stopped and left a checkpoint.",
            "Nothing: it goes on from there."),
        ErrorEntry(
            "training.template", .needsPerson, .software,
            "The model's chat template does not suit training.",
            "Do what the message says."),
        ErrorEntry(
            .trainingUnknown, .needsPerson, .badData, http: 404,
            "Nobody can tell whether an executor has a job.",
            "Look there, and settle the job with fledge jobs settle."),
        ErrorEntry(
            "training.unreachable", .transient, .tryAgain,
            "The stub provider does not answer.",
            "Nothing: it is tried again."),
        ErrorEntry(
            "training.unreadable", .needsPerson, .configuration,
            "How a training job stands can't be told: a file of its folder can't be read.",
            "Let the daemon read the job's folder, then retry."),
        ErrorEntry(
            "training.weights_failed", .needsPerson, .software, also: [.badData, .tryAgain],
            "The base weights could not be dequantised.",
            "Look at the output, mend what it names, then retry."),
    ]
}

extension FledgeError.Code {
    package static let trainingCancelled: Self = "training.cancelled"
    package static let trainingFewLessons: Self = "training.few_lessons"
    package static let trainingNoLocalModel: Self = "training.no_local_model"
    package static let trainingPersonalData: Self = "training.personal_data"
    package static let trainingUnknown: Self = "training.unknown"
}
