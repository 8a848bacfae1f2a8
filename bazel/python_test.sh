#!/bin/sh
# -B: a script's folder is the source tree itself, where no __pycache__ should appear.
exec "${NASC_PYTHON:-/usr/bin/python3}" -B "$@"
