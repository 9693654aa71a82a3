"""systemd's rules, each with its reason: which files make up kubelet's unit and what argument list comes out.

The rules were found on systemd 252; ``test_against_systemd.py`` compares with the machine's own systemd.
"""

import pytest

from ackpatch.rehearse.places import HOST_NAME
from ackpatch.systemd.environment_file import parse_environment_file
from ackpatch.systemd.service import command_line
from ackpatch.systemd.unit import directives

UNIT = "/etc/systemd/system/kubelet.service"
LIBRARY_UNIT = "/usr/lib/systemd/system/kubelet.service"


def arguments(files: dict[str, str], version: int = 252) -> list[str]:
    line = command_line("kubelet.service", {path: text.encode() for path, text in files.items()}, version, HOST_NAME)
    assert line.error is None
    return list(line.argv[1:])


def refusal(files: dict[str, str], version: int = 252) -> str:
    line = command_line("kubelet.service", {path: text.encode() for path, text in files.items()}, version, HOST_NAME)
    assert line.argv == ()
    return line.error or ""


def service(*lines: str) -> str:
    return "\n".join(["[Unit]", "Description=x", "[Service]", *lines, ""])


ENVIRONMENT_FILE = [
    # Quotes count only where the value begins; text after the closing quote is glued on.
    ('X="--a" --b', "--a--b"),
    ("X='--a --b'", "--a --b"),
    ('X=--a="b c"', '--a="b c"'),
    # Nothing expands.
    ("X=$HOME`id`%n", "$HOME`id`%n"),
    # A name that is none is dropped, and so is the variable.
    ("export X=--a", None),
    ("X+=--a", None),
    ("\ufeffX=--a", None),
    ("#X=--a", None),
    ("; X=--a", None),
    # The last one counts; a backslash at the end of a line continues it.
    ("X=--a\nX=--b", "--b"),
    ("X=--a \\\n--b", "--a --b"),
    ("X=--a # no comment", "--a # no comment"),
    ("X=", ""),
    ('X=""', ""),
    ("X=--a   ", "--a"),
    (" X = --a", "--a"),
    ('X="--a', "--a"),
    ("X=--a\r\n", "--a"),
    ("X=--a", "--a"),
]


@pytest.mark.parametrize(("text", "expected"), ENVIRONMENT_FILE)
@pytest.mark.parametrize("version", [219, 239, 252])
def test_environment_file(text: str, expected: str | None, version: int) -> None:
    assert parse_environment_file(text, version).get("X") == expected


@pytest.mark.parametrize(
    ("text", "version", "expected"),
    [
        # Until 240 a backslash inside quotes only protected the next character.
        ("X='a\\'b'", 239, "a'b"),
        ("X='a\\b'", 252, "a\\b"),
        ('X="a\\nb"', 239, "anb"),
        ('X="a\\nb"', 252, "a\\nb"),
        # Until 253 a backslash at the end of a comment made the next line a comment.
        ("# c \\\nX=a", 252, None),
        ("# c \\\nX=a", 254, "a"),
    ],
)
def test_environment_file_by_version(text: str, version: int, expected: str | None) -> None:
    assert parse_environment_file(text, version).get("X") == expected


EXEC_START = [
    # $X alone splits into words, with quotes inside honoured; it vanishes when empty or unset.
    ("$X", "--a --b", ["--a", "--b"]),
    ("$X", '--a "b c"', ["--a", "b c"]),
    ("$X z", "", ["z"]),
    ("$Y z", "", ["z"]),
    # ${X} is always exactly one word.
    ("${X}", "--a --b", ["--a --b"]),
    ("${X}", "", [""]),
    ("${Y}", "", [""]),
    ("--x=${X}", "a b", ["--x=a b"]),
    # Not a whole word: stays.
    ("--x=$X", "a", ["--x=$X"]),
    ("'$X'", "a b", ["a", "b"]),
    ("$$X $$${X}", "a", ["$X", "$a"]),
    ("%% %n %H", "", ["%", "kubelet.service", "worker-1"]),
    ("'a b' \"c d\" e\\x20f", "", ["a b", "c d", "e f"]),
    ("a\\qb", "", ["a\\qb"]),
    ("''", "", [""]),
]


@pytest.mark.parametrize(("text", "value", "expected"), EXEC_START)
def test_exec_start(text: str, value: str, expected: list[str]) -> None:
    files = {UNIT: service("EnvironmentFile=/etc/e", f"ExecStart=/usr/bin/kubelet {text}"), "/etc/e": f"X={value}\n"}
    assert arguments(files) == expected


