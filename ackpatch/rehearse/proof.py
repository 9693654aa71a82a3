"""Rehearses a script with the four values and without, and says whether every start of kubelet is as it should be."""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial

from ackpatch.errors import RehearsalError, UsageError
from ackpatch.node.flags import VARIABLES
from ackpatch.rehearse import container
from ackpatch.rehearse.image import Image, images_for
from ackpatch.rehearse.result import KubeletStart, Rehearsal
from ackpatch.rehearse.run import rehearse, side_by_side
from ackpatch.rehearse.verdict import DISORDER, joins_nothing, judge_config, judge_same, judge_start

# How often the original is run again to see whether its commands have an order.
TRIES = 4
_KUBELET = re.compile(r"(?:.*/)?(?:kubelet(?:\.service)?|kubeadm)")
_NAMED = re.compile(r"kubelet|kubeadm|(?:k3s|rke2)-agent|k0s")
# What a shell says of a file that it was told to read or run.
_NOT_THERE = re.compile(
    rb"^[^:\n]*: (?:line )?\d+: (?:\.: )?([^\s:]+\.(?:sh|bash|env|conf|inc)): No such file", re.MULTILINE
)
_ABSENT = (b"kubeadm: command not found", b"kubeadm: not found", b"kubelet: command not found", b"kubelet: not found")


@dataclass(frozen=True)
class StartProof:
    """One start of kubelet in the run with the values, the same start without them, and what is wrong with it."""

    start: KubeletStart
    before: KubeletStart | None
    reasons: tuple[str, ...]


class Verdict(Enum):
    """What a rehearsal says of a script."""

    HOLDS = "holds"
    FAILS = "does not hold"
    NO_START = "no start"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Proof:
    """What a rehearsal proves. ``reasons`` are those that belong to no single start; all empty is a good verdict.

    ``filled`` is the run with ``values`` (None when only the run without was asked for), ``bare`` the one without,
    ``original`` the run of the script before it was patched, without values (None for a script that is not patched).
    ``systemd`` tells what started kubelet: the ``model`` or a ``real`` one. ``notes`` are what a reader
    should know besides. ``unstarted`` says how the run with values ended when kubelet was never started in it, and is
    empty otherwise.
    """

    image: Image
    values: Mapping[str, str]
    filled: Rehearsal | None
    bare: Rehearsal
    original: Rehearsal | None
    starts: tuple[StartProof, ...]
    reasons: tuple[str, ...]
    systemd: str = "model"
    notes: tuple[str, ...] = ()
    unstarted: str = ""

    @property
    def verdict(self) -> Verdict:
        """Say what is shown; without a start, or without values and an original, there is nothing to judge."""
        if self.reasons or any(one.reasons for one in self.starts):
            return Verdict.FAILS
        if self.unstarted:
            return Verdict.NO_START
        return Verdict.HOLDS if any(self.values.values()) or self.original is not None else Verdict.NOT_JUDGED

    @property
    def holds(self) -> bool:
        """Say whether there was something to judge, and nothing is wrong."""
        return self.verdict is Verdict.HOLDS


def prove(
    script: bytes,
    original: bytes | None,
    clean: Callable[[bytes], bytes],
    *,
    values: Mapping[str, str] | None,
    image: str = "auto",
    binary: bool = False,
    args: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
    systemd: str = "model",
    systemd_version: int = 252,
    timeout: float = 20.0,
) -> Proof:
    """Rehearse ``script`` and judge it; ``original`` is what it was before it was patched, None when it is not.

    ``values`` are the variables of the run with values; None leaves that run out. ``env`` is set in every run.
    ``clean`` takes the patcher's edits out of an inner script. ``image`` is ``auto``, ``rpm``, ``deb``, ``binary``, or
    a family of ``rehearse``; ``binary`` tells ``auto`` that the script installs kubelet without a package. ``systemd``
    is ``model``, ``real``, or ``auto`` for the real one where it can be had. Raises RehearsalError when the rehearsal
    cannot be run at all, UsageError for a variable that is none of the four.
    """
    unknown = sorted(set(values or {}) - set(VARIABLES))
    if unknown:
        raise UsageError(f"{unknown[0]} is none of the variables that a node pool sets: {', '.join(VARIABLES)}")
    real = _is_real(systemd)
    run = partial(rehearse, env=env, args=args, files=files, real=real, systemd=systemd_version, timeout=timeout)
    chosen, bare = _first_that_fits(images_for(image, original or script, binary), partial(run, script, lines=True))
    again = partial(run, original or b"", family=chosen.family)
    with_values = partial(run, script, env={**(env or {}), **(values or {})}, family=chosen.family, lines=True)
    wanted = {"filled": with_values} if values is not None else {}
    wanted |= {"first": again} if original is not None else {}
    with side_by_side(2) as pool:
        done = dict(zip(wanted, pool.map(lambda one: one(), wanted.values()), strict=True))
    filled, first = done.get("filled"), done.get("first")
    reasons = _ended(bare, "without the values", timeout)
    starts: tuple[StartProof, ...] = ()
    unstarted = ""
    if filled is not None:
        content = {**(files or {}), **{path: state.content for path, state in filled.files.items()}}
        starts = _starts(filled, bare, values or {}, content)
        reasons += _whole(filled, bare, timeout)
        unstarted = "" if starts else _end_of(filled)
    if first is not None:
        reasons += _compared(first, bare, clean, again)
    engine, notes = "real" if real else "model", _notes(filled or bare, files or {})
    return Proof(chosen, values or {}, filled, bare, first, starts, tuple(reasons), engine, notes, unstarted)


