"""How texts and words speak of kubelet, of an agent, and of a join: by name, or in a command that starts one."""

from __future__ import annotations

import re

# A mention of kubelet as a unit or a program, or of a join; paths and other units' names are none.
_MENTION = re.compile(
    r"(?<![\w./@:=*-])kubelet(?:\.service)?(?![\w.*/@=:-])|\bkubeadm\b[^|;&\n]*(?<![\w-])join(?![\w-])"
)
# A text with a command in it that starts kubelet or an agent, or joins.
_STARTED = r"(?<![\w-])(?:kubelet|k3s(?:-agent)?|rke2-(?:agent|server)|k0sworker)(?![\w-])"
_STARTING = re.compile(
    rf"\bsystemctl\b[^;&|\n]{{0,200}}?\b(?:re)?(?:start|enable)\b[^;&|\n]{{0,200}}?{_STARTED}|"
    rf"(?<![\w-])(?:service|rc-service|invoke-rc\.d|init\.d)[ \t/]+{_STARTED}[ \t]+\S*start|"
    r"(?<![\w-])kubeadm[ \t][^;&|\n]{0,200}?(?<![\w-])(?:join|init)(?![\w-])|"
    r"(?:^|[;&|(\"'=]|\b(?:sudo|exec|nohup)[ \t])[ \t]*(?:[/\x01]\S*/)?"
    r"(?:(?:k3s|rke2)[ \t]+(?:agent|server)(?![\w-])|k0s[ \t]+(?:install[ \t]+)?worker)|"
    r"get\.k3s\.io[^\n]{0,200}\|[^\n|]{0,200}\bsh\b"
)
# An agent as a unit, by the name that it has.
_AGENT = re.compile(r"(?<![\w./@:=*-])(?:(?:k3s|rke2)-agent|k0sworker)(?:\.service)?(?![\w.*/@=:-])")
# kubelet itself, by its path, given to something that runs it.
_BY_PATH = re.compile(r"(?:^|[;&|][ \t]*)(?:/\S*)?/s?bin/kubelet[ \t]+[-$\x01]")
# A text that begins a command with kubelet, or says what is to be done with it: "start kubelet".
_ORDERS = re.compile(
    r"(?:^|[;&|]|\b(?:do|then|else|sudo|exec|nohup))\s*(?:/\S*/)?kubelet(?:\s+-|\s*$|\s*[;&|])|"
    r"^\s*(?:re)?(?:start|enable)\b|\bkubelet\s+(?:re)?start\b|[\n`]|\$\("
)


def named_in(text: str) -> str:
    """What a text names as a unit or a program; "" for nothing."""
    found = _MENTION.search(text) or _AGENT.search(text)
    return found[0][:40] if found is not None else ""


def mention_in(word: str, after: str = "") -> str:
    """What a word names that a command may start; "" for nothing, and for a text for people. ``after``: the word after
    it: kubelet by its path is one that runs where it has arguments.
    """
    by_path = _BY_PATH.search(f"{word} {after}" if word.endswith("/kubelet") else word)
    found = named_in(word) or start_in(word) or (by_path[0] if by_path is not None else "")
    return "" if _is_prose(word) else found


def start_in(text: str) -> str:
    """The command in a text that starts kubelet or an agent, or joins; "" for none."""
    found = _STARTING.search(text)
    return found[0][:60] if found is not None else ""


def _is_prose(word: str) -> bool:
    """Say whether a word of several is a text for people: no command in it does something to kubelet."""
    return " " in word.strip() and not any(one.search(word) for one in (_STARTING, _ORDERS, _BY_PATH))
