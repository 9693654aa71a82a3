"""The command line: arguments, prompts and exit codes, a thin face over the library."""
