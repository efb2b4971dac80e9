"""The command line: parse, call one use case, print text or JSON. One file per noun."""
