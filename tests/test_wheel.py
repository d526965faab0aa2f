"""What people install is the wheel, not the checkout: it must carry the page and the built-in components."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import CHECKOUT, ROOT, environment, fetch, fetch_json, serving


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    (built,) = folder.glob("genui-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `genui` command of an empty environment into which only the wheel went.

    Third-party packages come from the environment of the tests, by a path file: nothing is downloaded.
    Path files are not followed from there, so the editable checkout stays out of reach.
    """
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet")
    _run(*pip, "--no-index", "--no-deps", "--force-reinstall", str(wheel))
    own = Path(_run(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (own / "dependencies.pth").write_text(
        f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n"
    )
    return home / "bin" / "genui"


@pytest.fixture(scope="module")
def from_wheel(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving([str(installed)], tmp_path_factory.mktemp("elsewhere")) as url:
        yield url


@pytest.fixture(scope="module")
def from_checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(CHECKOUT, tmp_path_factory.mktemp("checkout"), import_from=ROOT) as url:
        yield url


def test_the_installed_package_is_the_one_that_runs(installed: Path) -> None:
    where = _run(str(installed.parent / "python"), "-I", "-c", "import genui; print(genui.__file__)")
    assert Path(where).is_relative_to(installed.parents[1])


@pytest.mark.parametrize("path", ["/", "/genui.js"])
def test_the_wheel_serves_the_same_page_as_the_checkout(
    from_wheel: str, from_checkout: str, path: str
) -> None:
    assert fetch(from_wheel + path) == fetch(from_checkout + path)


def test_the_wheel_serves_the_same_components_as_the_checkout(from_wheel: str, from_checkout: str) -> None:
    catalog = fetch_json(f"{from_wheel}/v1/components")
    assert catalog == fetch_json(f"{from_checkout}/v1/components")
    assert len(catalog["components"]) >= 10


def test_the_wheel_carries_every_script_that_its_components_name(from_wheel: str, from_checkout: str) -> None:
    components = fetch_json(f"{from_wheel}/v1/components")["components"]
    for script in filter(None, (component["script"] for component in components)):
        assert fetch(f"{from_wheel}/{script}") == fetch(f"{from_checkout}/{script}")


def test_the_wheel_carries_every_file_of_the_bundle(from_wheel: str) -> None:
    bundle = ROOT / "genui" / "static"
    for file in bundle.glob("*.js"):
        served = "/genui.js" if file.name == "genui.js" else f"/static/{file.name}"
        assert fetch(from_wheel + served) == file.read_bytes()


def _run(*command: str) -> str:
    """What it printed. No environment of ours leads it to the checkout."""
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
