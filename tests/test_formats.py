"""Findings for other programs: JSON, SARIF, GitHub annotations, GitLab code quality, and the page for a browser."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import ackpatch
from ackpatch.findings import RULES
from tests.commands import run

TOKEN = b"0123456789abcdef"
SCRIPT = (
    "#!/bin/bash\n# 中文, a <b> & [x]\n"
    "yum install -y kubelet kubeadm; echo 'ä'; systemctl enable --now kubelet\n"
    "kubeadm join 10.0.0.1:6443 \\\n  --token abcdef.0123456789abcdef\n"
).encode()
FORMATS = ("text", "json", "sarif", "github", "gitlab")
# The parts of the SARIF 2.1.0 schema that a log of ours uses, with the types and limits that it gives them.
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"uri": {"type": "string", "pattern": "^[^ \\\\]+$"}},
                },
                "region": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        name: {"type": "integer", "minimum": 0 if name.startswith("byte") else 1}
                        for name in ("startLine", "startColumn", "endLine", "endColumn", "byteOffset", "byteLength")
                    },
                },
            },
        }
    },
}
MESSAGE = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {"text": {"type": "string", "minLength": 1}},
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"type": "string"},
                                    "version": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": MESSAGE,
                                                "fullDescription": MESSAGE,
                                                "help": MESSAGE,
                                                "defaultConfiguration": {
                                                    "type": "object",
                                                    "properties": {"level": LEVEL},
                                                },
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "invocations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["executionSuccessful"],
                            "additionalProperties": False,
                            "properties": {
                                "executionSuccessful": {"type": "boolean"},
                                "toolExecutionNotifications": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["message"],
                                        "additionalProperties": False,
                                        "properties": {"level": LEVEL, "message": MESSAGE},
                                    },
                                },
                            },
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": -1},
                                "level": LEVEL,
                                "message": MESSAGE,
                                "locations": {"type": "array", "items": LOCATION},
                                "fixes": {
                                    "type": "array",
                                    "uniqueItems": True,
                                    "items": {
                                        "type": "object",
                                        "required": ["artifactChanges"],
                                        "properties": {
                                            "description": MESSAGE,
                                            "artifactChanges": {
                                                "type": "array",
                                                "minItems": 1,
                                                "items": {
                                                    "type": "object",
                                                    "required": ["artifactLocation", "replacements"],
                                                    "additionalProperties": False,
                                                    "properties": {
                                                        "artifactLocation": {"type": "object"},
                                                        "replacements": {"type": "array", "minItems": 1},
                                                    },
                                                },
                                            },
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "join it.sh"
    path.write_bytes(SCRIPT)
    return path


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("command", ["check", "diff", "inspect"])
def test_every_format_of_every_command_masks_the_token_and_keeps_the_exit_code(
    script: Path, command: str, form: str
) -> None:
    done = run(command, "--format", form, script)
    assert done.returncode == (0 if command == "inspect" else 1), done.stderr
    assert done.stdout
    if (command, form) != ("diff", "text"):
        assert TOKEN not in done.stdout


def test_json_has_what_its_schema_says(script: Path, tmp_path: Path) -> None:
    done = run("check", "--format", "json", script, tmp_path / "missing.sh", script)
    assert done.returncode == 2
    document = json.loads(done.stdout)
    assert (document["schema"], document["command"]) == (1, "check")
    one, missing, _ = document["files"]
    assert (one["path"], one["exit_code"], one["error"]) == (str(script), 1, None)
    assert (missing["exit_code"], missing["findings"]) == (2, [])
    assert "no such file" in missing["error"]
    found = one["findings"][0]
    assert (found["code"], found["severity"], found["fixable"]) == ("ACK101", "error", True)
    # Columns count characters, offsets bytes.
    assert found["start"] == {"offset": SCRIPT.index(b"systemctl"), "line": 3, "column": 43}
    assert SCRIPT[found["start"]["offset"] : found["end"]["offset"]] == b"systemctl enable --now kubelet"
    assert [event["kind"] for event in one["events"]] == ["write", "start", "join"]
    assert [(event["covered"], event["covered_after_apply"]) for event in one["events"][1:]] == [(False, True)] * 2


def test_the_edits_in_json_make_the_patched_script(script: Path) -> None:
    document = json.loads(run("diff", "--format", "json", script).stdout)
    data, position = b"", 0
    for edit in document["files"][0]["edits"]:
        data += SCRIPT[position : edit["start"]] + edit["content"].encode()
        position = edit["end"]
        assert edit["code"] in RULES
        assert edit["applicability"] == "with-all-others"
    assert data + SCRIPT[position:] == ackpatch.patch(SCRIPT).patched


def test_sarif_fits_the_schema_and_carries_the_fix(script: Path, tmp_path: Path) -> None:
    log = json.loads(run("check", "--format", "sarif", script, tmp_path / "missing.sh").stdout)
    jsonschema.validate(log, SARIF)
    (one,) = log["runs"]
    assert one["invocations"][0]["executionSuccessful"] is False
    assert [rule["id"] for rule in one["tool"]["driver"]["rules"]] == list(RULES)
    results = one["results"]
    assert all(one["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] for result in results)
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("join%20it.sh")
    (fixed,) = [result for result in results if "fixes" in result]
    (change,) = fixed["fixes"][0]["artifactChanges"]
    data, position = b"", 0
    for part in change["replacements"]:
        start = part["deletedRegion"]["byteOffset"]
        data += SCRIPT[position:start] + part["insertedContent"]["text"].encode()
        position = start + part["deletedRegion"]["byteLength"]
    assert data + SCRIPT[position:] == ackpatch.patch(SCRIPT).patched


def test_annotations_of_github(script: Path, tmp_path: Path) -> None:
    name = tmp_path / "a,b:c%.sh"
    name.write_bytes(SCRIPT)
    lines = run("check", "--format", "github", name, tmp_path / "missing.sh").stdout.decode().splitlines()
    assert lines[0].startswith(
        f"::error file={tmp_path}/a%2Cb%3Ac%25.sh,line=3,endLine=3,col=43,endColumn=73,title=ACK101::"
    )
    join = next(line for line in lines if "ACK102" in line)
    # The join stands on two lines: columns would be refused.
    assert re.match(r"::error file=[^,]*,line=4,endLine=5,title=ACK102::", join)
    assert any(line.startswith("::warning ") for line in lines)
    assert lines[-1].endswith("no such file or directory")
    assert all(line.startswith("::") for line in lines)


def test_code_quality_of_gitlab(script: Path) -> None:
    issues = json.loads(run("check", "--format", "gitlab", script).stdout)
    assert [one["severity"] for one in issues] == ["critical", "critical", "critical", "minor"]
    assert all(set(one) == {"description", "check_name", "fingerprint", "severity", "location"} for one in issues)
    assert len({one["fingerprint"] for one in issues}) == len(issues)
    moved = script.with_name("moved.sh")
    moved.write_bytes(SCRIPT.replace(b"# ", b"#\n# "))
    script.unlink()
    moved.rename(script)
    again = json.loads(run("check", "--format", "gitlab", script).stdout)
    assert [one["fingerprint"] for one in again] == [one["fingerprint"] for one in issues]
    assert [one["location"]["lines"]["begin"] for one in again] == [
        one["location"]["lines"]["begin"] + 1 for one in issues
    ]


class Page(HTMLParser):
    """Collects what a page refers to and checks that its tags are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not {"src", "href", "onclick", "onload"} & {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_one_file_without_scripts(script: Path, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    done = run("diff", "--html", target, script, tmp_path / "missing.sh")
    assert done.returncode == 2
    data = target.read_bytes()
    page = Page()
    page.feed(data.decode())
    assert page.open == []
    assert not {"script", "link", "img", "iframe"} & set(page.seen)
    assert b"@import" not in data
    assert b"url(" not in data
    assert TOKEN not in data
    for part in (
        "# 中文, a <b> & [x]",
        "# ackpatch:2 begin call",
        "ACK227",
        "no such file",
        "apply covers it",
    ):
        assert part in page.text


def test_a_page_is_written_anew_but_never_into_the_result(script: Path, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    target.write_text("<!DOCTYPE html>\nold")
    assert run("check", "--html", target, script).returncode == 1
    assert "old" not in target.read_text()[:30]
    for other in (script, tmp_path / "notes.txt"):
        other.write_text("#!/bin/bash\nsystemctl restart kubelet\n")
        done = run("check", "--html", other, script)
        assert (done.returncode, b"is no page of ackpatch" in done.stderr) == (2, True)
        assert other.read_text() == "#!/bin/bash\nsystemctl restart kubelet\n"
    done = run("check", "--html", tmp_path / "no" / "folder.html", script)
    assert done.returncode == 2
    assert b"no such file or directory" in done.stderr


def test_secrets_in_other_forms_are_masked_too(tmp_path: Path) -> None:
    lines = (
        "printf 'token:\\tabcdef.0123456789abcdef'",
        "T_abcdef.0123456789abcdef",
        '--token="abcdef"."0123456789abcdef"',
        "--token 'abcdef'.0123456789abcdef",
        "kubeadm join x --certificate-key 0123456789abcdef",
        "curl -u admin:0123456789abcdef http://x",
        "curl -H 'Authorization: Bearer 0123456789abcdef' http://x",
    )
    path = tmp_path / "a.sh"
    path.write_text("#!/bin/bash\n" + "".join(f"{line}\nsystemctl restart kubelet; {line}\n" for line in lines))
    for words in (["inspect"], ["diff", "--side-by-side"], ["check", "-f", "json"], ["check", "-f", "sarif"]):
        assert TOKEN not in run(*words, path).stdout
    assert TOKEN not in run("diff", path, FORCE_COLOR="1").stdout
    run("diff", "--html", tmp_path / "page.html", path)
    assert TOKEN not in (tmp_path / "page.html").read_bytes()
