from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from cli.every_command import commands
from click.testing import CliRunner, Result
from rich.cells import cell_len

from ipwatch.cli import main
from ipwatch.cli.help import wrapped
from ipwatch.terms import KEYS

SILENT = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "C", "IPWATCH_LANG": ""}
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")
ENGLISH = re.compile(r"\b[a-z]{2,} (?:[a-z]+ ){1,}[a-z]{2,}\b")


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner(env=SILENT | environment).invoke(main, arguments, terminal_width=100)


EVERY = dict(commands(main, ()))


def test_every_command_and_option_has_its_help_in_the_catalogue_and_no_other_has() -> None:
    wanted = set()
    for path, command in EVERY.items():
        key = ".".join(("help", *(path or ("ipwatch",))))
        wanted |= {key, *(f"{key}.{param.name}" for param in command.params if isinstance(param, click.Option))}
    assert {key for key in KEYS if key.startswith("help.")} == wanted


def test_every_word_of_click_is_one_that_it_says() -> None:
    source = "".join(path.read_text("utf-8") for path in Path(click.__file__).parent.glob("*.py"))
    unescaped = source.replace("\\n", "\n").replace("\\t", "\t")
    assert [
        key for key in KEYS if key.startswith("click.") and f'"{key.removeprefix("click.")}"' not in unescaped
    ] == []


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_help_is_in_the_reader_s_language(path: tuple[str, ...]) -> None:
    japanese = run(*path, "--help", LANG="ja_JP.UTF-8")
    english = run(*path, "--help")
    assert japanese.exit_code == english.exit_code == 0
    assert "使い方: " in japanese.output
    assert "オプション:" in japanese.output
    assert ENGLISH.findall(japanese.output.partition("\n")[2]) == []
    assert english.output.startswith("Usage: ")
    assert ENGLISH.search(english.output)
    assert max(cell_len(line) for line in japanese.output.splitlines() if JAPANESE.search(line)) <= 100
    assert japanese.output == run("--lang", "ja", *path, "--help").output
    assert english.output == run("--lang=en", *path, "--help", LANG="ja_JP.UTF-8").output


MISTAKES = [
    (("up", "--prefect-prt", "1"), "'--prefect-prt' というオプションはありません", "No such option '--prefect-prt'"),
    (("watchlst",), "'watchlst' というコマンドはありません", "No such command 'watchlst'"),
    (("explain", "a"), "引数がありません 'SEEN'", "Missing argument 'SEEN'"),
    (("deadline", "--office", "JP"), "オプションがありません '--published'", "Missing option '--published'"),
    (("deadline", "--office"), "'--office' には値が要ります", "Option '--office' requires an argument"),
    (("demo", "--listings", "1"), "1 は範囲 10<=x<=100000 の外です", "1 is not in the range 10<=x<=100000"),
    (("demo", "--seed", "x"), "'x' は整数として読めません", "'x' is not a valid integer"),
    (("--lang", "xx", "source", "list"), None, "'xx' is not one of 'en', 'ja'"),
    (("restore", "/nowhere", "--check"), "'/nowhere' はありません", "'/nowhere' does not exist"),
]


@pytest.mark.parametrize(("arguments", "japanese", "english"), MISTAKES)
def test_a_mistake_on_the_command_line_is_reported_in_the_reader_s_language(
    arguments: tuple[str, ...], japanese: str | None, english: str
) -> None:
    plain = run(*arguments)
    assert plain.exit_code == 2
    assert english in plain.stderr
    assert "Error: " in plain.stderr
    if japanese is not None:
        translated = run(*arguments, LANG="ja_JP.UTF-8")
        assert translated.exit_code == 2
        assert japanese in translated.stderr
        assert "エラー: " in translated.stderr
        assert ("詳しくは " in translated.stderr) == ("Try '" in plain.stderr)


def test_lines_break_by_their_width_and_never_before_a_full_stop() -> None:
    assert list(wrapped("監視リストを点検します。", 8)) == ["監視リス", "トを点検", "します。"]
    assert list(wrapped("監視します。", 10)) == ["監視しま", "す。"]
    assert list(wrapped("設定 IPWATCH_LANG を", 12)) == ["設定", "IPWATCH_LANG", "を"]
