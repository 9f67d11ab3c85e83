print("fledged")
