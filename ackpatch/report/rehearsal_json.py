"""What a rehearsal proved, as JSON; the keys are documented in docs/rehearsal.md."""

from __future__ import annotations

from typing import Any

from ackpatch.rehearse.proof import Proof, StartProof
from ackpatch.rehearse.result import Rehearsal
from ackpatch.rehearse.why import why_it_matters
from ackpatch.report.document import encodable
from ackpatch.report.mask import masked, masked_words
from ackpatch.report.rehearsal_text import flag_verdicts

SCHEMA = 1


def proof_object(path: str, proof: Proof) -> dict[str, Any]:
    """Plain values for ``json.dumps``; join tokens are masked."""
    runs = {"with_values": proof.filled, "without_values": proof.bare, "original": proof.original}
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "script": path,
        "holds": proof.holds,
        "verdict": proof.verdict.value,
        "systemd": proof.systemd,
        "image": {"family": proof.image.family, "why": proof.image.why},
        "values": dict(proof.values),
        "starts": [_start(one, proof) for one in proof.starts],
        "reasons": [_reason(one) for one in proof.reasons],
        "notes": list(proof.notes),
        "runs": {name: None if run is None else _run(run) for name, run in runs.items()},
    }
    masked_object: dict[str, Any] = _masked(found)
    return masked_object


def _start(one: StartProof, proof: Proof) -> dict[str, Any]:
    flags = {
        flag: {"state": state.lower(), "value": value}
        for flag, (state, value) in flag_verdicts(one, proof.values).items()
    }
    return {
        "line": one.start.line,
        "how": one.start.how,
        "node_name": one.start.node_name,
        "error": one.start.error,
        "arguments": list(one.start.argv),
        "arguments_without_values": list(one.before.argv) if one.before is not None else None,
        "flags": flags if one.start.error is None else {},
        "reasons": [_reason(reason) for reason in one.reasons],
    }


def _reason(reason: str) -> dict[str, str]:
    return {"reason": reason, "why": why_it_matters(reason)}


def _run(run: Rehearsal) -> dict[str, Any]:
    return {
        "exit_status": run.exit_status,
        "timed_out": run.timed_out,
        "starts": [{"line": one.line, "how": one.how, "arguments": list(one.argv)} for one in run.starts],
        "calls": [{"line": call.line, "arguments": list(call.argv)} for call in run.calls],
        "unknown": list(run.unknown),
        "stderr": run.stderr.decode("utf-8", "replace"),
    }


def _masked(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(value, str):
        return encodable(masked(value))
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [encodable(word) for word in masked_words(value)]
    if isinstance(value, list):
        return [_masked(one) for one in value]
    if isinstance(value, dict):
        return {key: _masked(one) for key, one in value.items()}
    return value
