// FledgeDSL
