"""Each command says in Japanese, to a Japanese reader, what typically goes wrong."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ipwatch.cli import main

SILENT = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "C", "IPWATCH_LANG": ""}
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龠]")
LOG = re.compile(r"\d{4}-\d{2}-\d{2}T?")

LISTING = '{"marketplace": "rakuten", "listing_id": "1", "title": "霞印タオル", "url": "https://example.jp/1"'
WATCHLIST = """\
schema = 1
[holder]
id = "kasumi"
name_ja = "霞組合"
name_en = "Kasumi"
kind = "regional"
[[marks]]
id = "kasumi"
text = "霞印"
kind = "trademark"
"""

# What is done, what is set, and what the text in Japanese holds. {} is a directory with the files of ``files``.
FAILURES: list[tuple[str, dict[str, str], str]] = [
    ("audit verify", {}, "データベースがまだありません"),
    ("db upgrade; backup {}/data/inside", {}, "バックアップは"),
    ("db upgrade; backup {}/elsewhere", {}, "ipwatch のバックアップもありません"),
    ("db check", {}, "実行してください：ipwatch db upgrade"),
    ("db check", {"IPWATCH_DATABASE_URL": "mysql://x/y"}, "という種類のデータベースは使えません"),
    ("db check", {"IPWATCH_DATABASE_URL": "sqlite://"}, "URL にファイルがありません"),
    ("db upgrade", {"IPWATCH_DATA_DIR": "{}/file"}, "書き込めません"),
    ("deadline --office XX --published 2026-01-05", {}, "規定がありません"),
    ("deadline --office JP --published 1990-01-05", {}, "公表に当たる"),
    ("deadline --office JP --published 2150-01-05", {}, "日本の休日を計算できるのは"),
    ("demo --once --data-dir {}/file", {}, ""),
    ("evidence verify {}", {}, "証拠の保管庫"),
    ("explain あ い", {}, "監視する商標は 2 字以上"),
    ("image match --references {}/empty {}/no.png", {}, "画像がありません"),
    ("image match --references {}/pictures {}/no.png", {}, "基準の画像として使えません"),
    ("image match --references {}/pictures --min-score 2 x", {}, "値は 0 から 1 までの数です"),
    ("image match --references {}/empty --model {}/none.onnx x", {}, "--model: "),
    ("report build --from 2026-02-01 --to 2026-01-01 --out {}/out", {}, "データベースがまだありません"),
    ("restore {}/empty --check", {}, "完成したバックアップ"),
    ("restore {} --to {}/empty", {}, "完成したバックアップ"),
    ("run", {}, "設定した情報源がありません"),
    ("run --source nowhere", {}, "という情報源はありません"),
    ("run", {"IPWATCH_WATCHLIST_DIR": "{}/empty"}, "監視リスト（*.toml）がありません"),
    ("run --watchlist nobody", {}, "という監視リストは"),
    ("run", {"IPWATCH_EMBEDDING_MODEL": "{}/none.onnx"}, "IPWATCH_EMBEDDING_MODEL: "),
    ("screen --watchlist {}/watchlists {}/none.jsonl", {}, "JSON Lines のファイルか"),
    ("screen --watchlist {}/watchlists {}/records.jsonl", {}, "行目"),
    ("screen --watchlist {}/watchlists --images {}/none {}/records.jsonl", {}, "記録の画像がある所"),
    ("screen --watchlist {}/watchlists --images {}/empty {}/pictured.jsonl", {}, "は比べませんでした"),
    ("serve", {"IPWATCH_WEB_HOST": "0.0.0.0"}, "アカウントがないと"),  # noqa: S104 - it is refused
    ("serve", {"IPWATCH_WEB_PORT": "{port}"}, "画面を 127.0.0.1:"),
    ("source list", {}, "未設定"),
    ("source list", {"IPWATCH_SOURCES__EBAY__ENABLED": "false"}, "停止中"),
    ("source check nowhere", {}, "という情報源はありません"),
    ("source check", {}, "問題"),
    ("source check --write", {}, "--samples でそのフォルダ"),
    ("source check ebay --samples {}/empty", {}, "見本がありません"),
    ("source table --write {}/file", {}, "の行の間に置きます"),
    ("source deployments --project {}/empty", {}, "prefect.yaml がありません"),
    ("source deployments --project {}/project", {}, "予定が読めません"),
    ("source parse --source ebay {}/none.json", {}, "そのようなファイルはありません"),
    ("source parse --source ebay --url https://x.example {}/file {}/file", {}, "FILE を一つだけ"),
    ("source parse --source ebay {}/file", {}, "問題 1 件"),
    ("up --project {}/empty --prefect-port {port}", {}, "ポート {port} は使えません"),
    ("user add --password short hana", {}, "パスワードは 12 字以上"),
    ("user add --password password1234 hana", {}, "最初に試される"),
    ("user add --password short --role boss hana", {}, "boss"),
    ("watchlist check {}/empty", {}, "監視リスト（*.toml）がありません"),
    (
        "watchlist import {}/none.csv --holder-id x --name-ja 霞 --name-en x --kind regional",
        {},
        "パスを確かめて",
    ),
    ("watchlist try {}/none.toml", {}, "という監視リストは"),
]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name in ("empty", "elsewhere/folder", "data", "pictures", "watchlists", "project"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "file").write_text("[not json\n", "utf-8")
    (tmp_path / "pictures" / "a.png").write_bytes(b"no picture")
    (tmp_path / "watchlists" / "kasumi.toml").write_text(WATCHLIST, "utf-8")
    (tmp_path / "project" / "prefect.yaml").write_text("[", "utf-8")
    bad = ("{", "[]", "x y", LISTING + ', "price": 5}', LISTING + ', "posted_at": "soon"}', "-a.example", "a..b")
    (tmp_path / "records.jsonl").write_text("\n".join(bad) + "\n", "utf-8")
    (tmp_path / "pictured.jsonl").write_text(LISTING + ', "images": ["../x.png", "none.png"]}\n', "utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def taken_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield str(taken.getsockname()[1])


def run(command: str, lang: str, files: Path, port: str, environment: dict[str, str]) -> Result:
    def filled(text: str) -> str:
        return text.replace("{port}", port).replace("{}", str(files))

    ours = {
        "IPWATCH_DATA_DIR": str(files / "data"),
        "IPWATCH_WATCHLIST_DIR": str(files / "watchlists"),
        "IPWATCH_LOG_LEVEL": "ERROR",
    }
    variables = SILENT | ours | {name: filled(value) for name, value in environment.items()}
    results = [
        CliRunner(env=variables).invoke(main, ["--lang", lang, *(filled(part) for part in invocation.split())])
        for invocation in command.split("; ")
    ]
    return results[-1]


def lines_for_people(text: str) -> list[str]:
    return [
        line
        for line in text.splitlines()
        if line.strip() and not line.lstrip().startswith(("{", "[")) and not LOG.match(line)
    ]


@pytest.mark.parametrize(
    ("command", "environment", "japanese"),
    FAILURES,
    ids=[f"{number} {case[0]}" for number, case in enumerate(FAILURES)],
)
def test_every_line_that_a_person_reads_is_japanese(
    files: Path, taken_port: str, command: str, environment: dict[str, str], japanese: str
) -> None:
    result = run(command, "ja", files, taken_port, environment)
    output = lines_for_people(result.stderr) + lines_for_people(result.stdout)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert output
    assert [line for line in output if not JAPANESE.search(line)] == []
    assert japanese.replace("{port}", taken_port) in result.output
    plain = run(command, "en", files, taken_port, environment)
    assert plain.exit_code == result.exit_code
    assert len(lines_for_people(plain.stderr)) == len(lines_for_people(result.stderr))
