"""What is left out on Windows: the table names what exists, and a run leaves it out and says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import needs
from tests.needs import LeftOut, Need, WineGap

pytest_plugins = ["pytester"]
LACKING = Need("something of Linux")
GAP = WineGap("CreateThing", "is documented to make one", "makes none")


@pytest.mark.parametrize("entry", sorted(needs.left_out(wine=True)))
def test_each_entry_names_tests_that_exist(entry: str) -> None:
    name, _, test = entry.partition("::")
    path = needs.HERE / name
    if path.is_dir():
        assert any(path.glob("**/test_*.py"))
    else:
        assert test.partition("[")[0] in ["", *needs.tests_in(path)]


def test_gaps_of_wine_are_left_out_under_wine_alone() -> None:
    assert all(isinstance(one, Need) for one in needs.left_out(wine=False).values())


def test_left_out_tests_do_not_run_and_are_listed_by_reason(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_file="import not_on_this_system\ndef test_a(): assert 0\nasync def test_b(): assert 0",
        test_some="""
            import pytest
            def test_runs(): pass
            def test_other_reason(): pytest.skip("another reason")
            @pytest.mark.parametrize("x", [1, 2])
            def test_all(x): assert 0
            @pytest.mark.parametrize("x", [1, 2])
            def test_one(x): assert x == 1
        """,
    )
    entries: dict[str, Need | WineGap] = {
        "test_file.py": LACKING,
        "test_some.py::test_all": LACKING,
        "test_some.py::test_one[2]": GAP,
    }
    plugin = LeftOut(entries, root=pytester.path)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", plugins=[plugin])
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        [
            "*left out, by what it needs*",
            "   1  a gap of Wine: CreateThing is documented to make one; Wine: makes none",
            "           1  test_some.py::test_one[[]2]",
            "   4  needs something of Linux",
            "           2  test_file.py",
            "           2  test_some.py::test_all",
            "*2 passed, 1 skipped, 5 left out*",
        ]
    )


def test_a_whole_folder_can_be_left_out(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("frozen")
    (folder / "test_it.py").write_text("import nothing_like_it\ndef test_a(): pass\n")
    plugin = LeftOut({"frozen": LACKING}, root=pytester.path)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", plugins=[plugin])
    result.stdout.fnmatch_lines(["*1 left out*"])


def test_tests_of_a_file_are_found_without_importing_it(tmp_path: Path) -> None:
    file = tmp_path / "test_x.py"
    file.write_text("import nothing_like_it\ndef test_a(): ...\nasync def test_b(): ...\nx = 1\n")
    assert needs.tests_in(file) == {"test_a": 2, "test_b": 3}
