"""What is no script that can be patched: ACK9."""

from __future__ import annotations

from ackpatch.findings.rule import ERROR, Rule

RULES: dict[str, Rule] = {
    "ACK901": Rule(
        ERROR,
        "the lines end with carriage returns",
        "bash takes the carriage return for a part of the last word of each line; the script cannot run.",
        "Convert the file: sed -i 's/\\r$//' FILE",
    ),
    "ACK902": Rule(
        ERROR,
        "the file starts with a byte order mark",
        "The system does not see the first line's #! after it; the script cannot run.",
        "Take it away: sed -i '1s/^\\xef\\xbb\\xbf//' FILE",
    ),
    "ACK903": Rule(ERROR, "the file is binary", "It holds NUL bytes.", "Give a shell script."),
    "ACK904": Rule(
        ERROR,
        "the shell cannot parse the script",
        "What cannot be parsed cannot be patched safely.",
        "Mend the syntax; bash -n FILE shows it too. A placeholder such as <NAME> has to be filled in first.",
    ),
    "ACK905": Rule(
        ERROR,
        "the script reads itself by line or byte number",
        "An insertion would move what it reads.",
        "Look the place up by a marker line instead of a number.",
    ),
    "ACK906": Rule(
        ERROR,
        "a mark of ackpatch is damaged",
        "It cannot be taken out without touching text that may not be ackpatch's.",
        "Restore the script, or delete the remains by hand; --force drops changed blocks.",
    ),
    "ACK908": Rule(
        ERROR,
        "this is no shell script",
        "A shell block in a file of another kind breaks it.",
        "Patch the shell script itself.",
    ),
    "ACK907": Rule(
        ERROR,
        "the result did not pass ackpatch's own checks",
        "The patched script must parse, be stable under a second run, and give the original back.",
        "Please report this with the part of the script that the finding names.",
    ),
}
