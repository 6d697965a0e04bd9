from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ipwatch.cli import main
from ipwatch.cli.language import language_of

SILENT = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "C", "IPWATCH_LANG": ""}
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")
# Two English words one after another, outside of quotation marks, make a sentence; names of keys and options do not.
SENTENCE = re.compile(r"\b[a-z]{2,} (?:[a-z]+ )?[a-z]{2,}\b")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|「[^」]*」|（[^）]*(?:PNG|UTF-8)[^）]*）")

BAD = """\
schema = 2
[holder]
id = "other"
name_ja = "霞組合"
name_en = " Kasumi Union"
kind = "regionl"
prefecture = "JP-48"
colour = "red"
[[marks]]
id = "Kasumi Mark"
text = "霞"
kind = "trademark"
readings = ["漢字"]
nice_classes = [46]
images = ["../x.png", "none.png", "logo.txt"]
vienna_codes = ["99.1"]
goods_terms = "タオル"
genuine_price_jpy = {min = 500, max = 50}
rights = [{office = "jp", kind = "trademark", number = 5060813, expires = "soon"}]
authorised_sellers = [{marketplace = "Rakuten Ichiba", id = ""}]
"""
SYNTAX = ("schema = ”1”", "schema = 1\nschema = 1", "a = 01", 'text = "open', "x = [1", "[a]\n[a]", "x", 'p = "a\\q"')


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner(env=SILENT | environment).invoke(main, arguments)


def english_in(text: str, *paths: Path) -> list[str]:
    for path in paths:
        text = text.replace(str(path), "")
    return SENTENCE.findall(QUOTED.sub("", text))


@pytest.mark.parametrize(
    ("environment", "chosen"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "jam_JM"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "ja_JP", "LANG": "C"}, "ja"),
        ({"IPWATCH_LANG": "ja", "LC_ALL": "C"}, "ja"),
        ({"IPWATCH_LANG": "en", "LANG": "ja_JP.UTF-8"}, "en"),
    ],
)
def test_the_language_is_ours_first_then_that_of_the_locale(environment: dict[str, str], chosen: str) -> None:
    assert language_of(environment) == chosen


