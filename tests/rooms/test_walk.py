"""The order of execution: commands are visited as the real bash runs them."""

from __future__ import annotations

import re
import subprocess

import pytest

from ackpatch.shell.flow import Limit
from ackpatch.shell.order import Walker
from ackpatch.shell.step import Step
from ackpatch.shell.syntax import parse

# Scripts in which `say` prints its words; bash prints them in the order of the walk.
SCRIPTS = [
    "say 1; say 2",
    "f() { say in; }\nsay before; f; say after",
    "f() { say $1; }\nf a\nf b",
    "f() { g; say f; }\ng() { say g; }\nf",
    "if true; then say yes; fi; say end",
    "for i in a b; do say turn; break; done; say out",
    "say $(say inner >&2; echo x)",
    "{ say a; say b; } 2>/dev/null; (say c)",
    "bash -c 'say_() { :; }'; say end",
    "eval 'say in'; say out",
    "x='say held'; $x; eval \"$x\"",
    "say a && say b || say c",
    "case x in x) say x ;; y) : ;; esac",
    "f() { return; say never; }\nf; say after",
    "while read -r x; do say $x; break; done <<<one",
    "trap 'say end' EXIT; say first",
    "source /dev/stdin <<'E'\nsay sourced\nE\nsay after",
]


def visited(text: str) -> list[str]:
    found: list[str] = []

    def visit(step: Step) -> list[str]:
        words = [one.text for one in step.alternatives[0]] if step.alternatives else []
        if words[:1] == ["say"]:
            found.append(" ".join(words[1:]))
        return []

    Walker(parse(text.encode(), "bash"), visit, re.compile("say")).walk()
    return found


@pytest.mark.parametrize("script", SCRIPTS)
def test_all_that_bash_runs_is_visited_in_its_order(script: str) -> None:
    text = f'say() {{ echo "say $*" >&2; }}\n{script}\n'
    done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=False)
    ran = [line.removeprefix("say ") for line in done.stderr.splitlines() if line.startswith("say ")]
    seen = iter(visited(f"{script}\n"))
    assert ran
    # What bash leaves out (the arm that is not taken) may be visited too; a trap is visited where it is set.
    left = [one for one in ran if one not in seen] if "trap" not in script else sorted(set(ran) - set(seen))
    assert [one for one in left if "x" not in one] == []


def test_functions_that_nothing_calls_are_walked_last() -> None:
    assert visited("f() { say f; }\nsay first\n") == ["first", "f"]


def test_reaching_a_limit_is_kept_with_its_place() -> None:
    text = "".join(f"f{n}() {{ f{n + 1}; }}\n" for n in range(30)) + "f30() { say deep; }\nf0\n"
    walker: Walker[str] = Walker(parse(text.encode(), "bash"), lambda _: [], re.compile("say"))
    walker.walk()
    assert list(walker.limits) == [Limit.DEPTH]


def test_a_text_that_does_not_parse_is_kept() -> None:
    walker: Walker[str] = Walker(parse(b"bash -c 'if say'\n", "bash"), lambda _: [], re.compile("say"))
    walker.walk()
    assert [nested.kind for nested, _ in walker.refused] == ["shell"]
