"""What is no script that can be patched: ACK9. The pipeline tells these before anything is looked at."""

from __future__ import annotations

from ackpatch.findings.rule import ERROR, rule

ACK901 = rule(
    "ACK901",
    ERROR,
    "the lines end with carriage returns",
    "bash takes the carriage return for a part of the last word of each line; the script cannot run.",
    "Convert the file: sed -i 's/\\r$//' FILE",
)
ACK902 = rule(
    "ACK902",
    ERROR,
    "the file starts with a byte order mark",
    "The system does not see the first line's #! after it; the script cannot run.",
    "Take it away: sed -i '1s/^\\xef\\xbb\\xbf//' FILE",
)
ACK903 = rule(
    "ACK903",
    ERROR,
    "the file is binary",
    "It holds NUL bytes, or a text of the library's has a character that no bytes stand for.",
    "Give a shell script.",
)
ACK904 = rule(
    "ACK904",
    ERROR,
    "the shell cannot parse the script",
    "What cannot be parsed cannot be patched safely.",
    "Mend the syntax; bash -n FILE shows it too. A placeholder such as <NAME> has to be filled in first.",
)
ACK906 = rule(
    "ACK906",
    ERROR,
    "a mark of ackpatch is damaged",
    "It cannot be taken out without touching text that may not be ackpatch's.",
    "Restore the script, or delete the remains by hand; --force drops changed blocks.",
)
ACK907 = rule(
    "ACK907",
    ERROR,
    "the result did not pass ackpatch's own checks",
    "The patched script must parse, be stable under a second run, and give the original back.",
    "Please report this with the part of the script that the finding names.",
)
ACK908 = rule(
    "ACK908",
    ERROR,
    "this is no shell script",
    "A shell block in a file of another kind breaks it.",
    "Patch the shell script itself.",
)
