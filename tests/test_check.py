"""`genui check` finds every mistake in one go, and none in what comes with genui or from `genui new`.

tests/mistakes is a folder of components with every mistake there is, beside what is said of them. After
a change that is meant, in that folder: `python -m genui check components > findings.txt`.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from genui import Catalog, cli
from genui.catalog import check_folder

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "mistakes"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = cli.main(arguments)
    return (status, *capsys.readouterr())


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """A folder of components with one good one in it, as `genui new` makes it."""
    assert cli.main(["new", "StockQuote", "--dir", str(tmp_path / "components")]) == 0
    return tmp_path / "components"


def edited(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / "stock_quote" / file
    source = path.read_text()
    assert old in source
    path.write_text(source.replace(old, new, 1))


def codes(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    _, out, _ = told(capsys, "check", str(folder))
    return re.findall(r"^\S+?:\d+: ([a-z-]+)", out, re.MULTILINE)


def test_every_mistake_is_found_in_one_go(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(CASES)
    status, out, err = told(capsys, "check", "components")
    assert out == (CASES / "findings.txt").read_text()
    assert (status, err) == (1, "")


def test_the_built_in_components_check_clean(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = told(capsys, "check", str(ROOT / "components"))
    assert out == f"{len(Catalog.builtin())} components: nothing wrong\n"
    assert status == 0


def test_a_new_component_works_at_once(clean: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert codes(clean, capsys) == []
    component = Catalog.load(clean)["StockQuote"]
    assert "Visitors" in component.render({"label": "Visitors", "value": 3})
    assert "skeleton" in component.render({}, state="streaming")


def test_new_says_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "new", "StockQuote", "--dir", str(tmp_path / "own"))
    assert f"genui check {tmp_path / 'own'}" in out
    assert f"genui serve --reload --components {tmp_path / 'own'}" in out


def test_new_says_which_built_in_component_it_replaces_and_does_not_take_itself_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = told(capsys, "new", "Metric", "--dir", str(tmp_path / "own"))
    assert "is taken instead of the built-in Metric." in out
    monkeypatch.setattr(Catalog, "builtin", lambda: Catalog.load(tmp_path / "own"))  # as in a checkout
    _, out, _ = told(capsys, "new", "StockQuote", "--dir", str(tmp_path / "own"))
    assert "instead" not in out


def test_new_leaves_alone_what_is_there(clean: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited(clean, "template.html", "Figure", "Mine")
    capsys.readouterr()
    status, _, err = told(capsys, "new", "StockQuote", "--dir", str(clean))
    assert status == 1
    assert "is there already" in err
    assert "Mine" in (clean / "stock_quote" / "template.html").read_text()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("stock quote", "StockQuote, perhaps?"),
        ("stock_quote", "StockQuote, perhaps?"),
        ("7up", "Up"),
        ("é", ""),
    ],
)
def test_new_refuses_a_name_that_no_tag_can_have(
    name: str, hint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = told(capsys, "new", name, "--dir", str(tmp_path / "own"))
    assert status == 1
    assert "begin with A–Z" in err
    assert hint.lower() in err.lower()
    assert not (tmp_path / "own").exists()


def test_new_says_why_it_cannot_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    status, _, err = told(capsys, "new", "StockQuote", "--dir", str(tmp_path / "file"))
    assert status == 1
    assert "Not a directory" in err


def test_a_warning_is_told_and_fails_nothing(clean: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited(clean, "style.css", "flex-basis", "margin-left: 1px;\n  flex-basis")
    capsys.readouterr()
    status, out, _ = told(capsys, "check", str(clean))
    assert status == 0
    assert out.splitlines()[0].split(": ")[1] == "physical-side (warning)"
    assert out.splitlines()[-1] == "1 component: 1 warning"


def test_several_folders_are_checked_together(clean: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ROOT / "components" / "metric", clean.parent / "more" / "metric")
    capsys.readouterr()
    _, out, _ = told(capsys, "check", str(clean), str(clean.parent / "more"))
    assert out == "2 components: nothing wrong\n"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = told(capsys, "check", str(tmp_path / "nowhere"))
    assert (status, out) == (1, "")
    assert "there is no such folder" in err


def test_examples_may_use_the_built_in_components(clean: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited(
        clean,
        "component.toml",
        "'<StockQuote \"Open tickets\" 17/>'",
        "'<Card><StockQuote \"Open\" 17/></Card>'",
    )
    assert codes(clean, capsys) == []


@pytest.mark.parametrize(
    ("css", "found"),
    [
        ("color: var(--genui-on-accent); background: var(--genui-accent)", []),
        ("color: var(--genui-accent); background: var(--genui-accent)", ["low-contrast"] * 2),
        ("color: var(--genui-text); background: transparent", []),
        (
            "color: var(--genui-muted); background: color-mix(in srgb, var(--genui-accent) 12%, transparent)",
            [],
        ),
        (
            "--own: var(--genui-border); color: var(--own); background: var(--genui-surface)",
            ["low-contrast"] * 2,
        ),
        ("color: var(--mine, var(--genui-text)); background: var(--genui-surface)", ["unknown-token"]),
        ("color: currentColor; background: none", []),
        ("border: 1px solid rebeccapurple", []),
        ("border: 1px solid rgb(0 0 0)", ["literal-color"]),
        ("box-shadow: 0 0 1px black", ["literal-color"]),
        ("background: url(white.png)", []),
        ("/* color: red */ content: 'red'", []),
    ],
)
def test_colors_are_the_themes_and_can_be_read(
    clean: Path, capsys: pytest.CaptureFixture[str], css: str, found: list[str]
) -> None:
    edited(clean, "style.css", ".change {", f".own {{ {css} }}\n.change {{")
    assert codes(clean, capsys) == found


def test_the_component_of_a_folder_is_made_despite_its_mistakes(clean: Path) -> None:
    edited(clean, "component.toml", 'type = "string"\ndescription', 'type = "strin"\ndescription')
    (reading,) = check_folder(clean)
    assert reading.component is not None
    assert [prop.name for prop in reading.component.props] == ["label", "value"]
    assert {finding.code for finding in reading.findings} == {"bad-schema", "unknown-variable"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('type = "strng"', "there is no type 'strng'; did you mean `string`?"),
        ('type = ["string", "nul"]', "there is no type 'nul'; did you mean `null`?"),
        ('type = "string"\nrequird = true', "did you mean `required`?"),
    ],
)
def test_a_type_or_a_word_that_is_misspelled_is_told_the_right_way(
    clean: Path, capsys: pytest.CaptureFixture[str], written: str, said: str
) -> None:
    edited(clean, "component.toml", 'type = "string"\ndescription', f"{written}\ndescription")
    codes(clean, capsys)
    (finding,) = [found for found in check_folder(clean)[0].findings if "schema" in found.code]
    assert said in str(finding)
