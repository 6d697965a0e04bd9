"""Sets up a checkout: a virtual environment in ``.venv`` with the versions pinned in ``pyproject.toml``, made once.

It runs before anything is installed, with the standard library only, so that ``python3 -m ipwatch`` and
``python3 -m tests`` need nothing but Python. It uses uv where available, else venv and pip; both install the same
versions. The calling Python is not changed (externally managed environments).
``python3 -m ipwatch.checkout EXTRA...`` adds extras, and resets other versions to the pinned ones.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NoReturn

from ipwatch.errors import ConfigError

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
OLDEST = (3, 11)
_LANGUAGES = ("en", "ja")
TICK_SECONDS = 10
LINES_SHOWN = 6

# The catalogue needs Python 3.11 and installed packages; these are the only messages before that.
TEXTS = {
    "old_python": (
        "Python {wanted} or newer is needed, this is {found} ({python})",
        "Python {wanted} 以降が必要ですが、これは {found} です（{python}）",
    ),
    "unwritable": (
        "{path}: {reason}; the set-up needs to write there",
        "{path}: 書き込めません（{reason}）。準備にはここへの書き込みが必要です",
    ),
    "interrupted": (
        "interrupted; the next start continues the set-up",
        "中断しました。次の起動が準備の続きを行います",
    ),
    "no_extra": (
        "{unknown}: no such extra; there are {known}",
        "{unknown}: このような追加機能はありません。あるもの：{known}",
    ),
    "installing": (
        "installing what ipwatch needs into {environment}; once, some minutes",
        "ipwatch に必要なものを {environment} に入れています。最初の一度だけで、数分かかります",
    ),
    "installed": ("installed in {seconds:.0f} s", "{seconds:.0f} 秒で入れました"),
    "still_installing": ("still installing, {seconds:.0f} s", "まだ入れています（{seconds:.0f} 秒）"),
    "damaged": (
        "{environment} is damaged; delete it, then call this again with another Python",
        "{environment} が壊れています。削除し、別の Python でもう一度実行してください",
    ),
    "no_installer": (
        (
            "{python} has neither ensurepip nor pip, so nothing can be installed; "
            "on Debian and Ubuntu: apt install python3-venv. Or install uv"
        ),
        (
            "{python} には ensurepip も pip もないため、何も入れられません。"
            "Debian や Ubuntu では apt install python3-venv を実行するか、uv を入れてください"
        ),
    ),
    "no_pip": (
        "{environment} has no pip; delete it, and install python3-venv or uv",
        "{environment} に pip がありません。削除し、python3-venv か uv を入れてください",
    ),
    "failed": (
        "the set-up failed at: {step} … (code {code}){printed}",
        "準備が次の所で失敗しました：{step} …（コード {code}）{printed}",
    ),
}
"""Every text in English and in Japanese."""

# The first version of pip with the option --python.
_PIP_WITH_PYTHON_OPTION = (22, 3)


def run_in_environment(module: str, extras: Sequence[str] = ()) -> None:
    """Re-execute this process as ``module`` in the environment of the checkout, which is set up if missing or outdated.

    Returns where the current Python is that of the environment, or has ipwatch installed otherwise. Exits with code 2
    and one sentence where the set-up fails.
    """
    if sys.version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        _leave(_text("old_python", wanted=wanted, found=sys.version.split()[0], python=sys.executable))
    if not (ROOT / "pyproject.toml").is_file() or _installed_elsewhere(extras):
        return
    interpreter = _set_up_or_leave(extras)
    if Path(sys.prefix).resolve() != ENVIRONMENT.resolve():
        os.execv(interpreter, [str(interpreter), "-m", module, *sys.argv[1:]])  # noqa: S606 - our own interpreter


def _set_up_or_leave(extras: Sequence[str], *, again: bool = False) -> Path:
    try:
        return set_up(extras, again=again)
    except ConfigError as error:
        _leave(str(error))
    except OSError as error:
        _leave(_text("unwritable", path=error.filename or ENVIRONMENT, reason=error.strerror))
    except KeyboardInterrupt:
        _leave(_text("interrupted"), code=130)


def set_up(extras: Sequence[str] = (), *, again: bool = False) -> Path:
    """Install ipwatch with these extras at the pinned versions into the environment, and return its Python.

    Nothing is done where it is up to date, unless ``again``; extras of an earlier set-up are kept. Raises
    ``ConfigError``, and ``OSError`` where the checkout cannot be written to.
    """
    known = _project()["project"]["optional-dependencies"]
    if unknown := sorted({*extras} - {*known}):
        raise ConfigError(_text("no_extra", unknown=", ".join(unknown), known=", ".join(sorted(known))))
    interpreter = ENVIRONMENT / "bin" / "python"
    with _alone():
        kept = _read_stamp()
        wanted = sorted({*extras, *(kept[1:] if kept else [])})
        stamp = [_fingerprint(), *wanted]
        if kept == stamp and not again and _runs(interpreter):
            return interpreter
        _say(_text("installing", environment=ENVIRONMENT))
        started = time.monotonic()
        _stamp().unlink(missing_ok=True)
        uv = shutil.which("uv")
        if uv is not None:
            _install_with_uv(uv, wanted)
        else:
            _install_with_pip(interpreter, wanted)
        _stamp().write_text("\n".join(stamp) + "\n", encoding="utf-8")
        _say(_text("installed", seconds=time.monotonic() - started))
    return interpreter


def _installed_elsewhere(extras: Sequence[str]) -> bool:
    """Return whether this Python is not the checkout's and has ipwatch installed."""
    if Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
        return False
    try:
        distribution("ipwatch")
    except PackageNotFoundError:
        return False
    return "test" not in extras or importlib.util.find_spec("pytest") is not None


