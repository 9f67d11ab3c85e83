// FledgeDaemon
