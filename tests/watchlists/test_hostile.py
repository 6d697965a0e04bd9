from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path

import pytest

from ipwatch.errors import WatchlistError
from ipwatch.watchlists import check_watchlists, load_watchlist, load_watchlists

HEAD = 'schema = 1\n[holder]\nid = "kasumi"\nname_ja = "霞"\nname_en = "Kasumi"\nkind = "company"\n'
MARK = '[[marks]]\nid = "kasumi"\ntext = "霞印"\nkind = "trademark"\n'


def refusal(path: Path) -> tuple[str, ...]:
    with pytest.raises(WatchlistError) as caught:
        load_watchlist(path)
    assert all(str(path) in problem for problem in caught.value.problems)
    return caught.value.problems


def written(directory: Path, text: str | bytes) -> Path:
    path = directory / "kasumi.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the key 'schema' is missing"),
        (b"\0" * 100, "not valid TOML"),
        (b"# " + b"x" * 1_000_001, "has more than 1,000,000 bytes; split it, one file for each holder"),
        (b"a = " + b"[\n" * 50_000 + b"]\n" * 50_000, "lists stand in lists too deeply"),
        (b"a = " + b"{b=" * 900 + b"1" + b"}" * 900, "lists stand in lists too deeply"),
        (b"a" + b".a" * 400_000 + b" = 1", "the line has more than 4,000 characters; break it in two"),
        (b"".join(b"k%d" % n + b".a" * 1_900 + b" = 1\n" for n in range(250)), "the line has more than 100 dots"),
        (b"".join(b"k%d" % n + b".a" * 100 + b" = 1\n" for n in range(1_000)), "unknown key 'k0'"),
        (b"a = " + b"9" * 3_900, "unknown key 'a'"),
        (b"schema = 1\nschema = 1\n", "the key is in its table twice"),
        ("\u202eschema = 1".encode(), "not valid TOML"),
    ],
    ids=[
        "empty",
        "nul",
        "huge",
        "deep-lists",
        "deep-tables",
        "dotted",
        "dots",
        "fewer-dots",
        "big-int",
        "twice",
        "bidi",
    ],
)
def test_a_hostile_file_is_refused_quickly_with_its_reason(tmp_path: Path, content: bytes, expected: str) -> None:
    started = time.perf_counter()
    assert any(expected in problem for problem in refusal(written(tmp_path, content)))
    assert time.perf_counter() - started < 10


def test_thousands_of_errors_are_reported_up_to_a_limit(tmp_path: Path) -> None:
    problems = refusal(written(tmp_path, HEAD + "".join(f'[[marks]]\nid = "m{n}"\n' for n in range(400))))
    assert len(problems) == 101
    assert problems[-1].endswith("700 more errors are not shown; fix these first")


def test_too_many_marks_and_variants_are_refused_clearly(tmp_path: Path) -> None:
    marks = "".join(f'[[marks]]\nid = "m{n}"\ntext = "t{n}"\nkind = "design"\n' for n in range(501))
    assert refusal(written(tmp_path, HEAD + marks)) == (
        (
            f"{tmp_path / 'kasumi.toml'}:7: marks: holds more than 500 entries; keep the 500 that matter most, "
            "or split the file by holder (500 marks a file)"
        ),
    )
    variants = "variants = [\n" + "".join(f'"v{n}",\n' for n in range(10_000)) + "]\n"
    assert refusal(written(tmp_path, HEAD + MARK + variants)) == (
        f"{tmp_path / 'kasumi.toml'}:11: marks[0].variants: holds more than 100 entries; keep the 100 that matter most",
    )


@pytest.mark.parametrize("name", ["../secret.png", "/etc/logo.png", "a/../../b.png", "C:/logo.png", "a\\\\b.png"])
def test_a_picture_outside_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path.parent / "secret.png").write_bytes(b"secret")
    for key in ("images", "exclude_images"):
        problems = refusal(written(tmp_path, HEAD + MARK + f'{key} = ["{name}"]\n'))
        assert len(problems) == 1
        assert f"{key}[0]" in problems[0]
        assert "leads out of the watchlist's folder" in problems[0]


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.png").write_bytes(b"secret")
    (inside / "logo.png").symlink_to(outside / "secret.png")
    (inside / "folder").symlink_to(outside)
    path = written(inside, HEAD + MARK + 'images = ["logo.png", "folder/secret.png"]\n')
    problems = refusal(path)
    assert [problem.split(": ")[1] for problem in problems] == ["marks[0].images[0]", "marks[0].images[1]"]
    assert all("is a link that leads out" in problem for problem in problems)


def test_a_picture_that_is_not_there_or_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "logo.tiff").write_bytes(b"II*")
    (tmp_path / "folder.png").mkdir()
    path = written(tmp_path, HEAD + MARK + 'images = ["none.png", "logo.tiff", "folder.png"]\n')
    first, second, third = refusal(path)
    assert f"there is no picture 'none.png' below {tmp_path}" in first
    assert "'logo.tiff' is not a picture we read; save it as PNG or JPEG" in second
    assert "there is no picture 'folder.png'" in third


