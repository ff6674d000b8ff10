"""What is asked about wheels: every pin once, with its conditions, and an end to it whatever pip says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from tests import wheels
from tests.wheels import ROOT, SYSTEMS, TORCH, needed, pins_in, without_wheel

LOCK = """# a remark
numpy==2.1.0 \\
    --hash=sha256:0a
colorama==0.4.6 ; sys_platform == "win32" \\
    --hash=sha256:0b
uvloop==0.21.0 ; sys_platform != "win32" and python_version < "3.13"
    # via uvicorn
"""
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,6}([-_.][a-z0-9]{1,4})?", fullmatch=True)


def test_pins_in_leaves_out_digests_and_remarks_and_adds_torch():
    assert [str(pin) for pin in pins_in(LOCK)] == [
        "numpy==2.1.0",
        'colorama==0.4.6; sys_platform == "win32"',
        'uvloop==0.21.0; sys_platform != "win32" and python_version < "3.13"',
        TORCH,
    ]


@pytest.mark.parametrize(
    ("system", "python", "names"),
    [
        ("Linux", "3.12", ["numpy", "uvloop", "torch"]),
        ("Linux", "3.13", ["numpy", "torch"]),
        ("Windows", "3.12", ["numpy", "colorama", "torch"]),
        ("macOS", "3.11", ["numpy", "uvloop", "torch"]),
    ],
)
def test_needed_answers_conditions_as_the_system_does(system, python, names):
    environment = SYSTEMS[system][0] | {"python_version": python, "python_full_version": f"{python}.9"}
    assert [pin.partition("==")[0] for pin in needed(pins_in(LOCK), environment)] == names


def test_pins_in_reads_the_whole_lock():
    lock = (ROOT / "requirements.lock").read_text()
    pins = pins_in(lock)
    assert len(pins) == 1 + sum(
        "==" in line.split(";")[0] and not line.startswith((" ", "#")) for line in lock.split("\n")
    )
    assert all(len(pin.specifier) == 1 for pin in pins)


def test_torch_is_pinned_as_the_project_says():
    assert TORCH in (ROOT / "pyproject.toml").read_text()


def pip_that_lacks(lacking, spelt):
    """A pip that complains about the first that it lacks, as it spells names."""

    def asked(pins, _python, _platforms):
        for pin in pins:
            if pin in lacking:
                name, _, version = pin.partition("==")
                return f"ERROR: No matching distribution found for {spelt(name)}=={version}\n"
        return None

    return asked


@given(st.dictionaries(NAMES, st.booleans(), max_size=8), st.sampled_from([str, str.title, canonicalize_name]))
def test_without_wheel_names_all_that_lack_one_however_pip_spells_them(known, spelt):
    known = {canonicalize_name(name): (name, lacks) for name, lacks in known.items()}
    pins = [f"{name}==1.0" for name, _ in known.values()]
    lacking = {f"{name}==1.0" for name, lacks in known.values() if lacks}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wheels, "_asked", pip_that_lacks(lacking, spelt))
        found = list(without_wheel(pins, "3.12", ()))
    assert [canonicalize_name(pin.partition("==")[0]) for pin in found] == [
        canonicalize_name(pin.partition("==")[0]) for pin in pins if pin in lacking
    ]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("", "it says nothing"),
        ("trouble\nERROR: no network\n", "ERROR: no network"),
        ("ERROR: No matching distribution found for other==2.0", "was not asked for"),
    ],
)
def test_without_wheel_ends_when_pip_answers_something_else(monkeypatch, told, message):
    monkeypatch.setattr(wheels, "_asked", lambda *_: told)
    with pytest.raises(SystemExit, match=message):
        list(without_wheel(["numpy==2.1.0"], "3.12", ()))
