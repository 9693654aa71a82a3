"""What a person has to know of a script and its plan: the findings, in the order of their places."""

from __future__ import annotations

import re

from ackpatch.findings import finding
from ackpatch.model import Finding, Span
from ackpatch.node import handmade
from ackpatch.node.advice import advice
from ackpatch.node.assigned import invents_an_id
from ackpatch.node.boot import Boot
from ackpatch.node.config_taints import has_unknown_taints
from ackpatch.node.labels import reserved_label
from ackpatch.node.mark import STARTS, Kind, Mark
from ackpatch.node.templates import template_part
from ackpatch.node.unit import read_unit
from ackpatch.options import Options
from ackpatch.shell.bashlex_reader import agrees
from ackpatch.splice.ground import Cover, Gap, Plan
from ackpatch.splice.texts import Why, runs_something_else

_NODE_IP = re.compile(r"--node-ip[= ]\"?\$\{?ALIBABA_CLOUD_NODE_NAME\b")
# What starts nothing and writes nothing of kubelet's.
_IDLE = frozenset(
    {
        Kind.EXIT,
        Kind.REMOTE,
        Kind.REBOOT,
        Kind.RELOAD,
        Kind.STOP,
        Kind.UNSEEN,
        Kind.BARRIER,
        Kind.HARMLESS,
        Kind.ASSIGN,
        Kind.SELF_READ,
    }
)


def findings_of(boot: Boot, plan: Plan, ignored: frozenset[Mark], options: Options) -> list[Finding]:
    """Give all findings of a script, each once."""
    found = [_gap(one) for one in plan.gaps]
    found += [finding("ACK121", one.span) for one in plan.late]
    found += _mended(plan, ignored, boot)
    # Where nothing is put in, nothing moves that a script reads of itself.
    passed = ignored | {mark for mark in boot.marks if mark.kind is Kind.SELF_READ and plan.is_empty}
    found += [one for mark in boot.marks if mark not in passed for one in _of_mark(mark, boot)]
    found += _of_text(boot, plan)
    found += advice(boot, [one.lines for one in plan.asides])
    if options.bootstrap and not any(mark.kind in STARTS or mark.kind is Kind.ENABLE for mark in boot.marks):
        found.append(finding("ACK119", Span(0, 0)))
    for nested, message in boot.walker.refused:
        found.append(finding("ACK202", nested.statement.span, f"the inner script cannot be parsed ({message})"))
    for limit, statement in boot.walker.limits.items():
        found.append(finding("ACK115", statement.span, limit.value))
    unique = {(one.code, one.span, one.message): one for one in found}
    return sorted(unique.values(), key=lambda one: (one.span, one.code))


def _gap(gap: Gap) -> Finding:
    mark = gap.mark
    if gap.at_end:
        return finding("ACK103", mark.span, mark.what)
    if gap.why is Why.SENT:
        return finding("ACK101", mark.span, f"{mark.what}: {gap.why.value}")
    if gap.why is not None:
        code = "ACK111" if mark.kind in (Kind.JOIN, Kind.INIT) else "ACK112"
        return finding(code, mark.span, gap.why.value)
    if mark.nested is not None:
        return finding("ACK110", mark.span, mark.what)
    return finding("ACK101", mark.span, f"{mark.what}: no call can stand between it and what is written before")


def _mended(plan: Plan, ignored: frozenset[Mark], boot: Boot) -> list[Finding]:
    """Give what the plan mends, and what is left alone because a comment asks for it."""
    found = [finding("ACK303", mark.span, mark.what) for mark in boot.marks if mark in ignored]
    gaps = {one.mark for one in plan.gaps}
    for mark in boot.marks:
        cover = plan.cover_of(mark)
        if mark.kind in STARTS and cover in (Cover.CALL, Cover.WORDS) and mark not in gaps:
            found.append(finding("ACK101", mark.span, mark.what, fixable=True))
    found += [finding("ACK102", mark.span, fixable=True) for mark in plan.named]
    if not boot.marks:
        found += [finding("ACK206", one.span, fixable=True) for one in plan.asides]
    elif not plan.is_empty and not any(one.fixable for one in found):
        writes = [mark for mark in boot.marks if mark.kind is Kind.WRITE]
        alive = [mark for mark in boot.marks if mark.kind in STARTS or mark.kind is Kind.ENABLE]
        last = (writes or alive or list(boot.marks))[-1]
        at = next((mark for mark in writes if plan.cover_of(mark) is Cover.TEXT), last)
        found.append(finding("ACK103", at.span, at.what, fixable=True))
    if not boot.walker.limits and all(mark.kind in _IDLE or mark.file == "package" for mark in boot.marks):
        found.append(finding("ACK301", Span(0, 0)))
    return found


