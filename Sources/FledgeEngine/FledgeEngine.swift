// FledgeEngine
