from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from ipwatch.cli.watchlist import watchlist
from ipwatch.errors import WatchlistError
from ipwatch.settings import Settings
from ipwatch.watchlists import load_watchlist

GOOD = """\
schema = 1
[holder]
id = "good"
name_ja = "霞"
name_en = "Kasumi"
kind = "company"
[[marks]]
id = "kasumi"
text = "霞印"
variants = ["Kasumi"]
kind = "trademark"
rights = [{office = "JP", kind = "trademark", number = "0000001", expires = 2026-01-31}]
"""
HINT = (
    "hint: official_sellers (1 mark) would help most; without it, the holder's own shops look like any other seller. "
    "All hints: --hints"
)
TABLE = "商標,権利種別,読み\n霞印,商標,カスミ\n雲印,商標,クモ\n"
HOLDER = ["--holder-id", "kasumi", "--name-ja", "霞組合", "--name-en", "Kasumi Union", "--kind", "regional"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(watchlist, list(arguments), obj=Settings())


def problems(result: Result) -> tuple[str, ...]:
    assert isinstance(result.exception, WatchlistError)
    return result.exception.problems


def test_check_prints_a_line_for_each_file_and_warnings_beside(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    path.write_text(GOOD, encoding="utf-8")
    result = run("check", str(tmp_path), "--as-of", "2026-02-01")
    assert result.exit_code == 0
    assert result.stdout == f"{path}: 霞 (Kasumi): 1 mark, 2 variants, 1 warning\n"
    assert result.stderr == (
        f"warning: {path}:12: marks[0].rights[0].expires: the right ended on 2026-01-31; "
        f"renew the date, or delete the right\n{HINT}\n"
    )
    assert run("check", str(tmp_path), "--as-of", "2026-01-31").stderr == f"{HINT}\n"


def test_check_names_the_one_key_that_would_help_most_of_the_lists(tmp_path: Path) -> None:
    for name in ("a", "b"):
        content = GOOD.replace('id = "good"', f'id = "{name}"').replace("company", "regional")
        (tmp_path / f"{name}.toml").write_text(content, encoding="utf-8")
    (tmp_path / "good.toml").write_text(GOOD, encoding="utf-8")
    (hint,) = run("check", str(tmp_path), "--as-of", "2026-01-31").stderr.splitlines()
    assert hint.startswith("hint: licensees (2 of 3 lists) would help most; without it, listings that name a member")


def test_check_gives_no_hint_where_a_list_says_what_matters(tmp_path: Path) -> None:
    statements = (
        'licensees = ["霞紡績"]\nown_products = ["KASUMI-*"]\nunlicensed_goods = ["抱き枕"]\n'
        'official_sellers = [{marketplace = "rakuten", id = "kasumi"}]\n'
    )
    content = GOOD.replace("[[marks]]", f"{statements}[[marks]]") + "genuine_price_jpy = {min = 500}\n"
    (tmp_path / "good.toml").write_text(content, encoding="utf-8")
    result = run("check", str(tmp_path), "--as-of", "2026-01-31")
    assert (result.exit_code, result.stderr) == (0, "")
    keys = [line.split()[0] for line in run("check", str(tmp_path), "--hints").stdout.splitlines()[1:]]
    assert keys == ["deny_sellers", "second_hand", "depth"]


def test_check_tells_all_hints_below_the_line_of_a_list(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    other = '[[marks]]\nid = "cloud"\ntext = "雲印"\nkind = "trademark"\ndepth = "broad"\n'
    path.write_text(GOOD + other, encoding="utf-8")
    result = run("check", str(path), "--as-of", "2026-01-31", "--hints")
    assert (result.exit_code, result.stderr) == (0, "")
    first, *hints = result.stdout.splitlines()
    assert first == f"{path}: 霞 (Kasumi): 2 marks, 3 variants, 0 warnings"
    assert hints[0] == "  official_sellers (2 marks): the holder's own shops look like any other seller"
    assert hints[-1] == "  depth (kasumi): as much is shown as is usual; strict shows less, broad more"
    assert len(hints) == 8
    (printed,) = map(json.loads, run("check", str(path), "--json", "--hints").stdout.splitlines())
    assert [(hint["key"], hint["marks"]) for hint in printed["hints"]] == [
        (line.split()[0], ["kasumi"] if "(kasumi)" in line else ["kasumi", "cloud"]) for line in hints
    ]


def test_check_gives_no_hint_where_something_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.toml").write_text("schema = 2", encoding="utf-8")
    assert "hint: " not in run("check", str(tmp_path), "--as-of", "2026-01-31").stderr


def test_check_keeps_the_good_lines_and_ends_with_2_where_a_file_is_bad(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.toml").write_text("schema = 2", encoding="utf-8")
    result = run("check", str(tmp_path), "--as-of", "2026-01-31")
    assert result.exit_code == 2
    assert result.stdout.startswith(f"{tmp_path / 'good.toml'}: ")
    assert len(result.stderr.splitlines()) == 3
    assert all(line.startswith(f"{tmp_path / 'bad.toml'}:1: ") for line in result.stderr.splitlines())


def test_check_speaks_json(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    path.write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.toml").write_text("", encoding="utf-8")
    first, last = map(json.loads, run("check", str(tmp_path), "--json", "--as-of", "2026-01-31").stdout.splitlines())
    assert first == {
        "file": str(path),
        "holder": {"id": "good", "name_ja": "霞", "name_en": "Kasumi", "kind": "company"},
        "marks": 1,
        "forms": 2,
        "sha256": load_watchlist(path).sha256,
        "warnings": [],
    }
    assert len(last["problems"]) == 3


def test_import_writes_a_watchlist_that_passes_the_check(tmp_path: Path) -> None:
    table = tmp_path / "marks.csv"
    table.write_text(TABLE, encoding="cp932")
    out = tmp_path / "lists"
    result = run("import", str(table), *HOLDER, "--prefecture", "JP-38", "--out", str(out))
    summary = "2 rows, 2 marks, 0 cells not used"
    assert (result.exit_code, result.stdout) == (0, f"{out / 'kasumi.toml'}: {summary}\n")
    made = load_watchlist(out / "kasumi.toml")
    assert [(mark.text, mark.readings) for mark in made.marks] == [("霞印", ("カスミ",)), ("雲印", ("クモ",))]
    assert made.holder.prefecture == "JP-38"
    assert [entry.name for entry in out.iterdir()] == ["kasumi.toml"]


def test_import_never_overwrites_without_force(tmp_path: Path) -> None:
    table = tmp_path / "marks.csv"
    table.write_text(TABLE, encoding="utf-8")
    target = tmp_path / "kasumi.toml"
    target.write_text("mine", encoding="utf-8")
    messages = problems(run("import", str(table), *HOLDER, "--out", str(tmp_path)))
    assert messages == (f"{target}: exists already; choose another --holder-id, or give --force",)
    assert target.read_text(encoding="utf-8") == "mine"
    assert run("import", str(table), *HOLDER, "--out", str(tmp_path), "--force").exit_code == 0
    assert len(load_watchlist(target).marks) == 2


def test_import_writes_nothing_where_a_row_is_bad(tmp_path: Path) -> None:
    table = tmp_path / "marks.csv"
    table.write_text(f"{TABLE}雪印,商票,ユキ\n", encoding="utf-8")
    messages = problems(run("import", str(table), *HOLDER, "--out", str(tmp_path / "lists")))
    assert messages[0].startswith(f"{table}: B4 (権利種別): '商票': is no kind of right")
    assert messages[1].endswith("nothing was written; correct the rows, or give --skip-bad")
    assert not (tmp_path / "lists").exists()


def test_import_can_leave_bad_rows_out_and_reports_them(tmp_path: Path) -> None:
    table = tmp_path / "marks.csv"
    table.write_text(f"{TABLE}雪印,商票,ユキ\n", encoding="utf-8")
    result = run("import", str(table), *HOLDER, "--out", str(tmp_path), "--skip-bad")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"left out: {table}: B4 (権利種別): '商票'")
    assert result.stdout.endswith("3 rows, 2 marks, 3 cells not used\n")
    assert [mark.text for mark in load_watchlist(tmp_path / "kasumi.toml").marks] == ["霞印", "雲印"]


def test_import_reads_the_given_sheet_and_kind(tmp_path: Path) -> None:
    book = Workbook()
    for name, mark in (("甲", "霞印"), ("乙", "雲印")):
        sheet = book.create_sheet(name)
        sheet.append(("商標名", "備考"))
        sheet.append((mark, "注"))
    book.save(tmp_path / "marks.xlsx")
    options = ("--sheet", "乙", "--mark-kind", "trademark", "--out", str(tmp_path))
    result = run("import", str(tmp_path / "marks.xlsx"), *HOLDER, *options)
    assert result.exit_code == 0, result.exception
    assert [mark.text for mark in load_watchlist(tmp_path / "kasumi.toml").marks] == ["雲印"]
    first, second = result.stderr.splitlines()
    assert first.startswith(f"warning: {tmp_path / 'marks.xlsx'}: 甲!A1:A2, B1:B2: the sheet is not read (4 cells)")
    assert ": 乙!B1:B2 (備考): " in second
    assert result.stdout.endswith(": 1 row, 1 mark, 6 cells not used\n")


def test_the_template_in_the_documentation_can_be_imported(tmp_path: Path) -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "watchlists.md"
    template = page.read_text(encoding="utf-8").split("```csv\n")[1].split("```")[0]
    table = tmp_path / "template.csv"
    table.write_text(template, encoding="utf-8")
    result = run("import", str(table), *HOLDER, "--out", str(tmp_path))
    assert result.exit_code == 0, result.exception
    assert load_watchlist(tmp_path / "kasumi.toml").marks


@pytest.mark.parametrize("name", ["README.md", "../docs/watchlists.md", "../docs/ja/watchlists.md"])
def test_the_examples_in_the_documentation_are_watchlists(tmp_path: Path, name: str) -> None:
    page = Path(__file__).resolve().parents[2] / "watchlists" / name
    examples = [part.split("```")[0] for part in page.read_text(encoding="utf-8").split("```toml\n")[1:]]
    whole = [example for example in examples if example.startswith("schema = 1")]
    assert whole
    for example in whole:
        (tmp_path / "imabari-towel.toml").write_text(example, encoding="utf-8")
        (tmp_path / "imabari-towel").mkdir(exist_ok=True)
        (tmp_path / "imabari-towel" / "logo.png").write_bytes(b"picture")
        assert load_watchlist(tmp_path / "imabari-towel.toml").holder.id == "imabari-towel"
