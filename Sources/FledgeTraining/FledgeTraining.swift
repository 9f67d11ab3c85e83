// FledgeTraining
