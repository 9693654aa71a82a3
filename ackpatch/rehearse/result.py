"""What a rehearsal finds: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class KubeletStart:
    """One start of kubelet, with the full argument list that it would get.

    ``how`` is what started it (``systemctl restart``, ``systemctl enable --now``, ``service restart``, ``kubeadm
    join``, ``direct``, ``boot``). ``node_name`` is set for kubeadm only: the name it would wait for. ``error`` says
    why systemd would not run it; ``argv`` is then empty. When the unit's program is a shell or a script that calls
    kubelet, ``argv`` is what kubelet got from it. ``line`` is the script's line (from 1) that caused it, where a traced
    run told; None for a boot.
    """

    how: str
    argv: tuple[str, ...]
    node_name: str | None
    error: str | None
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Call:
    """One external program that the script ran: its name without folder, and its arguments; ``line`` as in a start."""

    argv: tuple[str, ...]
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class FileState:
    """A file at the end of the run. ``link`` is the target of a symbolic link; ``content`` is cut after 1 MiB."""

    mode: int
    content: bytes
    link: str | None


@dataclass(frozen=True)
class Rehearsal:
    """The outcome of one run.

    ``exit_status`` is the script's as a shell gives it (128 + signal number), None when it ran into the time-out.
    ``stdout`` and ``stderr`` are cut after 1 MiB. ``files`` has what the script created or changed below ``/etc``,
    ``/opt``, ``/root``, ``/run``, ``/tmp``, ``/var``, ``/usr/lib/systemd``, ``/usr/local``, ``/srv``, ``/home``;
    ``removed`` what it took away there. ``unknown`` are commands that the rehearsal does not know, so that they did
    nothing and succeeded. ``trouble`` says why the record is not complete, if it is not.
    """

    starts: tuple[KubeletStart, ...]
    calls: tuple[Call, ...]
    exit_status: int | None
    timed_out: bool
    stdout: bytes
    stderr: bytes
    files: Mapping[str, FileState]
    removed: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def last_words(self) -> str:
        """The last line of the messages."""
        return self.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
