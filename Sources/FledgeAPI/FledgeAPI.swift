// FledgeAPI
