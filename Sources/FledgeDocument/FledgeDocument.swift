// FledgeDocument
