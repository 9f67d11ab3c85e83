// FledgeServing
