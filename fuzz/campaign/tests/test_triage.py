"""From logs to failure ids."""

from __future__ import annotations

import pytest

from fuzz.campaign.triage import identify, without_operations

FAIL = "FAIL A02 alloc-taken op=7 alloc s3: allocator=0x200000 model=small: make replay INPUT=f\n"
ASAN = "==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x1\n"


@pytest.mark.parametrize(
    ("exit_code", "log", "failure", "name"),
    [
        (1, FAIL, "A02", "alloc-taken"),
        (1, ASAN, "X01", "heap-buffer-overflow"),
        (1, "pmm.c:3:4: runtime error: shift exponent is too large\n", "X02", "shift-exponent-is-too-large"),
        (1, "==1==WARNING: MemorySanitizer: use-of-uninitialized\n", "X03", "use-of-uninitialized"),
        (1, "==1==ERROR: LeakSanitizer: detected memory leaks\n", "X04", "detected-memory-leaks"),
        (77, "==1== ERROR: libFuzzer: deadly signal\n", "X10", "crash"),
        (70, "==1== ERROR: libFuzzer: timeout after 10 seconds\n", "X11", "hang"),
        (71, "==1== ERROR: libFuzzer: out-of-memory (used: 2049Mb; limit: 2048Mb)\n", "X12", "out-of-memory"),
        (-11, "", "X10", "signal-11"),
        (134, "", "X10", "signal-6"),
        (None, "op 3\n", "X11", "hang"),
    ],
)
def test_each_kind_of_report_has_its_id(exit_code: int | None, log: str, failure: str, name: str) -> None:
    verdict = identify(exit_code, log)
    assert verdict is not None
    assert (verdict.id, verdict.name, verdict.log) == (failure, name, log)


def test_the_harness_is_believed_before_the_engine_that_saw_it_abort() -> None:
    verdict = identify(77, FAIL + "==1== ERROR: libFuzzer: deadly signal\n")
    assert verdict is not None and verdict.id == "A02"


@pytest.mark.parametrize(("exit_code", "log"), [(0, ""), (0, "f: ok hash 0x1\n"), (2, "cannot read f\n")])
def test_what_did_not_fail_has_no_id(exit_code: int, log: str) -> None:
    assert identify(exit_code, log) is None


def test_a_map_finding_keeps_the_header_and_loses_the_operations() -> None:
    program = "ops 1\ncpus 2\nbelow 0x100000\nmap 0x0 0x200000 usable\nmultiboot 1400\nalloc s0\nfree s0\n"
    assert without_operations(program) == program.split("alloc")[0]