def test_a_picture_of_the_mark_is_not_excluded(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"picture")
    path = written(tmp_path, HEAD + MARK + 'images = ["logo.png"]\nexclude_images = ["./logo.png"]\n')
    (problem,) = refusal(path)
    assert "marks[0].exclude_images: './logo.png' is also among the images of the mark; delete it from one" in problem


def test_what_is_no_plain_file_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "kasumi.toml"
    os.mkfifo(pipe)
    assert refusal(pipe) == (f"{pipe}: there is no such file; check the path",)
    other = tmp_path / "kasumi.yaml"
    other.write_text("schema: 1")
    assert refusal(other) == (f"{other}: a watchlist is a TOML file; give it a name that ends in .toml",)


def test_a_watchlist_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(WatchlistError, match="there is no such file"):
        load_watchlists([tmp_path / "none.toml"])


def test_a_link_that_leads_in_a_ring_is_a_problem_and_the_other_lists_are_read(tmp_path: Path) -> None:
    written(tmp_path, HEAD + MARK)
    (tmp_path / "ring.toml").symlink_to("ring.toml")
    checked, problems = check_watchlists([tmp_path], as_of=date(2026, 11, 22))
    assert [each.path.name for each in checked] == ["kasumi.toml"]
    assert [str(tmp_path / "ring.toml") in problem for problem in problems] == [True]


def test_a_picture_that_is_a_ring_of_links_or_of_an_unread_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ring.png").symlink_to("ring.png")
    (tmp_path / "logo.tif").write_bytes(b"II*\x00")
    for name, expected in (("ring.png", "there is no picture"), ("logo.tif", "save it as PNG or JPEG")):
        (problem,) = refusal(written(tmp_path, HEAD + MARK + f'images = ["{name}"]\n'))
        assert expected in problem


HOSTILE_NUMBERS = [
    "9" * 200,
    "9-" * 99 + "9",
    "-" * 200,
    "*" * 200,
    "9" * 199 + "*",
    "٤٩٠١٢٣٤٥٦٧٨٩٤",
    "²²²²²²²²",
    "𝟒𝟗𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗𝟎",
    "49012345\u200b67894",
    "978‐4‐08‐872509‐X",
    "ISBN",
    "ISBN-13: ",
    "ﷺ*",
    "A" * 199 + "・",
    "' OR 1=1 --",
    "../../x",
]


@pytest.mark.parametrize("number", HOSTILE_NUMBERS, ids=range(len(HOSTILE_NUMBERS)))
@pytest.mark.parametrize("where", ["holder", "mark"])
def test_a_hostile_number_of_a_product_is_refused_with_its_place(tmp_path: Path, number: str, where: str) -> None:
    statement = f'own_products = ["{number}"]\n'
    text = f"{HEAD}{statement}{MARK}" if where == "holder" else f"{HEAD}{MARK}{statement}"
    (problem,) = refusal(written(tmp_path, text))
    line, key = (7, "holder") if where == "holder" else (11, "marks[0]")
    assert problem.startswith(f"{tmp_path / 'kasumi.toml'}:{line}: {key}.own_products[0]: ")


def test_thousands_of_entries_of_lawful_trade_are_refused_and_as_many_as_allowed_read_quickly(tmp_path: Path) -> None:
    started = time.process_time()
    limits = {"licensees": 200, "own_products": 1_000, "unlicensed_goods": 200}
    for key, limit in limits.items():
        for count in (limit, limit + 1):
            entries = "".join(f'"K{number}",\n' for number in range(count))
            path = written(tmp_path, f"{HEAD}{MARK}{key} = [\n{entries}]\n")
            if count == limit:
                assert len(getattr(load_watchlist(path).marks[0], key)) == limit
                continue
            (problem,) = refusal(path)
            assert f"marks[0].{key}: holds more than {limit} entries" in problem
    for key in ("official_sellers", "deny_sellers"):
        entries = "".join(f'{{marketplace = "rakuten", id = "s{number}"}},\n' for number in range(1_001))
        (problem,) = refusal(written(tmp_path, f"{HEAD}{MARK}{key} = [\n{entries}]\n"))
        assert f"marks[0].{key}: holds more than 1000 entries" in problem
    assert time.process_time() - started < 10


def test_a_list_that_says_as_much_as_it_may_for_all_its_marks_is_checked_quickly(tmp_path: Path) -> None:
    started = time.process_time()
    accounts = "".join(f'{{marketplace = "rakuten", id = "s{number}"}},\n' for number in range(1_000))
    names = "".join(f'"霞{number}",\n' for number in range(200))
    statements = (
        f"official_sellers = [\n{accounts}]\ndeny_sellers = [\n{accounts}]\n"
        f'licensees = [\n{names}]\nunlicensed_goods = [\n{names}]\nsecond_hand = "watch"\n'
    )
    marks = "".join(f'[[marks]]\nid = "m{n}"\ntext = "霞{n}"\nkind = "design"\n' for n in range(500))
    (checked,), problems = check_watchlists([written(tmp_path, f"{HEAD}{statements}{marks}")])
    assert problems == ()
    assert len(checked.warnings) == 1_000 + 2 * 200 + 1
    assert len(checked.watchlist.marks[0].official_sellers) == 1_000
    assert time.process_time() - started < 10
