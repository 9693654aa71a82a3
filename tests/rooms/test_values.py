"""What words can be: what commands print, braces, loops and arithmetic, and what changes a variable."""

from __future__ import annotations

import subprocess

import pytest

from ackpatch.shell.braced import braced
from ackpatch.shell.changing import after_expansions, before_turns
from ackpatch.shell.environment import UNKNOWN, Environment
from ackpatch.shell.plain import all_parts
from ackpatch.shell.syntax import parse
from ackpatch.shell.tree import Compound, Simple, Word
from ackpatch.shell.values import expand, text_of


def last_word(text: str) -> Word:
    command = parse(text.encode(), "bash").statements[-1].command
    assert isinstance(command, Simple)
    return command.words[-1]


@pytest.mark.parametrize(
    ("substitution", "printed"),
    [
        ("$(echo one two)", "one two"),
        ("$(command -v kubelet)", "kubelet"),
        ("$(systemd-escape --suffix=mount --path /x)", f"{UNKNOWN}.mount"),
        ("$(kubeadm token create --print-join-command)", f"kubeadm join {UNKNOWN}"),
        ("$(ssh m 'kubeadm token create --print-join-command' 2>/dev/null | tail -1)", f"kubeadm join {UNKNOWN}"),
        ("$(kubeadm token create --print-join-command | awk '{ print $5 }')", UNKNOWN),
        ("$(cat file)", UNKNOWN),
        ("$(a; b)", UNKNOWN),
    ],
)
def test_what_a_command_prints(substitution: str, printed: str) -> None:
    assert text_of(last_word(f'x "{substitution}"'), Environment()) == (printed,)


@pytest.mark.parametrize(
    "word", ["{$a,kubelet}", '"kube"{let,adm}', "{a,b}$a", "x{1..3}'q'", "a{b}$a", '"{a,b}"', "${a}{,x}"]
)
def test_braces_beside_expansions_are_those_of_bash(word: str) -> None:
    done = subprocess.run(["bash", "-c", f"a=one; printf '%s\\n' {word}"], capture_output=True, text=True, check=True)
    environment = Environment({"a": ("one",)})
    (fields,) = expand(last_word(f"x {word}"), environment)
    assert [one.text for one in fields] == done.stdout.splitlines()


def test_a_word_without_braces_is_no_several() -> None:
    assert braced(last_word('x "a"b')) == []


@pytest.mark.parametrize(
    ("loop", "name", "values"),
    [
        ("while x; do a=docker; a=kubelet; done", "a", ("first", "docker", "kubelet")),
        ("while x; do a=$a-more; done", "a", ("first", UNKNOWN)),
        ("while x; do a+=more; done", "a", ("first", UNKNOWN)),
        ("while x; do a=$b; done", "a", ("first", "second")),
        ("while x; do ((a++)); done", "a", (UNKNOWN,)),
        ("while x; do : $((a += 1)); done", "a", (UNKNOWN,)),
        ("for ((a = 0; a < 3; a++)); do x; done", "a", (UNKNOWN,)),
        ("while x; do let a=1; done", "a", (UNKNOWN,)),
        ("while x; do b=other; done", "a", ("first",)),
        ("while ((a == 1)); do x; done", "a", ("first",)),
    ],
)
def test_what_an_earlier_turn_may_have_done(loop: str, name: str, values: tuple[str, ...]) -> None:
    script = parse(loop.encode(), "bash")
    (statement,) = script.statements
    assert isinstance(statement.command, Compound)
    environment = Environment({"a": ("first",), "b": ("second",)})
    before_turns(statement, statement.command, script, environment)
    assert environment.scalars[name] == values


def test_an_array_that_a_loop_changes_has_any_element() -> None:
    loop = 'while x; do q=("${q[@]:1}"); done'
    script = parse(loop.encode(), "bash")
    environment = Environment(arrays={"q": (("docker", "kubelet"),)})
    (statement,) = script.statements
    assert isinstance(statement.command, Compound)
    before_turns(statement, statement.command, script, environment)
    assert environment.arrays["q"] == (("docker", "kubelet", UNKNOWN),)


@pytest.mark.parametrize("text", ["((a = 1))", "let a=1", "x $((a++))", "x $((a <<= 2))", "((++a))"])
def test_arithmetic_changes_a_variable(text: str) -> None:
    script = parse(text.encode(), "bash")
    environment = Environment({"a": ("0",)})
    (statement,) = script.statements
    after_expansions(statement, list(all_parts(statement)), script, environment)
    assert environment.scalars["a"] == (UNKNOWN,)


def test_a_continued_line_between_quotes_is_one() -> None:
    assert text_of(last_word('x "kube\\\nlet a\\\\\nb"'), Environment()) == ("kubelet a\\\nb",)
