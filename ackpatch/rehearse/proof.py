"""Rehearses a script with the four values and without, and says whether every start of kubelet is as it should be."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from ackpatch.rehearse.canonical import canonical_calls
from ackpatch.rehearse.image import Image, images_for
from ackpatch.rehearse.result import KubeletStart, Rehearsal
from ackpatch.rehearse.run import rehearse
from ackpatch.rehearse.verdict import DISORDER, judge_same, judge_start

# How often the original is run again to see whether its commands have an order.
TRIES = 4
_ABSENT = (b"kubeadm: command not found", b"kubeadm: not found", b"kubelet: command not found", b"kubelet: not found")


@dataclass(frozen=True)
class StartProof:
    """One start of kubelet in the run with the values, the same start without them, and what is wrong with it."""

    start: KubeletStart
    before: KubeletStart | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
    """What a rehearsal proves. ``reasons`` are those that belong to no single start; all empty is a good verdict.

    ``filled`` is the run with ``values`` (None when only the run without was asked for), ``bare`` the one without,
    ``original`` the run of the script before it was patched, without values (None for a script that is not patched).
    """

    image: Image
    values: Mapping[str, str]
    filled: Rehearsal | None
    bare: Rehearsal
    original: Rehearsal | None
    starts: tuple[StartProof, ...]
    reasons: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.reasons and not any(one.reasons for one in self.starts)


def prove(
    script: bytes,
    original: bytes | None,
    clean: Callable[[bytes], bytes],
    *,
    values: Mapping[str, str] | None,
    image: str = "auto",
    binary: bool = False,
    args: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
    systemd: int = 252,
    timeout: float = 20.0,
) -> Proof:
    """Rehearse ``script`` and judge it; ``original`` is what it was before it was patched, None when it is not.

    ``values`` are the variables of the run with values; None leaves that run out. ``clean`` takes the patcher's edits
    out of an inner script. ``image`` is ``auto``, ``rpm``, ``deb``, ``binary``, or a family of ``rehearse``;
    ``binary`` tells ``auto`` that the script installs kubelet without a package. Raises RehearsalError when the
    rehearsal cannot be run at all.
    """
    run = partial(rehearse, args=args, files=files, systemd=systemd, timeout=timeout)
    chosen, bare = _first_that_fits(images_for(image, original or script, binary), partial(run, script, lines=True))
    again = partial(run, original or b"", family=chosen.family)
    with ThreadPoolExecutor(2) as pool:
        wanted = pool.submit(run, script, env=values, family=chosen.family, lines=True) if values is not None else None
        compared = pool.submit(again) if original is not None else None
    filled = wanted.result() if wanted is not None else None
    first = compared.result() if compared is not None else None
    reasons = _ended(bare, "without the values", timeout)
    starts: tuple[StartProof, ...] = ()
    if filled is not None:
        starts = _starts(filled, bare, values or {})
        reasons += _whole(filled, bare, timeout)
    if first is not None:
        reasons += _compared(first, bare, clean, again)
    return Proof(chosen, values or {}, filled, bare, first, starts, tuple(reasons))


def _first_that_fits(images: Sequence[Image], run: Callable[..., Rehearsal]) -> tuple[Image, Rehearsal]:
    """Run on one image after the other until kubelet is started on one; if it is on none, the first one counts."""
    tried: list[tuple[Image, Rehearsal]] = []
    for image in images:
        bare = run(family=image.family)
        if bare.timed_out or (bare.starts and not _lacks_kubelet(bare)):
            return image, bare
        tried.append((image, bare))
    return tried[0]


def _lacks_kubelet(run: Rehearsal) -> bool:
    """Say whether a run shows that kubelet was expected to be there."""
    missing = any(one.error is not None and one.error.endswith("kubelet.service not found.") for one in run.starts)
    return missing or any(text in run.stderr for text in _ABSENT)


def _starts(filled: Rehearsal, bare: Rehearsal, values: Mapping[str, str]) -> tuple[StartProof, ...]:
    """Pair the starts of the two runs; a start that only one of them has is told by ``_whole``."""
    same = len(filled.starts) == len(bare.starts)
    found = []
    for number, start in enumerate(filled.starts):
        before = bare.starts[number] if same else None
        found.append(StartProof(start, before, tuple(judge_start(start, values, before))))
    return tuple(found)


def _whole(filled: Rehearsal, bare: Rehearsal, timeout: float) -> list[str]:
    reasons = _ended(filled, "with the values", timeout)
    if not filled.starts:
        reasons.append("kubelet was never started in this run, so nothing could be proved")
    if len(filled.starts) != len(bare.starts):
        reasons.append(f"kubelet was started {len(filled.starts)} times with the values and {len(bare.starts)} without")
    if not filled.timed_out and not bare.timed_out and filled.exit_status != bare.exit_status:
        last = filled.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        reasons.append(f"exit status {filled.exit_status} with the values, {bare.exit_status} without ({last})")
    return reasons


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

    A script that runs commands side by side has no order of its own: the patched one may take any that the original
    takes, which is seen from running the original again.
    """
    reasons = judge_same(first, bare, clean)
    orders = {canonical_calls(first)}
    for _ in range(TRIES if DISORDER in reasons else 0):
        other = again()
        orders.add(canonical_calls(other))
        if not judge_same(other, bare, clean):
            return []
    if len(orders) > 1:
        reasons = judge_same(first, bare, clean, ordered=False)
    return [f"without the values it differs from the original: {one}" for one in reasons]
