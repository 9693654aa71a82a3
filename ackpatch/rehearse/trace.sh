# shellcheck shell=bash
# Read by bash before the script in a traced run: before each command, its process, line and file go into the log. The
# trap turns the trace on again in scripts that turn it off.
unset BASH_ENV
exec 250>>/.ackpatch/log
BASH_XTRACEFD=250
PS4=$'\001\002${BASHPID}:${LINENO}:${BASH_SOURCE}\003'
set -T
trap '[[ -o xtrace ]] || builtin set -x' DEBUG
set -x
