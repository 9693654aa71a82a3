"""The parser's JSON to our tree: names of the bash manual, byte spans, parents and siblings."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ackpatch.model import Span
from ackpatch.shell.tree import (
    Assignment,
    Command,
    Compound,
    Declaration,
    DoubleQuoted,
    Function,
    HereDocument,
    Literal,
    Opaque,
    Parameter,
    Part,
    Redirection,
    Role,
    Simple,
    SingleQuoted,
    Statement,
    Substitution,
    Word,
)

Json = dict[str, Any]
# ``${name:offset:count}`` with constants.
_SLICE = re.compile(r"\$\{[\w@*\[\]]+:[ \t]*\(?(-?\d+)\)?[ \t]*(?::[ \t]*(\d+)[ \t]*)?\}")


_BACKSLASHES = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")  # an odd number of them
_DECLARES = frozenset({"export", "readonly", "local", "declare", "typeset"})
_NAMED = re.compile(r"([A-Za-z_]\w*)(?:(=)|\Z)")


class Builder:
    """Builds the statements of one text; collects the spans of its comments. ``base``: where the piece begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.base = 0
        self.comments: list[Span] = []
        self._owner: Statement | None = None
        self._backquoted = 0
        self._commands: dict[str, Callable[[Json, Statement], Command]] = {
            "CallExpr": self._simple,
            "DeclClause": self._declaration,
            "FuncDecl": self._function,
            "IfClause": self._if,
            "WhileClause": self._while,
            "ForClause": self._for,
            "CaseClause": self._case,
            "BinaryCmd": self._binary,
            "Block": self._block,
            "Subshell": self._block,
            "TimeClause": self._wrapped,
            "CoprocClause": self._wrapped,
            "TestClause": self._words_only,
            "ArithmCmd": self._words_only,
            "LetClause": self._words_only,
        }

    def statements(self, nodes: list[Json], parent: Statement | None, role: Role) -> list[Statement]:
        """Build a list of statements that stand side by side."""
        siblings: list[Statement] = []
        for node in nodes:
            siblings.append(self._statement(node, parent, role, siblings))
        return siblings

    def add(self, piece: Json, siblings: list[Statement]) -> None:
        """Add the statements of the next piece to those of the top level, and the comments after the last of them."""
        for node in piece.get("Stmts", ()):
            siblings.append(self._statement(node, None, "list", siblings))
        self._comment(piece.get("Last", ()))

    def _comment(self, nodes: Sequence[Json]) -> None:
        self.comments += map(self.span_of, nodes)

    def span_of(self, node: Json) -> Span:
        """The byte span of a JSON node."""
        return Span(self.base + node["Pos"].get("Offset", 0), self.base + node["End"]["Offset"])

    def _statement(self, node: Json, parent: Statement | None, role: Role, siblings: list[Statement]) -> Statement:
        self._comment(node.get("Comments", ()))
        statement = Statement(self.span_of(node), None, [], node.get("Background", False))
        statement.parent, statement.role, statement.siblings = parent, role, siblings
        outer, self._owner = self._owner, statement
        statement.redirections = [self._redirection(item) for item in node.get("Redirs", ())]
        command = node.get("Cmd")
        if command is not None:
            build = self._commands.get(command["Type"])
            statement.command = build(command, statement) if build else Compound("other")
        self._owner = outer
        return statement

    def _simple(self, node: Json, _: Statement) -> Simple | Declaration:
        assignments = [self._assignment(item) for item in node.get("Assigns", ())]
        words = [self.word(item) for item in node.get("Args", ())]
        variant = self.text[words[0].span.start : words[0].span.end] if words else ""
        # In a script of sh the parser takes these for commands like any other.
        if variant in _DECLARES and not assignments:
            return self._declared(variant, words[1:])
        return Simple(assignments, words)

    def _declared(self, variant: str, words: list[Word]) -> Declaration:
        assignments, options = [], []
        for word in words:
            first = word.parts[0] if word.parts else None
            named = _NAMED.match(first.text) if isinstance(first, Literal) else None
            if named is None or not isinstance(first, Literal):
                options.append(self.text[word.span.start : word.span.end])
                continue
            start = word.span.start + named.end()
            rest = Literal(Span(start, first.span.end), first.text[named.end() :])
            value = Word(Span(start, word.span.end), [rest, *word.parts[1:]]) if named[2] else None
            assignments.append(Assignment(word.span, named[1], value, None, False))
        return Declaration(variant, assignments, tuple(options))

    def _declaration(self, node: Json, _: Statement) -> Declaration:
        named = [item for item in node.get("Args", ()) if "Name" in item]
        others = [item["Value"] for item in node.get("Args", ()) if "Name" not in item and item.get("Value")]
        options = tuple(self.text[slice(*self._ends(one))] for one in others)
        return Declaration(node["Variant"]["Value"], [self._assignment(item) for item in named], options)

    def _function(self, node: Json, statement: Statement) -> Function:
        body = self.statements([node["Body"]], statement, "function")[0]
        return Function(self.text[slice(*self._ends(node["Name"]))] if "Name" in node else "", body)

    def _if(self, node: Json, statement: Statement) -> Compound:
        compound = Compound("if")
        clause: Json | None = node
        while clause is not None:
            if "Cond" in clause:
                compound.conditions.append(self.statements(clause["Cond"], statement, "condition"))
            else:
                compound.exhaustive = True
            compound.bodies.append(self.statements(clause.get("Then", []), statement, "list"))
            clause = clause.get("Else")
        return compound

    def _while(self, node: Json, statement: Statement) -> Compound:
        conditions = [self.statements(node.get("Cond", []), statement, "condition")]
        return Compound("while", conditions, [self.statements(node.get("Do", []), statement, "list")])

    def _for(self, node: Json, statement: Statement) -> Compound:
        compound = Compound("for", bodies=[self.statements(node.get("Do", []), statement, "list")])
        loop = node["Loop"]
        if loop["Type"] == "WordIter":
            compound.variable = loop["Name"]["Value"]
            compound.items = [self.word(item) for item in loop.get("Items", ())] if "InPos" in loop else None
        else:
            compound.inside = self._running(loop, self.span_of(loop))
        return compound

    def _case(self, node: Json, statement: Statement) -> Compound:
        compound = Compound("case", items=[self.word(node["Word"])] if node.get("Word") else None)
        for item in node.get("Items", ()):
            compound.bodies.append(self.statements(item.get("Stmts", []), statement, "list"))
            patterns = [self.text[slice(*self._ends(pattern))] for pattern in item.get("Patterns", ())]
            for pattern in item.get("Patterns", ()):
                compound.inside += self._running(pattern, self.span_of(pattern))
            compound.exhaustive = compound.exhaustive or "*" in patterns
        ends = [item.get("Op", ";;") for item in node.get("Items", ())]
        if not {";&", ";;&"}.isdisjoint(ends):
            compound.runs = [one for first in range(len(ends)) for one in _leading_on(compound.bodies, ends, first)]
        return compound

    def _binary(self, node: Json, statement: Statement) -> Compound:
        kind: Any = {"&&": "and", "||": "or"}.get(node["Op"], "pipe")
        sides = [self.statements([node[side]], statement, kind) for side in ("X", "Y")]
        return Compound(kind, bodies=sides)

    def _block(self, node: Json, statement: Statement) -> Compound:
        kind: Any = node["Type"].lower()
        return Compound(kind, bodies=[self.statements(node.get("Stmts", []), statement, "list")])

    def _wrapped(self, node: Json, statement: Statement) -> Compound:
        inner = [node["Stmt"]] if node.get("Stmt") else []
        return Compound("other", bodies=[self.statements(inner, statement, "other")])

    def _words_only(self, node: Json, _: Statement) -> Compound:
        return Compound("other", items=list(self._words_in(node)))

    def _words_in(self, node: Any) -> Iterator[Word]:  # noqa: ANN401 - any part of the JSON
        """The words anywhere below a node."""
        if isinstance(node, dict):
            if "Parts" in node:
                yield self.word(node)
                return
            node = list(node.values())
        if isinstance(node, list):
            for one in node:
                yield from self._words_in(one)

    def _running(self, node: Any, span: Span) -> tuple[Word, ...]:  # noqa: ANN401 - any part of the JSON
        """The words below a node, where in its span there is a substitution at all."""
        text = self.text[span.start : span.end]
        return tuple(self._words_in(node)) if "$(" in text or "`" in text else ()

    def _redirection(self, node: Json) -> Redirection:
        redirection = Redirection(self.span_of(node), node["Op"], self.word(node["Word"]))
        if node["Op"] in ("<<", "<<-"):
            redirection.document = self._document(node, redirection.word)
        return redirection

    def _document(self, node: Json, delimiter: Word) -> HereDocument:
        quoted = any(not isinstance(p, Literal) or "\\" in p.text for p in delimiter.parts)
        strips = node["Op"] == "<<-"
        hdoc = node.get("Hdoc")
        if hdoc is None:
            after = self.text.find("\n", delimiter.span.end) + 1 or len(self.text)
            return HereDocument(Span(after, after), delimiter, quoted, strips, [])
        span = self.span_of(hdoc)
        # The parser ends the body after the closing delimiter, on whose line nothing else stands.
        end = self.text.rfind("\n", span.start, span.end) + 1 or span.start
        parts = [self._part(item) for item in hdoc.get("Parts", ())]
        return HereDocument(Span(span.start, end), delimiter, quoted, strips, parts)

    def _assignment(self, node: Json) -> Assignment:
        array = node.get("Array")
        value = self.word(node["Value"]) if node.get("Value") else None
        elements, scattered = None, False
        if array is not None:
            items = [item for item in array.get("Elems", ()) if item.get("Value")]
            places = [self.text[slice(*self._ends(item["Index"]))] if "Index" in item else "" for item in items]
            if items and all(place.isdigit() for place in places):
                items = [
                    item for _, item in sorted(zip(map(int, places), items, strict=True), key=lambda pair: pair[0])
                ]
            elements = [self.word(item["Value"]) for item in items]
            scattered = any(places) and sorted(places) != [str(number) for number in range(len(places))]
        name = self.text[slice(*self._ends(node["Name"]))]
        index = self.text[slice(*self._ends(node["Index"]))] if node.get("Index") else ""
        indexes = [one["Index"] for one in (node, *(array or {}).get("Elems", ())) if one.get("Index")]
        inside = self._running(indexes, self.span_of(node)) if indexes else ()
        append = node.get("Append", False)
        return Assignment(self.span_of(node), name, value, elements, append, index, inside, scattered)

    def word(self, node: Json) -> Word:
        """Build a word."""
        return Word(self.span_of(node), [self._part(item) for item in node.get("Parts", ())])

    def _part(self, node: Json) -> Part:
        span = self.span_of(node)
        match node["Type"]:
            case "Lit":
                text = self.text[span.start : span.end]
                if self._backquoted and text != (value := node["Value"].encode().decode("latin-1")):
                    return _unescaped(span, text, value)
                # The parser ends a literal at a continued line, between the backslash and the newline.
                continued = self.text[span.end : span.end + 1] == "\n" and _BACKSLASHES.search(text)
                return Literal(span, text[:-1] if continued else text)
            case "SglQuoted":
                ansi = node.get("Dollar", False)
                return SingleQuoted(span, self.text[span.start + 1 + ansi : span.end - 1], ansi)
            case "DblQuoted":
                return DoubleQuoted(span, [self._part(item) for item in node.get("Parts", ())])
            case "ParamExp":
                parameter = self._parameter(node, span)
                followed = ("Index", "Slice") if parameter.operator != "odd" else ("Index", "Slice", "Repl", "Exp")
                parameter.inside = self._running([node[one] for one in followed if node.get(one)], span)
                return parameter
            case "CmdSubst" | "ProcSubst":
                self._backquoted += node.get("Backquotes", False)
                substitution = Substitution(span, self._substituted(node))
                self._backquoted -= node.get("Backquotes", False)
                return substitution
            case _:
                return Opaque(span, list(self._words_in({key: one for key, one in node.items() if key != "Type"})))

    def _substituted(self, node: Json) -> list[Statement]:
        """Build what runs in a substitution: a block around it stands for the shell of its own."""
        owner = self._owner
        around = Statement(self.span_of(node), Compound("subshell"), [], parent=owner, role="substitution")
        around.siblings = [around]
        body = self.statements(node.get("Stmts", []), around, "list")
        assert isinstance(around.command, Compound)
        around.command.bodies = [body]
        return body

    def _parameter(self, node: Json, span: Span) -> Parameter:
        if "Repl" in node and "Param" in node and not node.get("Index"):
            return self._replacement(node, span)
        if node.get("Excl") and not node.get("Index") and not node.get("Exp") and "Names" not in node:
            return Parameter(span, sys.intern(node["Param"]["Value"]), "!", plain=False)
        odd = any(key in node for key in ("Excl", "Width", "Repl", "Names", "Flags"))
        odd = odd or (("Length" in node or "Slice" in node) and ("Exp" in node or "Param" not in node))
        expansion = node.get("Exp") or {}
        index = node.get("Index")
        written = self.text[slice(*self._ends(index))] if index and "Pos" in index else ""
        if odd or (index and not written):
            return Parameter(span, sys.intern(node["Param"]["Value"]) if "Param" in node else "", "odd", plain=False)
        if "Length" in node or "Slice" in node:
            return self._measured(node, span, written)
        argument = self.word(expansion["Word"]) if expansion.get("Word") else None
        operator = expansion.get("Op", "")
        name = sys.intern(node["Param"]["Value"])
        return Parameter(span, name, operator, argument, written, plain=not operator and not index)

    def _measured(self, node: Json, span: Span, index: str) -> Parameter:
        name = sys.intern(node["Param"]["Value"])
        if "Length" in node:
            return Parameter(span, name, "length", index=index, plain=False)
        match = _SLICE.search(self.text, span.start, span.end)
        if match is None or match.end() != span.end:
            return Parameter(span, name, "odd", index=index, plain=False)
        part = int(match[1]), int(match[2]) if match[2] else None
        return Parameter(span, name, "slice", index=index, plain=False, part=part)

    def _replacement(self, node: Json, span: Span) -> Parameter:
        form = node["Repl"]
        old, new = (self.word(form[key]) if form.get(key) else None for key in ("Orig", "With"))
        operator = "//" if form.get("All") else "/"
        return Parameter(span, sys.intern(node["Param"]["Value"]), operator, old, plain=False, replacement=new)

    def _ends(self, node: Json) -> tuple[int, int]:
        span = self.span_of(node)
        return span.start, span.end


def _unescaped(span: Span, text: str, value: str) -> Part:
    """What stands between backquotes, without the backslashes that are for them; its places are known where only the
    last character is one.
    """
    if text == value + "\\":
        return Literal(Span(span.start, span.end - 1), value)
    return SingleQuoted(span, value, ansi=True) if "\\" not in value else Opaque(span)


def _leading_on(bodies: list[list[Statement]], ends: list[str], first: int) -> Iterator[list[Statement]]:
    """What can run when an item of a case fits: it may lead on to the next one, or to any of them that fits too."""
    run: list[Statement] = []
    for body, end in zip(bodies[first:], ends[first:], strict=True):
        run = [*run, *body]
        if end == ";;":
            yield run
            return
        if end == ";;&":
            yield run
    yield run
