"""From what was understood to a plan: which texts are spliced, where calls go, what stays uncovered and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ackpatch.findings import finding
from ackpatch.model import Edit, Finding, Span
from ackpatch.node.boot import Boot, Mark, understand
from ackpatch.node.flags import INJECTED, NODE_IP
from ackpatch.shell.flow import flows_of
from ackpatch.shell.nested import Nested
from ackpatch.shell.tree import Statement
from ackpatch.splice.anchors import (
    candidates,
    enclosing,
)
from ackpatch.splice.calls import config_word, draft_calls
from ackpatch.splice.coverage import Coverage, Effect, Side, coverage
from ackpatch.splice.draft import Draft, Piece
from ackpatch.splice.handmade import gives_by_hand
from ackpatch.splice.inline import Spliced, Unprovable, expanding_document, splice_direct, splice_join, splice_unit
from ackpatch.splice.inner import inner_block, outer_place, parse_inner, quoted
from ackpatch.splice.markers import block
from ackpatch.splice.mode import Mode
from ackpatch.splice.prologue import prologue, prologue_offset


@dataclass(frozen=True, slots=True)
class Plan:
    """The edits with the findings; ``covered`` maps a mark's identity to what covers it."""

    edits: list[Edit]
    findings: list[Finding]
    covered: dict[int, str]


