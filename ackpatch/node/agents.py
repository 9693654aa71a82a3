"""Agents that run kubelet themselves: k3s, RKE2 and Rancher's. Their values go into a file that they read when started.

What is known of them was read in their sources and documentation; docs/agents.md says what could not be tried.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from ackpatch.node.words import START_VERBS, is_inert
from ackpatch.shell.environment import UNKNOWN, shown
from ackpatch.shell.programs import basename, file_run, program, reads_script, skip_prefixes
from ackpatch.shell.quoting import split_words

CONFIG = {"k3s": "/etc/rancher/k3s/config.yaml", "rke2": "/etc/rancher/rke2/config.yaml"}
OLDEST = {"k3s": (1, 21, 1), "rke2": (1, 21, 2)}
_UNIT = re.compile(
    rf"(?:(?:k3s|rke2|{UNKNOWN})-agent|k3s-[\w{UNKNOWN}-]+|rke2-?{UNKNOWN}|k3s{UNKNOWN}|{UNKNOWN}-{UNKNOWN})(?:\.service)?"
)
_MANAGERS = frozenset(
    "systemctl service rc-service invoke-rc.d chkconfig rc-update update-rc.d busctl dbus-send ln".split()
)
_VERBS = START_VERBS | {"enable", "reenable", "preset", "add-wants", "add-requires", "on", "add", "default", "defaults"}
_BUS_VERB = re.compile(r"(?:Start|Restart)Unit$|EnableUnitFiles$")
_WORKER_UNIT = re.compile(rf"k0s(?:worker|{UNKNOWN})(?:\.service)?")
_SERVER_UNIT = re.compile(r"(?:k3s|(?:k3s|rke2)-server)(?:\.service)?")
_INSTALLED = "k0s keeps the values where its service is installed: write k0s install worker in this script"
_UNKNOWN_OPTIONS = "some of its options are known to a run only: write them as constants"
# Arguments of the script's own, which an instance of a node pool runs without.
_BY_POSITION = re.compile(r"\$(?:[@*1-9]|\{[@*1-9])")
_CONTROLLER = "a controller makes a control plane: a pool's node has to be a worker"
_INSTALLERS = (
    ("k3s", re.compile(r"get\.k3s\.io|/k3s-install\.sh|k3s\S*/install\.sh|k3s\S*/k3s-install")),
    ("rke2", re.compile(r"get\.rke2\.io|/rke2/install\.sh")),
    ("k0s", re.compile(r"get\.k0s\.sh")),
    ("rancher", re.compile(r"system-agent-install\.sh")),
)
# What stands for the program of a unit that the script writes and that runs no agent.
OTHER_UNIT = "another program"
_MATTERS = re.compile(r"k3s|rke2|k0s|rancher|INSTALL_", re.IGNORECASE)
# Words that decide what kubelet gets besides, or instead of, the file.
_CLASHES = (
    (re.compile(r"--node-name(?:=|\s)"), "--node-name beats the file: leave it out, the pool gives the name"),
    (re.compile(r"--with-node-id\b(?!=false)"), "--with-node-id changes the name: leave it out"),
    (
        re.compile(r"--kubelet-arg[=\s]+[\"']?(?:--)?provider-id="),
        "a provider ID of the script's own beats the pool's: leave it out",
    ),
    (
        re.compile(r"(?:--kubelet-arg[=\s]+|^\s*-\s*)[\"']?(?:--)?register-with-taints=", re.MULTILINE),
        "it drops all other taints: write it as --node-taint",
    ),
    (
        re.compile(r"(?:--kubelet-arg[=\s]+|^\s*-\s*)[\"']?(?:--)?node-labels=", re.MULTILINE),
        "it drops all other labels: write it as --node-label",
    ),
    (
        re.compile(r"(?:--kubelet-arg[=\s]+|^\s*-\s*)[\"']?(?:--)?hostname-override=", re.MULTILINE),
        "kubelet's name would not be that of its certificate: write it as --node-name outside of the node pool",
    ),
    (
        re.compile(r"node-name-from-cloud-provider-metadata|cloud-provider-name[:=\s]+[\"']?aws"),
        "the name comes from the cloud's metadata: leave it out",
    ),
)


@dataclass(frozen=True, slots=True)
class Agent:
    """A start of an agent. ``folders``: where it reads files of settings. ``problem``: why the values do not reach it.
    ``taints``: the script gives some of its own. ``on_line``: it takes the values as options of its command instead.
    ``server``: it makes a control plane, and is an agent too.
    """

    how: str
    folders: tuple[str, ...] = ()
    problem: str = ""
    taints: bool = False
    on_line: bool = False
    server: bool = False


def concerns_agents(text: str) -> bool:
    """Say whether a text names an agent at all."""
    return _MATTERS.search(text) is not None


def agent_start(
    words: Sequence[str],
    written: str,
    variables: Mapping[str, tuple[str, ...]],
    piped: str,
    units: Mapping[str, str],
) -> Agent | None:
    """The start of an agent in a command; None for any other command.

    ``written`` is its text, ``piped`` that of what is piped into it or fetched the file that it runs, ``variables``
    those that it sees, ``units`` the programs of units that the script wrote.
    """
    for reader in (_program, _worker, _unit, _installer):
        found = reader(words, written, variables, piped, units)
        if found is not None:
            return found
    return None


def clash(text: str) -> str:
    """Say which option in a text (a command, a file of settings) does not go with the pool's values, and the remedy."""
    for form, remedy in _CLASHES:
        match = form.search(text)
        if match is not None:
            return f"{match[0].strip()}: {remedy}"
    return ""


