print("capuchin-repl")
