#!/bin/sh
# Says in one line what this machine lacks before anything is set up. Installs nothing.
set -eu
python=${1:-python3}
missing=""
command -v "$python" >/dev/null 2>&1 || missing="$missing python3"
if [ -z "$missing" ]; then
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Comptoir needs Python 3.11 or newer; $python is $("$python" -V 2>&1). Say which with: make PYTHON=python3.11 ..." >&2
    exit 1
  }
  "$python" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
fi
# The embedded MongoDB links against it.
if ! ldconfig -p 2>/dev/null | grep -q 'libcurl\.so\.4' && ! /sbin/ldconfig -p 2>/dev/null | grep -q 'libcurl\.so\.4'; then
  command -v mongod >/dev/null 2>&1 || [ -n "${COMPTOIR_MONGO_URI:-}${COMPTOIR_TEST_MONGO_URI:-}" ] || missing="$missing libcurl4"
fi
[ -z "$missing" ] && exit 0
echo "this machine lacks:$missing" >&2
echo "  sudo apt-get install -y$missing" >&2
exit 1