def only_installs(words: Sequence[str], written: str, variables: Mapping[str, tuple[str, ...]], piped: str) -> str:
    """Say what a command brings or takes away that starts nothing: an installer that was told so, an uninstaller."""
    _, name = program(words)
    if re.fullmatch(r"(?:k3s|rke2)[\w-]*-(?:uninstall|killall)\.sh", name):
        return f"runs {name}"
    make = next((make for make, form in _INSTALLERS if form.search(f"{piped} {written}")), "")
    if make in ("rke2", "k0s") or (make == "k3s" and any(one.startswith("INSTALL_K3S_SKIP_") for one in variables)):
        return f"installs {make}"
    return ""


def _made(make: str, how: str, text: str, variables: Mapping[str, tuple[str, ...]], words: Sequence[str] = ()) -> Agent:
    config = _config(make, [*words, *split_words(text, comments=True)], variables)
    if config is None:
        return Agent(how, problem="the path of its configuration is known to a run only: write it as a constant")
    version = (variables.get(f"INSTALL_{make.upper()}_VERSION") or ("",))[0]
    number = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version)
    if number is not None and tuple(map(int, number.groups())) < OLDEST[make]:
        oldest = ".".join(map(str, OLDEST[make]))
        return Agent(how, problem=f"{make} {version} does not read config.yaml.d: at least {oldest} is needed")
    return Agent(how, (f"{config}.d",), clash(text), "--node-taint" in text)


def _config(make: str, words: Sequence[str], variables: Mapping[str, tuple[str, ...]]) -> str | None:
    """The file of settings that an agent reads; None where only a run can tell."""
    found = (variables.get(f"{make.upper()}_CONFIG_FILE") or (CONFIG[make],))[-1]
    for before, word in zip(["", *words], words, strict=False):
        if before in ("--config", "-c"):
            found = word
        elif word.startswith("--config="):
            found = word.partition("=")[2]
    return found if re.fullmatch(r"/[\w./-]+", found) else None


