"""systemd's specifiers: ``%n``, ``%i``, ``%H`` and the like in unit files."""

from collections.abc import Callable

from ackpatch.systemd.unit import UnitError

# Since version 233 an unknown letter or digit is an error; before, it stayed as it was written.
UNKNOWN_REFUSED = 233
IDENTIFIER = "0123456789abcdef0123456789abcdef"
# Those that are the same for each unit of the system's manager in a rehearsal.
FIXED = {
    "%": "%", "u": "root", "U": "0", "g": "root", "G": "0", "h": "/root", "s": "/bin/sh", "t": "/run", "S": "/var/lib",
    "C": "/var/cache", "L": "/var/log", "E": "/etc", "T": "/tmp", "V": "/var/tmp", "m": IDENTIFIER, "b": IDENTIFIER,
    "v": "5.10.0", "a": "x86-64", "A": "", "B": "", "M": "", "o": "rocky", "w": "8.9", "W": "", "d": "/run/credentials",
}  # fmt: skip


def specifiers(unit: str, fragment: str, host_name: str, version: int) -> Callable[[str], str]:
    """A function that replaces the specifiers in a text; it raises UnitError for one that systemd refuses."""
    name = unit.rpartition(".")[0]
    prefix, _, instance = name.partition("@")
    table = FIXED | {
        "n": unit, "N": name, "p": prefix, "P": prefix, "i": instance, "I": instance, "j": prefix.rpartition("-")[2],
        "J": prefix.rpartition("-")[2], "f": "/" + (instance or prefix), "y": fragment,
        "Y": fragment.rpartition("/")[0], "H": host_name, "q": host_name, "l": host_name.partition(".")[0],
    }  # fmt: skip

    def expand(text: str) -> str:
        pieces: list[str] = []
        at = 0
        while at < len(text):
            letter = text[at + 1 : at + 2] if text[at] == "%" else ""
            known = table.get(letter)
            if letter.isascii() and letter.isalnum() and known is None and version >= UNKNOWN_REFUSED:
                raise UnitError(f"Failed to resolve unit specifiers in {text!r}")
            pieces.append(text[at] if known is None else known)
            at += 1 if known is None else 2
        return "".join(pieces)

    return expand
