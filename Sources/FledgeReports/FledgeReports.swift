// FledgeReports
