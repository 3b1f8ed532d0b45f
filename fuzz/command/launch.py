"""Starts a module of this tree: `python3 -I -B fuzz/command/launch.py MODULE [WORD ...]`.

-I keeps PYTHONPATH, PYTHONHOME and packages of the user's home out, so that nothing stands in for what is
imported here; the tree itself is put on the path. The module's `main` is run by guard.py.
"""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def again(module: str) -> None:
    """For `python -m MODULE`: the same words, started as above. Does not return."""
    os.execv(sys.executable, [sys.executable, "-I", "-B", os.path.realpath(__file__), module, *sys.argv[1:]])


def main() -> None:
    if len(sys.argv) < 2:
        print(f"usage: {sys.argv[0]} MODULE [WORD ...]", file=sys.stderr)
        sys.exit(2)
    sys.path.insert(0, ROOT)
    from fuzz.command.guard import run

    sys.exit(run(sys.argv[1], sys.argv[2:]))


if __name__ == "__main__":
    main()
