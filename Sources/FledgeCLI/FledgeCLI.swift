// FledgeCLI