def _program(
    words: Sequence[str], written: str, variables: Mapping[str, tuple[str, ...]], piped: str, units: Mapping[str, str]
) -> Agent | None:
    first, name = program(words)
    make = name.removesuffix("-agent")
    if make not in CONFIG:
        return None
    rest = [word for word in words[first + 1 :] if not word.startswith("-")]
    verb = next((one for one in rest[:3] if one in ("agent", "server")), "agent" if name != make else "")
    verb = UNKNOWN if rest[:1] == [UNKNOWN] else verb
    if not verb or {"--help", "-h"} & set(words):
        return None
    found = _made(make, f"{make} {shown(verb)}", shlex.join(words[first + 1 :]), variables, words)
    if _has_unknown_words(words[first + 1 :]) and not _BY_POSITION.search(written):
        found = Agent(found.how, problem=_UNKNOWN_OPTIONS)
    return replace(found, server=verb == "server")


def _worker(
    words: Sequence[str], written: str, variables: Mapping[str, tuple[str, ...]], piped: str, units: Mapping[str, str]
) -> Agent | None:
    """k0s keeps what it is given on the line that installs its service, or that runs it."""
    first = skip_prefixes(words)
    if first >= len(words) or basename(words[first]) != "k0s" or {"--help", "-h"} & set(words):
        return None
    rest = [word for word in words[first + 1 :] if not word.startswith("-")]
    verb = rest[1:2] if rest[:1] == ["install"] else rest[:1]
    how = " ".join(["k0s", *rest[: 2 if rest[:1] == ["install"] else 1]])
    if verb == ["controller"]:
        return Agent(how, problem=_CONTROLLER)
    if verb == [UNKNOWN]:
        return Agent(how, problem="what it is to be is known to a run only: write k0s worker")
    if rest[:1] == ["start"] and "k0sworker" not in units:
        return Agent(how, problem=_INSTALLED)
    if verb != ["worker"]:
        return None
    names = {word.split("=")[0] for word in words}
    if "--kubelet-extra-args" in names:
        return Agent(how, problem="--kubelet-extra-args is taken once: leave it out, or give the values in it yourself")
    return Agent(how, taints="--taints" in names, on_line=True)


def _unit(
    words: Sequence[str], written: str, variables: Mapping[str, tuple[str, ...]], piped: str, units: Mapping[str, str]
) -> Agent | None:
    names = [basename(word) for word in words]
    if any("/init.d/" in word for word in words[skip_prefixes(words) :][:1]):
        names.append("service")
    first, program_name = program(words)
    if not _MANAGERS & set(names) or (program_name != "ln" and is_inert(words, first)):
        return None
    unit = next((one for one in names if _UNIT.fullmatch(one) or one.removesuffix(".service") in units), None)
    unit = unit or next((one for one in names if _SERVER_UNIT.fullmatch(one)), None)
    unit = unit or next((made for one in names if (made := _by_pattern(one))), None)
    verb = next((one for one in names if one in _VERBS or _BUS_VERB.search(one)), None)
    manager = next(one for one in names if one in _MANAGERS)
    if manager == "ln" and any(re.search(r"\.(?:wants|requires)/", word) for word in words):
        verb = "links"
    plain = unit.removesuffix(".service") if unit is not None else ""
    worker = next((one for one in names if _WORKER_UNIT.fullmatch(one)), "")
    if worker and verb is not None and "k0sworker" not in units:
        return Agent(f"{manager} {verb} {worker}", problem=_INSTALLED)
    if unit is None or verb is None or "uninstall" in unit or units.get(plain) == OTHER_UNIT:
        return None
    text = units.get(plain, "")
    make = "rke2" if "rke2" in plain or re.search(r"\brke2\b", text) else "k3s"
    found = _made(make, f"{manager} {verb} {plain}", text, variables)
    if plain.startswith(UNKNOWN) and not found.problem:
        found = replace(found, folders=tuple(f"{one}.d" for one in CONFIG.values()))
    return replace(found, server=_SERVER_UNIT.fullmatch(unit) is not None and plain not in units)


