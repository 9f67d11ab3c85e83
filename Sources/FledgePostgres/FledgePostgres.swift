// FledgePostgres
