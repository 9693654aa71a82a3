"""One self-contained page: the order of execution, the findings and the diff; readable without scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from ackpatch import __version__
from ackpatch.api import PatchResult
from ackpatch.findings import RULES
from ackpatch.hunks import Hunk, hunks, summary
from ackpatch.model import Finding
from ackpatch.report.document import encodable
from ackpatch.report.examined import Examined
from ackpatch.report.mask import masked
from ackpatch.report.picture import Row, headline, rows, told
from ackpatch.report.text import totals

LONG = 80  # lines of a hunk that is folded
_STYLE = """
:root { color-scheme: light dark; --line: #d0d7de; --soft: #f6f8fa; --text: #1f2328; --dim: #59636e;
  --add: #dafbe1; --del: #ffebe9; --red: #cf222e; --green: #1a7f37; --amber: #9a6700; --back: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #151b23; --text: #f0f6fc; --dim: #9198a1;
  --add: #12361f; --del: #3c1618; --red: #f85149; --green: #3fb950; --amber: #d29922; --back: #0d1117; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back);
  margin: 0 auto; max-width: 72rem; padding: 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.2rem; overflow-wrap: anywhere; margin-top: 2.5rem; }
h3 { font-size: 1rem; margin-bottom: .3rem; }
code, pre, .diff { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
ol.life { list-style: none; padding: 0; margin: 0; border-left: 2px solid var(--line); }
ol.life li { padding: .15rem 0 .15rem 1rem; }
ol.life li.phase { font-weight: 600; } ol.life li.call { color: var(--green); }
ol.life code { display: block; color: var(--dim); white-space: pre-wrap; overflow-wrap: anywhere; }
.covered { color: var(--green); } .mended { color: var(--amber); } .place { color: var(--dim); }
.bare { color: var(--red); font-weight: 600; }
dl.findings dt { margin-top: .8rem; overflow-wrap: anywhere; } dl.findings dd { margin: 0 0 0 1rem; color: var(--dim); }
.error { color: var(--red); } .warning { color: var(--amber); } .note { color: var(--dim); }
.diff { border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; margin: .5rem 0; }
.diff div { white-space: pre-wrap; overflow-wrap: anywhere; padding: 0 .6rem; min-height: 1.45em; }
.diff .reason, .diff .at { background: var(--soft); color: var(--dim); }
.diff .number { color: var(--dim); user-select: none; white-space: pre; }
.diff .add { background: var(--add); } .diff .del { background: var(--del); }
summary { cursor: pointer; }
"""


def render(reports: Sequence[Examined], command: str) -> str:
    """The page for all scripts."""
    verdict = totals(reports) or "nothing to report"
    body = "".join(part for one in reports for part in _script(one))
    title = "ackpatch: " + ", ".join(one.path for one in reports[:3]) + (" …" if len(reports) > 3 else "")
    page = (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{_text(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>ackpatch {__version__}</h1>\n"
        f"<p class=verdict><strong>{_text(verdict)}</strong></p>\n{body}</body>\n</html>\n"
    )
    return encodable(page)


def _script(report: Examined) -> Iterator[str]:
    yield f"<h2>{_text(report.path)}</h2>\n"
    if report.result is None:
        yield f'<p class="error">{_text(report.error)}</p>\n'
        return
    result = report.result
    yield f"<p>{_text(headline(result))}.</p>\n"
    yield "<h3>Order of execution</h3>\n<ol class=life>\n"
    yield from (_row(row) for row in rows(result))
    yield "</ol>\n"
    yield from _findings(result)
    found = hunks(result)
    yield f"<h3>Change</h3>\n<p>{_text(summary(result, found))}</p>\n"
    for hunk in found:
        lines = [_diff_line(f"# {reason}", "reason") for reason in hunk.reasons]
        lines.append(_diff_line(hunk.header, "at"))
        lines += _numbered(hunk)
        shown = f"<div class=diff>{''.join(lines)}</div>\n"
        yield _folded(hunk, shown) if len(hunk.lines) > LONG else shown


def _numbered(hunk: Hunk) -> Iterator[str]:
    """The lines with their numbers in the original and in the patched script."""
    old, new = hunk.old[0], hunk.new[0]
    kinds = {"+": "add", "-": "del", " ": "same"}
    for line in hunk.lines:
        left, right = "" if line.sign == "+" else str(old), "" if line.sign == "-" else str(new)
        old, new = old + (line.sign != "+"), new + (line.sign != "-")
        numbers = f"<span class=number>{left:>5} {right:>5}</span>"
        yield f"<div class={kinds[line.sign]}>{numbers} {_text(line.sign + line.text)}</div>"


def _folded(hunk: Hunk, shown: str) -> str:
    """A long hunk is mostly the prologue, which is the same text in every script."""
    title = "; ".join(hunk.reasons) or hunk.header
    return f"<details><summary>{_text(title)} ({len(hunk.lines)} lines)</summary>\n{shown}</details>\n"


def _row(row: Row) -> str:
    if row.heading:
        return f"<li class=phase>{_text(row.text)}</li>\n"
    if not row.place:
        return f"<li class=call>&#9656; {_text(row.text)}</li>\n"
    state = f'<span class="{row.state or "place"}">{_text(told(row))}</span>'
    return f"<li><span class=place>{row.place}</span> {_text(row.text)}{state}<code>{_text(row.code)}</code></li>\n"


def _findings(result: PatchResult[bytes]) -> Iterator[str]:
    if not result.findings:
        return
    yield "<h3>Findings</h3>\n<dl class=findings>\n"
    yield from (_finding(one) for one in result.findings)
    yield "</dl>\n"


def _finding(one: Finding) -> str:
    mend = " (ackpatch can mend this)" if one.can_be_mended else ""
    head = (
        f"<span class={one.severity.value}>{one.severity.value} {one.code}</span> line {one.line}, column {one.column}"
    )
    why = RULES[one.code].why
    return f"<dt>{head}: {_text(one.message)}{mend}</dt>\n<dd>{_text(why)}</dd>\n<dd>{_text(one.remedy)}</dd>\n"


def _diff_line(line: str, kind: str) -> str:
    return f"<div class={kind}>{_text(line)}</div>"


def _text(text: str) -> str:
    return escape(masked(text))
