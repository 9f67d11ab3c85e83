// FledgeServer