@pytest.mark.parametrize("prefix", ["-", "@", "+", "!", "!!", ":", "-@", "@-", "-+"])
def test_prefixes_are_no_part_of_the_path(prefix: str) -> None:
    files = {UNIT: service("Environment=X=1", f"ExecStart={prefix}/usr/bin/kubelet kubelet $X")}
    line = command_line("kubelet.service", {path: text.encode() for path, text in files.items()}, 252, HOST_NAME)
    shown = "$X" if ":" in prefix else "1"
    assert line.argv == (("kubelet", shown) if "@" in prefix else ("/usr/bin/kubelet", "kubelet", shown))


@pytest.mark.parametrize(
    "lines",
    [
        ("Environment=X=unit", "EnvironmentFile=/etc/e"),
        ("EnvironmentFile=/etc/e", "Environment=X=unit"),
    ],
)
def test_an_environment_file_beats_environment_in_any_order(lines: tuple[str, ...]) -> None:
    unit = service(*lines, "ExecStart=/usr/bin/kubelet ${X}")
    assert arguments({UNIT: unit, "/etc/e": "X=file\n"}) == ["file"]
    assert arguments({UNIT: unit, "/etc/e": "X=\n"}) == [""]


def test_the_later_environment_file_wins() -> None:
    unit = service("EnvironmentFile=/etc/a", "EnvironmentFile=-/etc/b", "ExecStart=/usr/bin/kubelet $X $Y")
    assert arguments({UNIT: unit, "/etc/a": "X=1\nY=2\n", "/etc/b": "X=3\n"}) == ["3", "2"]


def test_an_empty_environment_file_assignment_forgets_those_before() -> None:
    unit = service("EnvironmentFile=/etc/a", "EnvironmentFile=", "ExecStart=/usr/bin/kubelet $X end")
    assert arguments({UNIT: unit, "/etc/a": "X=1\n"}) == ["end"]


def test_environment_takes_several_quoted_assignments() -> None:
    unit = service("Environment=\"X=a b\" 'Y=c' Z=d e", "Environment=Z=z", "ExecStart=/usr/bin/kubelet ${X} $Y $Z")
    assert arguments({UNIT: unit}) == ["a b", "c", "z"]


def test_a_missing_environment_file_matters_unless_it_has_a_dash() -> None:
    assert arguments({UNIT: service("EnvironmentFile=-/etc/e", "ExecStart=/usr/bin/kubelet $X")}) == []
    assert "/etc/e" in refusal({UNIT: service("EnvironmentFile=/etc/e", "ExecStart=/usr/bin/kubelet $X")})


def test_two_exec_starts_are_refused_unless_the_first_is_reset() -> None:
    first, second = "ExecStart=/usr/bin/kubelet a", "ExecStart=/usr/bin/kubelet b"
    assert "more than one ExecStart" in refusal({UNIT: service(first, second)})
    assert arguments({UNIT: service(first, "ExecStart=", second)}) == ["b"]
    assert "lacks ExecStart" in refusal({UNIT: service(first, "ExecStart=")})
    drop_in = f"{UNIT}.d/10-kubeadm.conf"
    assert arguments({UNIT: service(first), drop_in: service("ExecStart=", second)}) == ["b"]
    assert "more than one ExecStart" in refusal({UNIT: service(first), drop_in: service(second)})


def test_the_unit_of_the_higher_folder_counts_alone() -> None:
    files = {
        LIBRARY_UNIT: service("ExecStart=/usr/bin/kubelet library"),
        "/usr/local/lib/systemd/system/kubelet.service": service("ExecStart=/usr/bin/kubelet local"),
    }
    assert arguments(files) == ["local"]
    assert arguments({**files, "/run/systemd/system/kubelet.service": service("ExecStart=/bin/kubelet run")}) == ["run"]
    assert arguments({**files, UNIT: service("ExecStart=/usr/bin/kubelet etc")}) == ["etc"]


def test_drop_ins_of_all_folders_apply_sorted_by_file_name() -> None:
    files = {
        UNIT: service("ExecStart=/usr/bin/kubelet $A"),
        f"{UNIT}.d/20-b.conf": service("Environment=A=etc20"),
        f"{LIBRARY_UNIT}.d/30-c.conf": service("Environment=A=lib30"),
        f"{LIBRARY_UNIT}.d/10-a.conf": service("Environment=A=lib10"),
    }
    assert arguments(files) == ["lib30"]
    # The same file name in a higher folder hides the lower one; an empty file (or a link to /dev/null) does so too.
    assert arguments({**files, f"{UNIT}.d/30-c.conf": service("Environment=A=etc30")}) == ["etc30"]
    assert arguments({**files, f"{UNIT}.d/30-c.conf": ""}) == ["etc20"]
    assert arguments({**files, f"{UNIT}.d/40-d": service("Environment=A=no-conf")}) == ["lib30"]


