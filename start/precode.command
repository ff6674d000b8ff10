#!/bin/sh
# Double-click (macOS): opens precode in the browser. Closing this window ends it.
here=$(cd "$(dirname "$0")" && pwd)
if [ -x "$here/../.venv/bin/precode" ]; then
  exec "$here/../.venv/bin/precode"
fi
PATH="$HOME/.local/bin:$PATH"
command -v precode >/dev/null || { echo "precode is not installed yet: see docs/researchers.md"; exit 1; }
exec precode
