"""Runs the test functions of a test program: says what passed, shows why something failed, ends with the line
that tests/run-all sums: "N passed, N failed".
SPDX-License-Identifier: GPL-2.0-or-later"""
import sys
import time
import traceback


def wanted(tests):
    """Those that the command line names, or all."""
    return [t for t in tests if not sys.argv[1:] or any(o in t.__name__ for o in sys.argv[1:])]


def run(tests, stacks=(), *args):
    """tests: functions; stacks: whose logs are shown after a failure; args go to each test. Returns the failures."""
    passed, failed = [], []
    for test in wanted(tests):
        marks = [(s, s.mark()) for s in stacks]
        began = time.monotonic()
        try:
            test(*args)
        except Exception:
            failed.append(test.__name__)
            print(f"FAIL {test.__name__} ({time.monotonic() - began:.1f} s): {(test.__doc__ or '').strip().splitlines()[:1]}")
            print("    " + traceback.format_exc().strip().replace("\n", "\n    "))
            for s, mark in marks:
                print(s.since(mark))
        else:
            passed.append(test.__name__)
            print(f"ok   {test.__name__} ({time.monotonic() - began:.1f} s)")
        sys.stdout.flush()
    return passed, failed


def finish(passed, failed):
    print(f"{len(passed)} passed, {len(failed)} failed")
    sys.exit(1 if failed or not passed else 0)
