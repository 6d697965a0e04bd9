from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageDraw, ImageOps

from ipwatch.cli import main

WATCHLIST = """
schema = 1
[holder]
id = "norima"
name_ja = "ノリマ株式会社"
name_en = "Norima Corporation"
kind = "company"
[[marks]]
id = "norima"
text = "ノリマ"
variants = ["NORIMA"]
kind = "trademark"
nice_classes = [14]
images = ["norima/logo.png"]
goods_terms = ["時計", "watch"]
rights = [{office = "JP", kind = "trademark", number = "5999999"}]
authorised_sellers = [{marketplace = "rakuten", id = "norima-shop", until = 2026-12-31}]
"""


def logo() -> Image.Image:
    image = Image.new("RGB", (320, 240), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((20, 20, 150, 200), fill="crimson")
    draw.rectangle((170, 60, 300, 120), fill="navy")
    draw.polygon([(160, 230), (230, 140), (310, 220)], fill="green")
    return image


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "lists" / "norima").mkdir(parents=True)
    (tmp_path / "lists" / "norima.toml").write_text(WATCHLIST, "utf-8")
    logo().save(tmp_path / "lists" / "norima" / "logo.png")
    (tmp_path / "pictures").mkdir()
    logo().resize((160, 120)).save(tmp_path / "pictures" / "copy.jpg", quality=80)
    ImageOps.mirror(logo()).save(tmp_path / "pictures" / "mirror.png")
    (tmp_path / "secret.png").write_bytes((tmp_path / "lists" / "norima" / "logo.png").read_bytes())
    return tmp_path


def ipwatch(*args: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], input=stdin)


def listing(number: int, title: str, **more: object) -> str:
    return json.dumps({"marketplace": "rakuten", "listing_id": str(number), "title": title} | more, ensure_ascii=False)


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_hits_come_out_best_first(home: Path) -> None:
    records = home / "records.jsonl"
    filing = json.dumps(
        {"office": "JP", "application_number": "2026000123", "mark_text": "ノリマ", "nice_classes": [14]}
    )
    input_lines = [listing(1, "NORIMA watch"), listing(2, "タオル"), listing(3, "N0RIMA watch"), filing]
    records.write_text("\n".join(input_lines), "utf-8")
    result = ipwatch("screen", "--watchlist", home / "lists" / "norima.toml", "--on", "2026-11-20", records)
    assert (result.exit_code, result.stderr) == (0, "")
    hits = lines(result)
    assert [hit["subject"] for hit in hits] == ["JP:2026000123", "rakuten:3", "rakuten:1"]
    assert {hit["mark"] for hit in hits} == {"norima/norima"}


def test_stdin_and_a_directory_of_watchlists(home: Path) -> None:
    result = ipwatch("screen", "--watchlist", home / "lists", "-", stdin=listing(1, "ノリマ 時計"))
    assert (result.exit_code, len(lines(result))) == (0, 1)


def test_pictures_below_the_directory_are_compared(home: Path) -> None:
    stdin = "\n".join(
        [
            listing(1, "腕に巻くもの", images=["copy.jpg"]),
            listing(2, "腕に巻くもの", images=["mirror.png", "https://example.com/not-visited.jpg"]),
        ]
    )
    result = ipwatch("screen", "--watchlist", home / "lists", "--images", home / "pictures", "-", stdin=stdin)
    assert result.exit_code == 0
    terms = {hit["subject"]: hit["signals"][0]["term"] for hit in lines(result)}  # type: ignore[index]  # JSON
    assert terms == {"rakuten:1": "image_copy", "rakuten:2": "image_flip"}


@pytest.mark.parametrize(
    "name", ["../secret.png", "/etc/hostname", "link.png", "none.png", "bad.jpg", "ring.png", "a\x00b.png", "."]
)
def test_pictures_elsewhere_are_refused_and_reported(home: Path, name: str) -> None:
    (home / "pictures" / "link.png").symlink_to(home / "secret.png")
    (home / "pictures" / "bad.jpg").write_bytes(b"<html>")
    (home / "pictures" / "ring.png").symlink_to("ring.png")
    stdin = "\n".join([listing(1, "x", images=[name]), listing(2, "x", images=["copy.jpg"])])
    result = ipwatch("screen", "--watchlist", home / "lists", "--images", home / "pictures", "-", stdin=stdin)
    assert result.exit_code == 2
    assert "rakuten:1: picture" in result.stderr
    assert [hit["subject"] for hit in lines(result)] == ["rakuten:2"]