def _notes(run: Rehearsal, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Say what a reader should know of a run besides the verdict."""
    found = []
    for path in dict.fromkeys(match[1].decode("utf-8", "replace") for match in _NOT_THERE.finditer(run.stderr)):
        node = path if path.startswith("/") else posixpath.normpath(f"/{path}")
        found.append(f"{path} is not there; to rehearse with it: --file={node}={posixpath.basename(path)}")
    there = {*files, *run.files}
    if run.starts and all(joins_nothing(one, there) for one in own_starts(run)):
        found.append("nothing joins here: a packaged kubelet exits and starts again until a join has configured it")
    return tuple(found)


def _is_real(systemd: str) -> bool:
    if systemd not in ("model", "real", "auto"):
        raise UsageError(f"systemd {systemd}: give model, real or auto")
    lack = container.missing() if systemd != "model" else ""
    if systemd == "real" and lack:
        raise RehearsalError(lack)
    return systemd != "model" and not lack


def _first_that_fits(images: Sequence[Image], run: Callable[..., Rehearsal]) -> tuple[Image, Rehearsal]:
    """Run on one image after the other until kubelet is started on one; if it is on none, the first one counts.

    A start at the next boot that an untouched machine of the image would make too is none of the script's.
    """
    tried: list[tuple[Image, Rehearsal]] = []
    for image in images:
        bare = run(family=image.family)
        of_the_script = any(one.how != "boot" for one in bare.starts)
        on_a_likely_one = bool(own_starts(bare)) and image.family.startswith(images[0].family.partition("+")[0])
        if bare.timed_out or ((of_the_script or on_a_likely_one) and not _lacks_kubelet(bare)):
            return image, bare
        tried.append((image, bare))
    return tried[0]


def own_starts(run: Rehearsal) -> tuple[KubeletStart, ...]:
    """The starts that a script causes: that of the next boot only where the script touches kubelet at all."""
    if any(one.how != "boot" for one in run.starts):
        return run.starts
    touched = any("kubelet" in path for path in (*run.files, *run.removed))
    named = any(_NAMED.search(word) for call in run.calls for word in call.argv)
    return run.starts if touched or named else ()


def _lacks_kubelet(run: Rehearsal) -> bool:
    """Say whether a run shows that kubelet was expected to be there from the start."""
    if any(one.error is None for one in run.starts):
        return False
    missing = any(one.error is not None and one.error.endswith("kubelet.service not found.") for one in run.starts)
    return missing or any(text in run.stderr for text in _ABSENT)


def _starts(
    filled: Rehearsal, bare: Rehearsal, values: Mapping[str, str], content: Mapping[str, bytes]
) -> tuple[StartProof, ...]:
    """Pair the starts of the two runs; a start that only one of them has is told by ``_whole``."""
    starts, before = own_starts(filled), own_starts(bare)
    same = len(starts) == len(before)
    pairs = [(start, before[number] if same else None) for number, start in enumerate(starts)]
    return tuple(
        StartProof(start, old, (*judge_start(start, values, old), *judge_config(start, content)))
        for start, old in pairs
    )


def _whole(filled: Rehearsal, bare: Rehearsal, timeout: float) -> list[str]:
    reasons = _ended(filled, "with the values", timeout)
    if len(own_starts(filled)) != len(own_starts(bare)):
        counts = len(own_starts(filled)), len(own_starts(bare))
        reasons.append(f"kubelet was started {counts[0]} times with the values and {counts[1]} without")
    if not filled.timed_out and not bare.timed_out and filled.exit_status != bare.exit_status:
        reasons.append(
            f"exit status {filled.exit_status} with the values, {bare.exit_status} without; {_end_of(filled)}"
        )
    reasons += [f"the record of the run is not complete: {run.trouble}" for run in (filled, bare) if run.trouble]
    for call in filled.calls:
        if call.argv[0] in filled.unknown and any(_KUBELET.fullmatch(word) for word in call.argv[1:]):
            where = f"line {call.line}: " if call.line else ""
            reasons.append(f"{where}{call.argv[0]} is not known here, and may start kubelet")
    return list(dict.fromkeys(reasons))


def _end_of(run: Rehearsal) -> str:
    """Say how a run ended: its status, the line of its last command, its last words."""
    at = next((call.line for call in reversed(run.calls) if call.line is not None), None)
    status = "did not end" if run.timed_out else f"ended with status {run.exit_status}"
    return (
        f"the script {status}"
        + (f", its last command at line {at}" if at else "")
        + (f": {run.last_words}" if run.last_words else "")
    )


def _ended(run: Rehearsal, which: str, timeout: float) -> list[str]:
    if not run.timed_out:
        return []
    at = next((call.line for call in reversed(run.calls) if call.line is not None), None)
    where = f"; its last command was at line {at}" if at is not None else ""
    return [f"the run {which} did not end within {timeout:g} seconds{where}"]


def _compared(
    first: Rehearsal, bare: Rehearsal, clean: Callable[[bytes], bytes], again: Callable[[], Rehearsal]
) -> list[str]:
    """Compare with the original's run.

    What two runs of the original do not have in common either (an order of commands that run side by side, a random
    number in a file) is no difference; the original is run again to see that.
    """
    if first.timed_out or bare.timed_out or not judge_same(first, bare, clean):
        return []
    others = [again() for _ in range(TRIES)]
    if any(not judge_same(other, bare, clean) for other in others):
        return []
    for ordered in (True, False):
        own = {_kind(one) for other in others for one in judge_same(first, other, _as_it_is, ordered)}
        if not ordered or DISORDER not in own:
            break
    left = [one for one in judge_same(first, bare, clean, ordered) if _kind(one) not in own]
    return [f"without the values it differs from the original: {one}" for one in left]


def _as_it_is(data: bytes) -> bytes:
    return data


def _kind(reason: str) -> str:
    return DISORDER if reason.startswith(DISORDER) else reason
