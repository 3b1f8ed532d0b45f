"""Names of any kind: what a person calls a file reaches make and compilers under a plain name.

make splits at blanks and expands `$`; compilers and shells have their own ideas. So an adapter with any such
character in its path is linked below build/named/, with its folder beside it for what it includes.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

NAMED = Path("build/named")
PLAIN = re.compile(r"[A-Za-z0-9_./+][A-Za-z0-9_./+-]*", re.ASCII)


def is_plain(text: str) -> bool:
    return PLAIN.fullmatch(text) is not None


def operand(path: str) -> str:
    """The same file, as no command takes it for an option."""
    return f"./{path}" if path.startswith("-") else path


def plain_stem(path: Path) -> str:
    """A name for what belongs to a file: its own, or one made of it, different for different names."""
    if is_plain(path.stem):
        return path.stem
    return f"{re.sub(r'[^A-Za-z0-9_+]+', '-', path.stem).strip('-')}-{digest(path.stem)}"


def digest(text: str) -> str:
    return hashlib.sha1(os.fsencode(text)).hexdigest()[:8]


def link(target: Path, path: Path) -> None:
    if path.is_symlink() and os.readlink(path) == str(target):
        return
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    os.replace(fresh, path)


def plainly(adapter: str) -> tuple[str, str]:
    """An adapter as make can take it, and the flags that it needs then; as it is, where its name is plain."""
    if is_plain(adapter):
        return adapter, ""
    source = Path(adapter).absolute()
    home = NAMED / digest(str(source))
    home.mkdir(parents=True, exist_ok=True)
    link(source.parent, home / "beside")
    named = home / f"{plain_stem(source)}.c"
    link(source, named)
    return str(named), f"-iquote {home / 'beside'}"