def test_bad_lines_are_reported_and_the_good_ones_screened(home: Path) -> None:
    stdin = "\n".join(
        ["{", listing(1, "NORIMA watch"), listing(2, "x", price=5), listing(3, "ノリマ 時計", colour="red")]
    )
    result = ipwatch("screen", "--watchlist", home / "lists", "-", stdin=stdin)
    assert result.exit_code == 2
    assert len(lines(result)) == 2
    assert "stdin: line 1: not JSON" in result.stderr
    assert "stdin: line 3: price: " in result.stderr
    assert "stdin: line 4: colour: an unknown key" in result.stderr


def test_an_unknown_key_or_currency_alone_is_no_failure(home: Path) -> None:
    stdin = listing(1, "NORIMA watch", colour="red", price="1", currency="XXX")
    result = ipwatch("screen", "--watchlist", home / "lists", "-", stdin=stdin)
    assert (result.exit_code, len(lines(result))) == (0, 1)
    assert "XXX" in result.stderr


def test_the_day_decides_about_authorisations(home: Path) -> None:
    stdin = listing(1, "NORIMA watch", seller={"id": "norima-shop"})
    for day, hits in (("2026-12-31", 0), ("2027-01-01", 1)):
        result = ipwatch("screen", "--watchlist", home / "lists", "--on", day, "-", stdin=stdin)
        assert (result.exit_code, len(lines(result))) == (0, hits)


def test_min_score_replaces_the_marks_own(home: Path) -> None:
    result = ipwatch("screen", "--watchlist", home / "lists", "--min-score", "0.95", "-", stdin=listing(1, "NORIMA"))
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize("score", ["nan", "2", "-0.1", "x"])
def test_a_score_outside_its_range_is_refused(home: Path, score: str) -> None:
    result = ipwatch("screen", "--watchlist", home / "lists", "--min-score", score, "-", stdin="")
    assert result.exit_code == 2
    assert "--min-score" in result.stderr


def test_missing_files_are_named(home: Path) -> None:
    for args in (
        ("--watchlist", home / "lists", home / "none.jsonl"),
        ("--watchlist", home / "none.toml", "-"),
        ("--watchlist", home / "lists", "--images", home / "none", "-"),
        ("--watchlist", home / "lists", home),
    ):
        result = ipwatch("screen", *args, stdin="")
        assert result.exit_code == 2
        assert "Traceback" not in result.stderr
        assert result.stderr


