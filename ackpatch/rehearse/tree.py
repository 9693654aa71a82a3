"""What a throw-away root is made of: plain data that the caller computes and the supervisor builds."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """A file or, with ``link``, a symbolic link."""

    content: bytes = b""
    mode: int = 0o644
    link: str | None = None


@dataclass(frozen=True)
class Tree:
    """Everything below the new root.

    ``folders`` have a mode. ``binds`` are folders of the machine shown read-only (path inside → path outside),
    ``devices`` single device nodes, ``sealed`` folders that are made read-only once they are filled. ``unknown`` are
    the names of commands that stand for something that the rehearsal does not know.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)
    binds: dict[str, str] = field(default_factory=dict)
    devices: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, object]:
        """The tree as built-in values only, as ``marshal`` needs them; ``root.build`` reads them."""
        return {
            "entries": {path: (entry.mode, entry.content, entry.link) for path, entry in self.entries.items()},
            "folders": self.folders,
            "binds": self.binds,
            "devices": self.devices,
            "sealed": self.sealed,
            "unknown": self.unknown,
        }
