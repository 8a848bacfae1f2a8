#!/bin/sh
# -B: a script's folder is the source tree itself, where no __pycache__ should appear.
# What tests share lies in tests/.
export PYTHONPATH=tests
exec "${NASC_PYTHON:-/usr/bin/python3}" -B "$@"