def test_a_broken_reference_picture_stops_the_run(home: Path) -> None:
    (home / "lists" / "norima" / "logo.png").write_bytes(b"<html>")
    result = ipwatch("screen", "--watchlist", home / "lists", "-", stdin=listing(1, "NORIMA"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "logo.png" in result.stderr


# --- image match -----------------------------------------------------------------------------------------------------


def test_image_hits_come_out_best_first(home: Path) -> None:
    pictures = home / "pictures"
    result = ipwatch("image", "match", "--references", home / "lists", pictures, home / "secret.png")
    assert result.exit_code == 0
    hits = lines(result)
    assert [hit["image"] for hit in hits][-1] == str(pictures / "copy.jpg") or hits[0]["score"] == 1.0
    assert {(hit["image"], hit["kind"]) for hit in hits} == {
        (str(pictures / "copy.jpg"), "copy"),
        (str(pictures / "mirror.png"), "flip"),
        (str(home / "secret.png"), "copy"),
    }
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)  # type: ignore[type-var]  # numbers from JSON
    assert {hit["reference"] for hit in hits} == {str(home / "lists" / "norima" / "logo.png")}


def test_an_unreadable_picture_does_not_end_the_run(home: Path) -> None:
    (home / "pictures" / "bad.jpg").write_bytes(b"<html>")
    result = ipwatch("image", "match", "--references", home / "lists", home / "pictures", home / "none.png")
    assert result.exit_code == 2
    rows = lines(result)
    assert [line["image"] for line in rows if "error" in line] == [
        str(home / "pictures" / "bad.jpg"),
        str(home / "none.png"),
    ]
    assert len(rows) == 4


def test_a_folders_pictures_of_an_unread_format_are_named(home: Path) -> None:
    (home / "pictures" / "scan.tif").write_bytes(b"II*\x00")
    (home / "pictures" / "notes.txt").write_text("no picture")
    result = ipwatch("image", "match", "--references", home / "lists", home / "pictures")
    assert result.exit_code == 2
    (row,) = [line for line in lines(result) if "error" in line]
    assert row["image"] == str(home / "pictures" / "scan.tif")
    assert "(format)" in str(row["error"])


def test_a_reference_that_is_too_plain_is_reported(home: Path) -> None:
    blank = home / "lists" / "norima" / "blank.png"
    Image.new("RGB", (300, 300), "red").save(blank)
    result = ipwatch("image", "match", "--references", home / "lists", home / "pictures")
    assert (result.exit_code, len(lines(result))) == (0, 2)
    assert result.stderr.startswith(f"{blank}: has too little in it")


def test_min_score_of_pictures(home: Path) -> None:
    result = ipwatch("image", "match", "--references", home / "lists", "--min-score", "1", home / "secret.png")
    assert len(lines(result)) == 1


def test_directories_without_pictures_are_refused(home: Path) -> None:
    (home / "empty").mkdir()
    for references, path in ((home / "empty", home / "secret.png"), (home / "lists", home / "empty")):
        result = ipwatch("image", "match", "--references", references, path)
        assert result.exit_code == 2
        assert "no pictures" in result.stderr


def test_a_pipe_is_refused_and_not_waited_for(home: Path) -> None:
    os.mkfifo(home / "pipe.jsonl")
    result = ipwatch("screen", "--watchlist", home / "lists", home / "pipe.jsonl")
    assert result.exit_code == 2
    assert "no regular file; name a JSON Lines file, or - for stdin" in result.stderr
    os.mkfifo(home / "pipe.png")
    result = ipwatch("image", "match", "--references", home / "lists" / "norima", home / "pipe.png")
    assert result.exit_code == 2
    assert "no regular file" in result.stdout
    assert ipwatch("screen", "--watchlist", home / "lists", "/dev/null").exit_code == 2


HOSTS = """# new names of the day
norima-shop.com
*.N0RIMA.jp.
minorimagery.com
norima.example-shop.com
https://www.norima.co.jp/watches
xn--nrima-jua.com
norima-shop.com
"""


def test_host_names_are_screened_and_each_is_hit_once(home: Path) -> None:
    result = ipwatch("screen", "--watchlist", home / "lists", "-", stdin=HOSTS)
    assert (result.exit_code, result.stderr) == (0, "")
    hits = lines(result)
    assert sorted(str(hit["subject"]) for hit in hits) == [
        "domain:n0rima.jp",
        "domain:norima-shop.com",
        "domain:norima.example-shop.com",
        "domain:www.norima.co.jp",
        "domain:xn--nrima-jua.com",
    ]
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)  # type: ignore[type-var]  # numbers from JSON


def test_host_names_may_stand_among_other_records(home: Path) -> None:
    stdin = "\n".join([listing(1, "NORIMA watch"), "norima-shop.com", '{"domain": "norima.net"}', "norima.com,1"])
    result = ipwatch("screen", "--watchlist", home / "lists", "-", stdin=stdin)
    assert result.exit_code == 2
    assert "stdin: line 4: neither JSON nor a host name: several values" in result.stderr
    assert {hit["subject"] for hit in lines(result)} == {"rakuten:1", "domain:norima-shop.com", "domain:norima.net"}


def test_a_holders_domains_are_not_flagged(home: Path) -> None:
    path = home / "lists" / "norima.toml"
    own = '[{marketplace = "domain", id = "norima.co.jp"}, {marketplace = "rakuten"'
    path.write_text(WATCHLIST.replace('[{marketplace = "rakuten"', own), "utf-8")
    result = ipwatch("screen", "--watchlist", home / "lists", "-", stdin="www.norima.co.jp\nnorima.co.jp.example.com")
    assert [hit["subject"] for hit in lines(result)] == ["domain:norima.co.jp.example.com"]


def test_records_that_are_compressed_are_named_as_such(home: Path) -> None:
    (home / "records.jsonl.gz").write_bytes(gzip.compress(listing(1, "NORIMA watch").encode()))
    result = ipwatch("screen", "--watchlist", home / "lists", home / "records.jsonl.gz")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "compressed with gzip; unpack it first" in result.stderr


def test_a_halved_character_costs_no_hit_and_moves_no_span(home: Path) -> None:
    line = '{"marketplace":"m","listing_id":"1","title":"\\ud83d NORIMA watch"}'
    result = ipwatch("screen", "--watchlist", home / "lists", "-", stdin=line)
    assert result.exit_code == 0
    assert "line 1: title: repaired" in result.stderr
    (hit,) = lines(result)
    assert isinstance(hit["signals"], list)
    assert hit["signals"][0]["span"] == [2, 8]