def _install_with_uv(uv: str, extras: Sequence[str]) -> None:
    chosen = [part for extra in extras for part in ("--extra", extra)]
    # Inexact: other installed packages, such as development tools, stay.
    _run(
        [uv, "sync", "--inexact", "--no-default-groups", "--python", sys.executable, *chosen],
        environment={"UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT)},
    )


def _install_with_pip(interpreter: Path, extras: Sequence[str]) -> None:
    if not _runs(interpreter):
        _create_environment()
    target = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    with tempfile.TemporaryDirectory(prefix="ipwatch-set-up-") as directory:
        constraints = Path(directory) / "constraints.txt"
        constraints.write_text("\n".join(pins()) + "\n", encoding="utf-8")
        options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        _run([*_pip(interpreter), "install", *options, "--constraint", str(constraints), "--editable", target])


def pins() -> list[str]:
    """Return the pinned versions of ``pyproject.toml`` as lines of a pip constraints file."""
    constraints: list[str] = _project()["tool"]["uv"]["constraint-dependencies"]
    return constraints


def dependencies() -> list[str]:
    """Return the dependencies in ``pyproject.toml``, without extras."""
    declared: list[str] = _project()["project"]["dependencies"]
    return declared


def _project() -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - not there before Python 3.11, which is reported first

    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def _create_environment() -> None:
    """Create ``.venv``, with pip where possible."""
    if sys.prefix == str(ENVIRONMENT):
        raise ConfigError(_text("damaged", environment=ENVIRONMENT))
    without = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
    if without and _pip_of_this_python() is None:
        raise ConfigError(_text("no_installer", python=sys.executable))
    _run([sys.executable, "-m", "venv", "--clear", *without, str(ENVIRONMENT)])


def _pip(interpreter: Path) -> list[str]:
    """Return the pip command for the environment: its own pip, or that of the calling Python."""
    if _succeeds([str(interpreter), "-m", "pip", "--version"]):
        return [str(interpreter), "-m", "pip"]
    if _succeeds([str(interpreter), "-m", "ensurepip", "--default-pip"]):
        return [str(interpreter), "-m", "pip"]
    pip = _pip_of_this_python()
    if pip is None:
        raise ConfigError(_text("no_pip", environment=ENVIRONMENT))
    return [*pip, "--python", str(interpreter)]


def _pip_of_this_python() -> list[str] | None:
    """Return the pip command of the calling Python, where it supports other environments."""
    version_call = subprocess.run(
        [sys.executable, "-m", "pip", "--version"], capture_output=True, text=True, check=False
    )
    words = version_call.stdout.split()
    if version_call.returncode != 0 or len(words) < 2:  # noqa: PLR2004 - "pip 23.0.1 from …"
        return None
    version = tuple(int(part) for part in words[1].split(".")[:2] if part.isdigit())
    return [sys.executable, "-m", "pip"] if version >= _PIP_WITH_PYTHON_OPTION else None


def _run(command: Sequence[str], *, environment: dict[str, str] | None = None) -> None:
    """Run one step of the set-up, with a message every ten seconds.

    Raises ``ConfigError`` with the last lines of output where it fails.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(  # noqa: S603 - fixed commands
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(process)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if process.returncode != 0:
            output.seek(0)
            last = [line.rstrip() for line in output if line.strip()][-LINES_SHOWN:]
            excerpt = "".join(f"\n  {line}" for line in last)
            step = " ".join(command[:4])
            raise ConfigError(_text("failed", step=step, code=process.returncode, printed=excerpt))


def _wait(process: subprocess.Popen[bytes]) -> None:
    started = time.monotonic()
    while True:
        try:
            process.wait(TICK_SECONDS)
        except subprocess.TimeoutExpired:
            _say(_text("still_installing", seconds=time.monotonic() - started))
        else:
            return


def _runs(interpreter: Path) -> bool:
    return interpreter.exists() and _succeeds([str(interpreter), "-c", "pass"])


def _succeeds(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - fixed commands
    except OSError:
        return False


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Serialise set-ups of this checkout."""
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stamp() -> Path:
    return ENVIRONMENT / "ipwatch-set-up"


def _read_stamp() -> list[str] | None:
    """Return fingerprint and extras of the finished environment, or ``None``."""
    try:
        return _stamp().read_text(encoding="utf-8").split()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _fingerprint() -> str:
    """Return the hash of what determines the packages: ``pyproject.toml`` and the version of Python."""
    content = (ROOT / "pyproject.toml").read_bytes() + sys.version.encode()
    return hashlib.sha256(content).hexdigest()


def _text(key: str, **arguments: object) -> str:
    english, japanese = TEXTS[key]
    return (japanese if is_japanese(sys.argv[1:], os.environ) else english).format_map(arguments)


def is_japanese(arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Say which language is chosen, by the rules of ``ipwatch.cli.language``: ``--lang``, the variables, English."""
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "--lang":
            value = value if equals else next(iter(arguments[index + 1 :]), "")
            if value in _LANGUAGES:
                return value == "ja"
            break
        if not argument.startswith("-") and arguments[index - 1 : index] != ["--log-level"]:
            break
    variables = ("IPWATCH_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((environment[name] for name in variables if environment.get(name)), "")
    return chosen.lower().replace("-", "_").split("_")[0] == "ja"


def _say(sentence: str) -> None:
    sys.stderr.write(f"ipwatch: {sentence}\n")
    sys.stderr.flush()


def _leave(sentence: str, *, code: int = 2) -> NoReturn:
    _say(sentence)
    raise SystemExit(code)


if __name__ == "__main__":
    _set_up_or_leave(sys.argv[1:], again=True)