def _by_pattern(word: str) -> str:
    """The agent's unit that a pattern names."""
    units = ("k3s-agent.service", "rke2-agent.service", "k3s.service", "rke2-server.service")
    return next((one for one in units if "*" in word and fnmatchcase(one, word)), "")


def _installer(
    words: Sequence[str], written: str, variables: Mapping[str, tuple[str, ...]], piped: str, units: Mapping[str, str]
) -> Agent | None:
    make = next((name for name, form in _INSTALLERS if form.search(f"{piped} {written}")), "")
    run = file_run(words)
    fetched = make and run is not None and ("<(" in written or any(form.search(piped) for _, form in _INSTALLERS))
    from_file = run is not None and (bool(fetched) or re.search(r"install\S*\.sh$", run[0]) is not None)
    if not make and _is_k3s_by_its_settings(run, from_file, f"{piped} {written}", variables):
        make, from_file = "k3s", from_file or run is not None
    runs = from_file or reads_script(words) or (("-c" in words or program(words)[1] == "eval") and "$(" in written)
    if not make or not runs or make in ("rke2", "k0s"):
        return None  # these installers start nothing
    at = list(words).index("-s") if "-s" in words else list(words).index("-c") + 1 if "-c" in words else -1
    own = list(words[at + 1 if at >= 0 else skip_prefixes(words) + 1 :])
    own = [word for word in own if word not in ("-", "--") and not (run and word == run[0])]
    if make == "rancher":
        return _rancher(own, written)
    executed = (variables.get("INSTALL_K3S_EXEC") or ("",))[-1]
    if _has_unknown_words(executed.split()):
        return Agent("the k3s installer", problem="INSTALL_K3S_EXEC is known to a run only: write it as a constant")
    if _has_unknown_words(own) and not _BY_POSITION.search(written):
        return Agent("the k3s installer", problem=_UNKNOWN_OPTIONS)
    text = " ".join([executed, shlex.join(own)]).strip()
    command = next((word for word in split_words(text, comments=True) if not word.startswith("-")), "")
    is_agent = command == "agent" or UNKNOWN in command or (command != "server" and "K3S_URL" in variables)
    if (variables.get("INSTALL_K3S_SKIP_ENABLE") or ("",))[-1] == "true":
        return None  # with SKIP_START alone the next boot starts it
    return replace(_made("k3s", "the k3s installer", text, variables), server=not is_agent)


def _is_k3s_by_its_settings(
    run: tuple[str, bool] | None, from_file: bool, text: str, variables: Mapping[str, tuple[str, ...]]
) -> bool:
    """Say whether a command of an unknown name is k3s' installer, since it is given settings of that."""
    if run is not None and run[1]:
        return False  # settings are read, no installer is run
    if from_file:
        return any(name.startswith("INSTALL_K3S") or name == "K3S_URL" for name in variables)
    if re.search(r"\b(?:INSTALL_)?K3S_\w+=", text):
        return True
    unknown = (run is not None and UNKNOWN in basename(run[0])) or re.search(r"\b(?:curl|wget)\b[^|]*\$", text)
    return bool(unknown) and ("INSTALL_K3S_EXEC" in variables or "K3S_URL" in variables)


def _has_unknown_words(words: Sequence[str]) -> bool:
    """Say whether one of some words is known to a run only, and is not the value of an option."""
    before = ""
    for word in words:
        if word.startswith(UNKNOWN) and not (before.startswith("-") and "=" not in before):
            return True
        before = word
    return False


def _rancher(words: Sequence[str], written: str) -> Agent | None:
    if "--worker" not in words:
        return None
    how = "Rancher's installer"
    named = next((word for word in words if word == "--node-name" or word.startswith("--node-name=")), "")
    problem = f"{named}: leave it out, the pool gives the name" if named else clash(written)
    return Agent(how, tuple(f"{CONFIG[make]}.d" for make in ("rke2", "k3s")), problem)
