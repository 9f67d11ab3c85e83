import FledgeCLI

await FledgeMain.run()
