"""Run several command lines in this one process and print what became of each: a process per command costs seconds.

JSON on stdin gives for each its directory, its further environment variables and the command line; on stdout goes a
list of [exit code, stdout, stderr, exception or null].
"""

from __future__ import annotations

import json
import os
import sys
import traceback

from click.testing import CliRunner

from ipwatch.cli import main

outcomes = []
for directory, environment, command in json.load(sys.stdin):
    os.chdir(directory)
    result = CliRunner().invoke(main, command, env=environment)
    unhandled = None
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        unhandled = "".join(traceback.format_exception(result.exception))
    outcomes.append([result.exit_code, result.stdout, result.stderr, unhandled])
json.dump(outcomes, sys.stdout)
