"""What stands in for modules of Python's in frozen programs, as far as it can be seen from source.

That nothing is missed is shown by ``tests/frozen`` on Linux, and for Windows by the proof of the
installers (``packaging/windows/prove.py``).
"""

from __future__ import annotations

import datetime
import runpy
import zipfile
import zipimport
from pathlib import Path

import pytest

FREEZE = Path(__file__).resolve().parents[2] / "packaging" / "freeze"
slim = runpy.run_path(str(FREEZE / "slim.py"))
idna = runpy.run_path(str(FREEZE / "windows_idna.py"))
packed = runpy.run_path(str(FREEZE / "base_library.py"))["packed"]


def test_every_stand_in_is_there_and_takes_the_place_of_a_module_that_is_left_out() -> None:
    for platform in ("linux", "win32"):
        files = slim["stand_ins"](platform)
        assert set(files) <= set(slim["excludes"](platform, []))
        assert [file for file in files.values() if not (FREEZE / file).is_file()] == []
    assert set(slim["stand_ins"]("win32")) == set(slim["STAND_INS"])


def test_only_windows_has_its_own_tables_of_characters() -> None:
    assert "unicodedata" not in slim["stand_ins"]("linux")
    assert "unicodedata" not in slim["excludes"]("linux", [])
    assert "unicodedata" not in slim["excludes"]("win32", [], ["unicode"])


def own_answer(name: str) -> object:
    try:
        return name.encode("idna")
    except UnicodeError:
        return UnicodeError


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "a", "a.", "a..b", ".a", "redis.example", "REDIS", "under_score", "10.0.0.7"),
        *("x" * 63, "x" * 64, f"{'x' * 64}.example", f"example.{'x' * 64}", "::1"),
    ],
)
def test_a_plain_name_of_a_host_is_what_python_makes_of_it(name: str) -> None:
    if own_answer(name) is UnicodeError:
        with pytest.raises(UnicodeError):
            idna["to_ascii"](name)
    else:
        codec = idna["getregentry"]()
        assert codec.encode(name) == (own_answer(name), len(name))
        assert codec.decode(name.encode()) == (name, len(name))


def test_dates_are_all_there_without_their_half_in_python() -> None:
    stand_in = runpy.run_path(str(FREEZE / "compiled_datetime.py"))
    public = {name for name in dir(datetime) if not name.startswith("_")}
    assert {name for name in public if stand_in.get(name) is not getattr(datetime, name)} <= {"sys"}


def test_nothing_is_a_decimal_number() -> None:
    decimal = runpy.run_path(str(FREEZE / "no_decimal.py"))["Decimal"]
    assert not isinstance(1.5, decimal)
    with pytest.raises(NotImplementedError):
        decimal("1.5")


def test_what_python_starts_with_is_packed_without_what_it_has_inside(tmp_path: Path) -> None:
    library, source = tmp_path / "whole.zip", tmp_path / "own.py"
    with zipfile.ZipFile(library, "w") as archive:
        for name in ("os.pyc", "codecs.pyc", "encodings/__init__.pyc", "enum.pyc"):
            archive.writestr(name, b"x" * 1000)
    source.write_text('"""Own."""\n\nassert False\nNAME = __name__\n')
    made = [packed(library, tmp_path / place / "small.zip", {"own": source}) for place in "ab"]
    assert made[0].read_bytes() == made[1].read_bytes()
    with zipfile.ZipFile(made[0]) as archive:
        assert archive.namelist() == ["encodings/__init__.pyc", "enum.pyc", "own.pyc"]
        assert archive.read("enum.pyc") == b"x" * 1000
    own = {"__name__": "own"}
    exec(zipimport.zipimporter(str(made[0])).get_code("own"), own)
    assert own["NAME"] == "own"
    assert "__doc__" not in own
