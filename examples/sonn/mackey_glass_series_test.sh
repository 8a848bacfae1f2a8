#!/bin/bash
# mackey_glass_series_test.sh PROGRAM FIT TEST: the program makes these two files.
set -euo pipefail
diff <("$1" 1000 1000) "$2"
diff <("$1" 2000 500) "$3"