def test_drop_ins_for_all_services_came_with_244() -> None:
    files = {
        UNIT: service("ExecStart=/bin/kubelet $A"),
        "/etc/systemd/system/service.d/a.conf": service("Environment=A=1"),
    }
    assert arguments(files, 252) == ["1"]
    assert arguments(files, 239) == []


def test_a_missing_and_a_masked_unit_are_refused() -> None:
    assert refusal({}) == "Unit kubelet.service not found."
    assert refusal({UNIT: "", LIBRARY_UNIT: service("ExecStart=/bin/kubelet")}) == "Unit kubelet.service is masked."


def test_exec_start_outside_service_does_not_count() -> None:
    assert "lacks ExecStart" in refusal({UNIT: "[Unit]\nExecStart=/usr/bin/kubelet\n"})
    assert "lacks ExecStart" in refusal({UNIT: "ExecStart=/usr/bin/kubelet\n[Service]\n"})
    assert "section header" in refusal({UNIT: "[Service\nExecStart=/usr/bin/kubelet\n"})


CONTINUATION = [
    # (lines, from 242 on, before 242)
    ("a \\\n b \\\n c", ["a", "b", "c"], ["a", "b", "c"]),
    # A comment between: skipped from 242 on; before, it becomes part of the value and, without a backslash, ends it.
    ("a \\\n# x\n b", ["a", "b"], ["a", "#", "x"]),
    ("a \\\n# x \\\n b", ["a", "b"], ["a", "#", "x", "b"]),
    # A blank line ends the value in all versions.
    ("a \\\n\n b", ["a"], ["a"]),
    # Two backslashes are an escaped one: no continuation.
    ("a\\\\\n b", ["a\\"], ["a\\"]),
    # A last flag that ends in a backslash swallows the next directive.
    ("a \\\nRestart=always", ["a", "Restart=always"], ["a", "Restart=always"]),
]


@pytest.mark.parametrize(("text", "new", "old"), CONTINUATION)
def test_continuation_by_version(text: str, new: list[str], old: list[str]) -> None:
    files = {UNIT: service(f"ExecStart=/usr/bin/kubelet {text}")}
    assert arguments(files, 252) == new
    assert arguments(files, 242) == new
    assert arguments(files, 241) == old
    assert arguments(files, 219) == old


def test_a_comment_that_ends_in_a_backslash_swallows_a_line_before_242() -> None:
    text = b"[Service]\n# comment \\\nExecStart=/usr/bin/kubelet\n"
    assert [item.key for item in directives(text, 252)] == ["ExecStart"]
    assert [item.key for item in directives(text, 239)] == []


def test_a_line_over_2047_bytes_is_cut_before_234() -> None:
    long = "--x=" + "y" * 2100
    files = {UNIT: service(f"ExecStart=/usr/bin/kubelet {long}")}
    assert arguments(files, 239) == [long]
    assert len(arguments(files, 219)[0]) == 2047 - len("ExecStart=/usr/bin/kubelet ")


def test_windows_line_ends_and_a_byte_order_mark_are_read_over() -> None:
    assert arguments({UNIT: "\ufeff[Service]\r\nExecStart=/usr/bin/kubelet a\r\n"}) == ["a"]


def test_an_unknown_specifier_refuses_the_unit_since_233() -> None:
    files = {UNIT: service("ExecStart=/usr/bin/kubelet 5%z")}
    assert "specifiers" in refusal(files, 252)
    assert arguments(files, 219) == ["5%z"]


def test_an_unclosed_quote_refuses_the_unit() -> None:
    assert "unbalanced" in refusal({UNIT: service('ExecStart=/usr/bin/kubelet "a')})


def test_a_relative_program_is_refused_before_239() -> None:
    files = {UNIT: service("ExecStart=kubelet a")}
    assert arguments(files, 252) == ["a"]
    assert "path" in refusal(files, 219)


def test_an_instance_is_read_from_its_template() -> None:
    files = {
        "/etc/systemd/system/a@.service": b"[Service]\nExecStart=/b %i\n",
        "/etc/systemd/system/a@.service.d/x.conf": b"[Service]\nEnvironment=X=1\n",
        "/etc/systemd/system/a@2.service.d/y.conf": b"[Service]\nEnvironment=Y=%n\n",
    }
    one, two = (command_line(f"a@{number}.service", files, 255, "host") for number in (1, 2))
    assert (one.argv, two.argv) == (("/b", "1"), ("/b", "2"))
    assert one.environment["X"] == two.environment["X"] == "1"
    assert two.environment["Y"] == "a@2.service"
    assert "Y" not in one.environment
    assert command_line("a@.service", files, 255, "host").argv == ("/b", "")