@dataclass(slots=True)
class Planner:
    """Plans one script."""

    boot: Boot
    mode: Mode
    with_node_ip: bool
    ignored: set[int]
    draft: Draft
    replaced: list[Span] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    covered: dict[int, str] = field(default_factory=dict)
    giving: set[int] = field(default_factory=set)
    neutral: set[int] = field(default_factory=set)
    placements: dict[tuple[int, Side], Statement] = field(default_factory=dict)
    given_up: set[int] = field(default_factory=set)
    inner: set[int] = field(default_factory=set)
    configs: dict[int, str] = field(default_factory=dict)
    wanted: dict[int, Statement] = field(default_factory=dict)
    wraps: bool = False
    spliced: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags that are added."""
        return (*INJECTED, *NODE_IP) if self.with_node_ip else tuple(INJECTED)

    def plan(self) -> Plan:
        """Make the plan."""
        for span in self.replaced:
            self.draft.add_replaced(span.start, span.end)
        self._splice_texts()
        self._place_before_configured_joins()
        self._place_calls()
        self._cover_the_end()
        self._splice_joins()
        if self.placements or self.spliced:
            runtime = self.mode.runtime if self.placements else None
            text = prologue(runtime, self.wraps, self.with_node_ip, bool(self.configs))
            self.draft.add_prologue(self._prologue_offset(), block(text))
        draft_calls(self)
        return Plan(self.draft.edits(), self.findings, self.covered)

    def _prologue_offset(self) -> int:
        """Below the first comments; but those of an older injection at the top of the script stay with it."""
        offset = prologue_offset(self.boot.script)
        return next((span.start for span in self.replaced if span.start <= offset < span.end), offset)

    def _of(self, *kinds: str) -> Iterable[Mark]:
        return (mark for mark in self.boot.marks if mark.kind in kinds and id(mark) not in self.ignored)

    # --- texts that are spliced where they stand

    def _splice_texts(self) -> None:
        writes = list(self._of("write"))
        for mark in writes:
            if gives_by_hand(mark):
                self.giving.add(id(mark))
                self.covered[id(mark)] = "by hand"
        for mark in writes:
            if mark.file in ("unit", "drop-in") and self.mode.runtime == "binary" and id(mark) not in self.giving:
                result = splice_unit(mark, writes, self.flags)
                if isinstance(result, Unprovable) and result.hopeless:
                    self.findings.append(finding("ACK112", mark.span, result.reason))
                if isinstance(result, Spliced) and self._draft_pieces(result, "gives kubelet the four flags"):
                    (self.giving if result.gives else self.neutral).add(id(mark))
                    if result.gives:
                        self.covered[id(mark)] = "flags in ExecStart="
        for mark in self._of("direct"):
            result = splice_direct(mark, self.flags)
            if isinstance(result, Unprovable):
                self.findings.append(finding("ACK112", mark.span, result.reason))
            elif self._draft_pieces(result, "gives kubelet the four flags"):
                self.covered[id(mark)] = "flags on the command line"

    def _draft_pieces(self, spliced: Spliced, what: str) -> bool:
        by_mark: dict[int, tuple[Mark, list[Piece]]] = {}
        for mark, piece in spliced.pieces:
            by_mark.setdefault(id(mark), (mark, []))[1].append(piece)
        for mark, pieces in by_mark.values():
            if not self.draft.add_pieces(mark.step.statement, pieces, what, expanding_document(mark)):
                return False
        for statement, piece in spliced.elsewhere:
            if not self.draft.add_pieces(statement, [piece], what):
                return False
        self.spliced = self.spliced or bool(spliced.pieces)
        self.wraps = self.wraps or spliced.wraps
        return True

    def _splice_joins(self) -> None:
        for mark in self._of("join", "init"):
            if self._named_by_hand(mark):
                continue
            result = splice_join(mark)
            if isinstance(result, Unprovable):
                self.findings.append(finding("ACK111", mark.span, result.reason))
                continue
            statement = mark.origins[-1] if mark.origins else mark.step.statement
            document = None
            if mark.nested is not None:
                statement = mark.nested.holder or mark.nested.statement
                quoted = mark.nested.document is not None and mark.nested.document.quoted
                document = mark.nested.document if quoted else None
            pieces = [piece for _, piece in result.pieces]
            if self.draft.add_pieces(statement, pieces, "gives kubeadm the node name", document):
                self.spliced = True
                self.findings.append(finding("ACK102", mark.span, fixable=True))
            else:
                self.findings.append(finding("ACK111", mark.span, "no line above it can carry a mark"))

    def _named_by_hand(self, mark: Mark) -> bool:
        text = self.boot.script.source(mark.place.span)
        return "--node-name" in text and "ALIBABA_CLOUD_NODE_NAME" in text

    # --- calls

    def want_call(self, statement: Statement) -> None:
        """Put a call before a statement because a comment asks for it."""
        # Only statements that matter are known to the order of execution: the next one of them stands for this.
        for sibling in statement.siblings[statement.index :]:
            if any(True for _ in flows_of(self.boot.flow, sibling)):
                self.placements[(id(sibling), "before")] = sibling
                self.wanted[id(sibling)] = statement
                return

    def effect(self, mark: Mark) -> Effect:
        """What a mark does to the one fact that coverage follows."""
        if id(mark) in self.given_up or id(mark) in self.ignored or id(mark) in self.neutral:
            return "none"
        if mark.nested is not None and id(mark.nested.rendered) in self.inner:
            return "gives" if mark.kind == "write" else "none"
        if mark.kind == "write":
            return self._effect_of_write(mark)
        if mark.kind == "unseen":
            return "spoils"
        if mark.kind in ("start", "join", "init"):
            return "needs"
        if mark.kind == "reboot":
            return "needs" if self._starts_at_boot(mark) else "none"
        return "ends" if mark.kind == "exit" else "none"

    def _effect_of_write(self, mark: Mark) -> Effect:
        if id(mark) in self.giving:
            return "gives"
        if mark.file == "join-config":
            return "none"
        if mark.file == "flags" and any(id(one) in self.giving for one in self._of("write")):
            return "none"
        return "spoils"

    def _starts_at_boot(self, reboot: Mark) -> bool:
        """Say whether something before a reboot makes the next boot start kubelet."""
        before = self.boot.marks[: self.boot.marks.index(reboot)]
        return any(mark.kind in ("enable", "start", "join", "write") for mark in before)

    def _coverage(self, extra: tuple[int, Side] | None = None) -> Coverage:
        places = set(self.placements)
        if extra is not None:
            places.add(extra)
        return coverage(self.boot.flow, self.effect, places)

    def _place_calls(self) -> None:
        while True:
            bare = self._coverage().bare
            if not bare:
                break
            mark = next(iter(bare.values()))
            if not self._place_before(mark):
                self._give_up(mark)
        if self.placements:
            for mark in self._of("start", "join", "init", "reboot"):
                if id(mark) not in self.given_up:
                    self.covered.setdefault(id(mark), "a call before it")

    def _place_before(self, mark: Mark) -> bool:
        for statement in candidates(mark):
            key: tuple[int, Side] = (id(statement), "before")
            if id(mark) not in self._coverage(key).bare:
                self.placements[key] = statement
                return True
        return False

    def _give_up(self, mark: Mark) -> None:
        if mark.nested is not None and self._plan_inner(mark.nested):
            return
        self.given_up.add(id(mark))
        code = "ACK110" if mark.nested is not None else "ACK101"
        detail = mark.what if mark.nested is not None else f"{mark.what}: a write stands in the same command"
        self.findings.append(finding(code, mark.span, detail))

    def _plan_inner(self, nested: Nested) -> bool:
        """Give an inner script that writes and starts its own prologue and calls; False where that cannot be done."""
        if nested.outer is not None or nested.same_shell:
            return False
        script = parse_inner(nested, self.boot.script.dialect)
        if script is None:
            return False
        inner = Planner(understand(script), self.mode, self.with_node_ip, set(), Draft(script))
        inner._place_calls()
        inner._cover_the_end()
        if inner.findings or not self._draft_inner(nested, inner):
            if nested.drops_environment:
                self.findings.append(finding("ACK113", nested.statement.span))
            return False
        # The outer script checks the values too: before its own first action.
        self.spliced = True
        self.inner.add(id(nested.rendered))
        return True

    def _draft_inner(self, nested: Nested, inner: Planner) -> bool:
        """Lead the insertions of an inner plan back into the outer script."""
        draft_calls(inner)
        rendered, outer, script = nested.rendered, self.boot.script.text, inner.boot.script
        start = prologue_offset(script)
        at_line = (start == 0 and nested.document is not None) or script.text[start - 1 : start] == "\n"
        body = prologue(self.mode.runtime, node_ip=self.with_node_ip)
        at = outer_place(rendered, start, outer, at_line)
        code = inner_block(body, at.quote, nested.drops_environment, at_line) if at is not None else None
        if at is None or code is None:
            return False
        inserts = [Piece(at.offset, code)]
        lines = [(offset, line, True) for offset, _, line, _ in inner.draft.lines]
        pieces = [piece for group in inner.draft.groups.values() for piece in group.pieces]
        lines += [(piece.offset, piece.text, False) for piece in pieces]
        for offset, line, whole in lines:
            place = outer_place(rendered, offset, outer, whole)
            written = quoted(line, place.quote) if place is not None else None
            if place is None or written is None:
                return False
            inserts.append(Piece(place.offset, written))
        holder = nested.holder or nested.statement
        spliced = inserts[len(inserts) - len(pieces) :]
        if spliced and not self.draft.add_pieces(holder, spliced, "gives kubelet the four values"):
            return False
        for piece in inserts[: len(inserts) - len(pieces)]:
            self.draft.add_inner(piece, "gives the inner script its own checks and calls")
        return True

    def _cover_the_end(self) -> None:
        """A write with no start behind it, or kubelet enabled for the next boot: call behind the last write."""
        for _ in self.boot.marks:
            state = self._coverage()
            spoiler = state.last_spoiler
            if not state.at_end:
                return
            enabled = [mark for mark in self._of("enable") if mark.nested is None]
            if not state.pending and (not enabled or any(True for _ in self._of("start", "join", "init"))):
                return
            if enabled and not state.pending and self._place_end(enabled[-1], "before"):
                continue
            if spoiler is None:
                return
            if not self._place_end(spoiler, "after"):
                self.findings.append(finding("ACK103", spoiler.span, spoiler.what))
                return

    def _place_end(self, mark: Mark, side: Side) -> bool:
        chain = [one for one in enclosing(mark.place) if one.role == "list"]
        before = self._coverage()
        for statement in reversed(chain):
            key: tuple[int, Side] = (id(statement), side)
            after = self._coverage(key)
            if not after.at_end or after.last_spoiler is not before.last_spoiler:
                self.placements[key] = statement
                return True
        return False

    def _place_before_configured_joins(self) -> None:
        """A join with --config gets a call of its own, which reads the file's taints just before it."""
        for mark in self._of("join"):
            word = config_word(mark)
            if word and self.mode.runtime != "binary" and not mark.origins:
                nearest = next((one for one in enclosing(mark.place) if one.role == "list"), None)
                if nearest is not None:
                    self.placements[(id(nearest), "before")] = nearest
                    self.configs[id(nearest)] = word