def _of_text(boot: Boot, plan: Plan) -> list[Finding]:
    found = [finding("ACK206", one.span) for one in plan.asides]
    text = boot.script.text
    codes = ((handmade.VARIABLE, "ACK207"), (handmade.WRONG_NAME, "ACK208"), (_NODE_IP, "ACK209"))
    for pattern, code in codes:
        for match in pattern.finditer(text):
            span = Span(match.start(), match.end())
            passed = (*(one.lines for one in plan.asides), *boot.script.comments)
            if not any(one.contains(span) for one in passed):
                found.append(finding(code, span, text[span.start : span.end] if code == "ACK207" else ""))
                break
    template = template_part(boot)
    if template is not None:
        found.append(finding("ACK212", template, text[template.start : template.end][:40]))
    return found


def _of_mark(mark: Mark, boot: Boot) -> list[Finding]:
    if mark.kind is Kind.SELF_READ:
        return [finding("ACK905", mark.span, mark.what)]
    if mark.kind is Kind.REMOTE:
        return [finding("ACK201", mark.span, mark.what)]
    if mark.kind is Kind.UNSEEN:
        return [finding("ACK202", mark.span, mark.what)]
    if mark.kind is Kind.MENTION:
        return [finding("ACK114", mark.span, mark.what)]
    if mark.kind is Kind.ASSIGN:
        source = mark.step.script.source(mark.step.statement.span)
        return [finding("ACK122", mark.span)] if invents_an_id(source) else []
    if mark.kind is Kind.OTHER:
        return [finding("ACK116", mark.span, mark.what)]
    if mark.agent is not None:
        found = [finding("ACK120", mark.span, f"{mark.what}: {mark.agent.problem}")] if mark.agent.problem else []
        found += [finding("ACK204", mark.span, mark.what)] if mark.agent.server else []
        return [*found, finding("ACK230", mark.span, mark.what)] if mark.agent.taints else found
    if mark.kind is Kind.INIT:
        return [finding("ACK204", mark.span, mark.what)]
    found = []
    if mark.kind is Kind.ENABLE and mark.what.startswith("kubeadm"):
        found.append(finding("ACK306", mark.span, mark.what))
    if mark.kind is Kind.WRITE and _starts_twice(mark):
        found.append(finding("ACK117", mark.span, mark.what))
    label = reserved_label(mark)
    if label:
        found.append(finding("ACK118", mark.span, label))
    if mark.kind is Kind.WRITE and runs_something_else(mark) and not _overridden(mark, boot):
        found.append(finding("ACK112", mark.span, "the program in ExecStart= is not kubelet itself"))
    if mark.kind in STARTS and agrees(mark.step.script, mark.step.command) is False:
        found.append(finding("ACK211", mark.span))
    if mark.meant is not None and mark.meant.assumed and mark.kind is Kind.START:
        found.append(finding("ACK302", mark.span, mark.what))
    if mark.kind is Kind.JOIN and _config_not_known(mark, boot):
        found.append(finding("ACK205", mark.span))
    return found


def _starts_twice(mark: Mark) -> bool:
    content = mark.written.content if mark.written else None
    if content is None or mark.file not in ("unit", "drop-in"):
        return False
    text = content.resolved().text
    unit = read_unit(text)
    # A drop-in adds to the ExecStart of the unit, unless it empties it first.
    adds = mark.file == "drop-in" and bool(unit.exec_starts) and not re.search(r"(?m)^\s*ExecStart\s*=\s*$", text)
    oneshot = re.search(r"(?m)^\s*Type\s*=\s*oneshot", text)
    return (len(unit.exec_starts) > 1 or adds) and not oneshot


def _overridden(mark: Mark, boot: Boot) -> bool:
    """Say whether a later write puts another command line in the place of this one."""
    later = boot.marks[boot.marks.index(mark) + 1 :]
    return any(one.kind is Kind.WRITE and one.file in ("unit", "drop-in") for one in later)


def _config_not_known(mark: Mark, boot: Boot) -> bool:
    words = [one.text for one in mark.fields]
    has_config = any(word == "--config" or word.startswith("--config=") for word in words)
    configs = [one for one in boot.marks if one.file == "join-config"]
    return has_config and (not configs or any(has_unknown_taints(one) for one in configs))
