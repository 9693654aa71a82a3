"""What a rehearsal proved, as text: for each start both argument lists side by side, the four flags, the verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from ackpatch.rehearse.node_view import view
from ackpatch.rehearse.proof import Proof, StartProof, Verdict, own_starts
from ackpatch.rehearse.result import KubeletStart, Rehearsal
from ackpatch.rehearse.why import why_it_matters
from ackpatch.report.mask import file_name, masked, printable

_FLAGS = {
    "--provider-id": "ALIBABA_CLOUD_PROVIDER_ID",
    "--hostname-override": "ALIBABA_CLOUD_NODE_NAME",
    "--node-labels": "ALIBABA_CLOUD_LABELS",
    "--register-with-taints": "ALIBABA_CLOUD_TAINTS",
}
COLUMNS = 80
_WHOLE = ("--", "ok ", "WRONG ", "- ")
# Longer arguments stand on a line of their own; the marks follow in their columns on the next one.
_WIDTH = 52


def proof_lines(path: str, proof: Proof) -> Iterator[str]:
    """The lines of a report; a join token in an argument is masked."""
    for line in _lines(path, proof):
        shown = file_name(printable(masked(line)))
        yield from [shown] if line.startswith(f"{path}:") else _folded(shown)


def _folded(line: str) -> list[str]:
    """Fold a line to 80 columns at its spaces; an argument of kubelet stays whole, to be found and copied."""
    if len(line) <= COLUMNS or line.lstrip().startswith(_WHOLE):
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(
        line.strip(), COLUMNS, initial_indent=indent, subsequent_indent=f"{indent}    ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _lines(path: str, proof: Proof) -> Iterator[str]:
    on = "a real systemd" if proof.systemd == "real" else "a model of systemd"
    yield f"{path}: rehearsed on {on}"
    yield f"    on a node of the kind {proof.image.family} ({proof.image.why})"
    if proof.filled is not None:
        for number, one in enumerate(proof.starts, 1):
            yield ""
            yield from _start(number, one, proof.values)
    else:
        for number, start in enumerate(own_starts(proof.bare), 1):
            yield ""
            yield f"start {number}: {_where(start)}"
            yield from (f"    {word}" for word in start.argv or [start.error or ""])
    yield ""
    yield from _runs(proof)
    yield from _verdict(path, proof)


def _where(start: KubeletStart) -> str:
    line = f"line {start.line}, " if start.line is not None else ""
    name = f", waits for the node {start.node_name}" if start.node_name else ""
    how = "the next boot of the machine" if start.how == "boot" else start.how
    return f"{line}{how}{name}"


def _start(number: int, one: StartProof, values: Mapping[str, str]) -> Iterator[str]:
    yield f"start {number}: {_where(one.start)}"
    if one.start.error is None:
        yield from _side_by_side(one.start, one.before)
        yield from _flags(one, values)
    yield from _reasons(one.reasons, "    ")


def _side_by_side(start: KubeletStart, before: KubeletStart | None) -> Iterator[str]:
    old = list(before.argv) if before is not None else []
    yield f"    {'kubelet would get':{_WIDTH}}  {'with values':11}  without"
    for word, filled, bare in merged_arguments(start.argv, old):
        marks = f"{'x' if filled else '-':11}  {'x' if bare else '-'}"
        if len(word) > _WIDTH:
            yield f"    {word}"
            word = ""
        yield f"    {word:{_WIDTH}}  {marks}".rstrip()


def merged_arguments(filled: Sequence[str], bare: Sequence[str]) -> list[tuple[str, bool, bool]]:
    """The words of two argument lists in order, each with whether the first and the second list have it there."""
    from difflib import SequenceMatcher

    found: list[tuple[str, bool, bool]] = []
    for kind, a, b, c, d in SequenceMatcher(None, bare, filled, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [(word, True, True) for word in bare[a:b]]
        else:
            found += [(word, False, True) for word in bare[a:b]]
            found += [(word, True, False) for word in filled[c:d]]
    return found


def _flags(one: StartProof, values: Mapping[str, str]) -> Iterator[str]:
    for flag, told in flag_verdicts(one, values).items():
        yield f"    {told[0]:5} {flag:23} {told[1]}"


def flag_verdicts(one: StartProof, values: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """For each of the four flags ``ok``, ``WRONG`` or ``-`` (nothing was to inject) and what kubelet reads."""
    seen = view(one.start.argv)
    read = {
        "--provider-id": seen.provider_id or "",
        "--hostname-override": seen.hostname_override or "",
        "--node-labels": ",".join(f"{key}={value}" for key, value in seen.labels.items()),
        "--register-with-taints": ",".join(seen.taints),
    }
    words = {"--node-labels": "label ", "--register-with-taints": "taint "}
    found = {}
    for flag, variable in _FLAGS.items():
        wrong = any(flag in reason or reason.startswith(words.get(flag, flag)) for reason in one.reasons)
        state = "WRONG" if wrong else "ok" if values.get(variable) else "-"
        found[flag] = (state, read[flag] or "(not given)")
    return found


def _reasons(reasons: Sequence[str], indent: str) -> Iterator[str]:
    for reason in reasons:
        why = why_it_matters(reason)
        yield f"{indent}wrong: {reason}" + (f": {why}" if why else "")


def _runs(proof: Proof) -> Iterator[str]:
    runs = {"with values": proof.filled, "without": proof.bare, "the original, without": proof.original}
    for name, run in runs.items():
        if run is not None:
            yield f"{name}: {_ending(run)}, {len(run.starts)} start(s) of kubelet, {len(run.calls)} commands"
    unknown = sorted({name for run in runs.values() if run is not None for name in run.unknown})
    yield from (f"note: {one}" for one in proof.notes)
    if unknown:
        yield f"note: not known here, so they succeeded without doing anything: {', '.join(unknown)}"


def _ending(run: Rehearsal) -> str:
    if run.timed_out:
        return "did not end"
    last = f" ({run.last_words})" if run.exit_status and run.last_words else ""
    return f"exit status {run.exit_status}{last}"


def _verdict(path: str, proof: Proof) -> Iterator[str]:
    yield from _reasons(proof.reasons, "")
    if proof.unstarted:
        yield f"kubelet was never started in this run: {proof.unstarted}"
    if proof.verdict is Verdict.NO_START:
        yield f"{path}: nothing proved; --args, --env, --file and --image lead a run to a start of kubelet"
    elif proof.verdict is Verdict.FAILS:
        yield f"{path}: does NOT hold"
    elif proof.verdict is Verdict.NOT_JUDGED:
        yield f"{path}: not judged: no value was set, and the script is not patched"
    elif proof.filled is None:
        yield f"{path}: without the values it does what the original did"
    else:
        compared = ", and without them it does what the original did" if proof.original is not None else ""
        carried = any(proof.values.values())
        told = (
            "every start of kubelet carries the values" if carried else "no value was set, so there was none to carry"
        )
        yield f"{told}{compared}"
        yield f"{path}: holds"
