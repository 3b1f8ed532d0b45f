"""The Python tests, each property counted as a result of its own."""

from __future__ import annotations

import tempfile
import xml.etree.ElementTree as xml
from collections.abc import Iterator
from pathlib import Path

from ci.suite.check import Check, Result
from ci.suite.tree import files, run, some, tail, tool


def pytest() -> Iterator[Result]:
    found = [path for path in files(".py") if path.name.startswith("test_")]
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "report.xml")
        options = ["-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
        done = run([tool("PYTHON"), "-m", "pytest", *options, *some(found, "test_*.py")], 1800)
        cases = list(xml.parse(report).iter("testcase")) if report.exists() else []
    properties: dict[str, str | None] = {}
    skipped: dict[str, str | None] = {}  # why nobody looked; None where one case of the property ran
    for case in cases:  # the cases of one property make one result
        name = case.get("name", "").partition("[")[0].removeprefix("test_").replace("_", " ")
        wrong = next((child for child in case if child.tag in ("failure", "error")), None)
        properties[name] = properties.get(name) or (None if wrong is None else tail(wrong.text or "failed"))
        reason = case.find("skipped")
        skipped[name] = skipped.get(name, "") if reason is not None else None
        if reason is not None and skipped[name] is not None:
            skipped[name] = reason.get("message", "")
    for name, failure in properties.items():
        yield Result(f"{name} [python]", failure, skipped[name])
    if done.returncode not in (0, 1) or not cases:
        yield Result("pytest runs", f"exit {done.returncode}\n{tail(done.stdout)}")


def checks() -> Iterator[Check]:
    yield Check("Python tests", pytest)
