"""The exceptions that a caller of ackpatch may catch; every message is one a user can act on."""


class AckpatchError(Exception):
    """Base of all errors that ackpatch raises on purpose."""


class UnreadableError(AckpatchError):
    """The input cannot be read as a script: a missing file, a folder, a binary, a refused encoding."""


class SyntaxRefusedError(AckpatchError):
    """The shell parser refused the text.

    ``line`` and ``column`` are 1-based; ``column`` counts bytes, as the parser does.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.message = message
        self.line = line
        self.column = column


class TooDeepError(SyntaxRefusedError):
    """A limit of the parser was reached."""


class UsageError(AckpatchError):
    """An option or an argument has a value that cannot be used."""


class RehearsalError(AckpatchError):
    """A rehearsal could not be run at all (no namespaces, no shell)."""