def test_what_check_says_to_a_japanese_reader_holds_no_english_sentence(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(BAD, "utf-8")
    english = run("--lang", "en", "watchlist", "check", str(path))
    japanese = run("--lang", "ja", "watchlist", "check", str(path))
    assert english.exit_code == japanese.exit_code == 2
    assert len(japanese.stderr.splitlines()) == len(english.stderr.splitlines()) > 15
    assert english_in(japanese.stderr, path) == []
    assert len(english_in(english.stderr, path)) > 15
    assert all(JAPANESE.search(QUOTED.sub("", line)) for line in japanese.stderr.splitlines())


@pytest.mark.parametrize("content", SYNTAX)
def test_what_is_no_toml_is_explained_in_japanese(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(content, "utf-8")
    result = run("watchlist", "check", str(path), LANG="ja_JP.UTF-8")
    assert result.exit_code == 2
    assert "TOML として読めません" in result.stderr
    assert english_in(result.stderr, path) == []


def test_the_machine_readable_check_is_the_same_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(BAD, "utf-8")
    japanese, english = (run("--lang", lang, "watchlist", "check", "--json", str(path)) for lang in ("ja", "en"))
    assert japanese.stdout == english.stdout != ""


def test_a_good_watchlist_is_counted_in_the_reader_s_language(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    text = BAD.replace("schema = 2", "schema = 1")
    text = text[: text.index("prefecture")].replace("regionl", "regional").replace(" Kasumi Union", "Kasumi Union")
    marks = '[[marks]]\nid = "kasumi"\ntext = "霞"\nkind = "trademark"\n'
    path.write_text(text.replace("other", "good") + marks, "utf-8")
    japanese = run("watchlist", "check", str(path), IPWATCH_LANG="ja")
    assert japanese.stdout == f"{path}: 霞組合（Kasumi Union）: 商標 1 件、表記 1 件、注意 1 件\n"
    assert japanese.stderr.startswith(f"注意: {path}:9: marks[0].text: '霞' は一文字で")
    english = run("watchlist", "check", str(path))
    assert english.stdout == f"{path}: 霞組合 (Kasumi Union): 1 mark, 1 variant, 1 warning\n"


HOLDER = ("--holder-id", "kasumi", "--name-ja", "霞組合", "--name-en", "Kasumi", "--kind", "regional")


def test_an_import_speaks_one_language(tmp_path: Path) -> None:
    table = tmp_path / "marks.csv"
    table.write_text("商標,権利種別,称呼,備考\n霞印,商票,漢字,x\n雲印,商標,クモ,y\n", "utf-8")
    arguments = ("watchlist", "import", str(table), *HOLDER, "--out", str(tmp_path))
    japanese, english = run("--lang", "ja", *arguments), run("--lang", "en", *arguments)
    assert japanese.exit_code == english.exit_code == 2
    assert english_in(japanese.stderr, table) == []
    assert "権利の種別ではありません" in japanese.stderr
    assert "権利の種別ではありません" not in english.stderr
    assert "is no kind of right" in english.stderr


MISTAKES = [
    (("watchlist", "check", "none.toml"), {}, "そのようなファイルやフォルダはありません", "there is no such file"),
    (("source", "list"), {"IPWATCH_WEB_PORT": "x"}, "IPWATCH_WEB_PORT: 整数を書いて", "should be a valid integer"),
    (("source", "list"), {"IPWATCH_LOG_LEVEL": "x"}, "という段階はありません", "'x' is no level"),
    (("source", "list"), {"IPWATCH_INTERVAL": "-1"}, "0.0 以上の数", "greater than or equal to 0.0"),
    (("source", "list"), {"IPWATCH_WEB_ORIGIN": "x"}, "ページのアドレスではありません", "is no address of a page"),
]


@pytest.mark.parametrize(("arguments", "environment", "japanese", "english"), MISTAKES)
def test_a_mistake_is_explained_in_the_reader_s_language(
    arguments: tuple[str, ...], environment: dict[str, str], japanese: str, english: str
) -> None:
    results = [run("--lang", lang, *arguments, **environment) for lang in ("ja", "en")]
    assert [result.exit_code for result in results] == [2, 2]
    assert japanese in results[0].stderr
    assert english in results[1].stderr
    assert not JAPANESE.search(results[1].stderr)
    assert english_in(results[0].stderr) == []


def test_an_explanation_is_in_the_language_of_the_locale() -> None:
    assert "称呼" in run("explain", "霞印", "カスミ", LANG="ja_JP.UTF-8").stdout
    assert "称呼" in run("--lang", "ja", "explain", "霞印", "カスミ").stdout
    assert "How they are read" in run("--lang", "ja", "explain", "霞印", "カスミ", "--lang", "en").stdout
    assert "How they are read" in run("explain", "霞印", "カスミ").stdout


@pytest.mark.parametrize(
    ("arguments", "japanese", "english"),
    [
        (("db", "upgrade"), "にしました", "is now at schema"),
        (("restore", ".", "--check", "--to", "x"), "どちらか一方を", "say either --to DIRECTORY or --check"),
        (("audit", "verify", "--head", "x"), "ハッシュ値ではありません", "this is no hash"),
    ],
)
def test_operators_are_answered_in_their_language(
    tmp_path: Path, arguments: tuple[str, ...], japanese: str, english: str
) -> None:
    for lang, expected in (("ja", japanese), ("en", english)):
        result = run("--lang", lang, *arguments, IPWATCH_DATA_DIR=str(tmp_path / lang))
        assert expected in result.stderr
        assert bool(JAPANESE.search(result.stderr)) == (lang == "ja")


def test_the_password_is_asked_for_in_the_reader_s_language(tmp_path: Path) -> None:
    environment = {"IPWATCH_DATA_DIR": str(tmp_path / "data"), "IPWATCH_LANG": ""}
    password = "tamago-no-kimi-19-zutsu"
    for lang, asked, added in (("ja", "パスワード", "を加えました"), ("en", "Password", "added hanako-en")):
        command = ["--lang", lang, "user", "add", f"hanako-{lang}"]
        result = CliRunner().invoke(main, command, env=environment, input=f"{password}\n{password}\n")
        assert result.exit_code == 0, result.output
        assert asked in result.output
        assert added in result.output
        assert password not in result.output
