from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from ipwatch.errors import WatchlistError
from ipwatch.records import (
    AuthorisedSeller,
    Depth,
    Holder,
    HolderKind,
    PriceBand,
    Right,
    RightKind,
    SecondHand,
    SellerAccount,
    WatchedMark,
)
from ipwatch.watchlists import check_watchlist, check_watchlists, load_watchlist, load_watchlists

FULL = """\
schema = 1
[holder]
id = "kasumi-textile"
name_ja = "霞織物組合"
name_en = "Kasumi Textile Association"
kind = "regional"
prefecture = "JP-38"
[[marks]]
id = "kasumi-towel"
text = "霞タオル"
readings = ["カスミタオル"]
variants = ["Kasumi Towel", "霞毛巾"]
kind = "regional_collective_mark"
nice_classes = [24]
images = ["kasumi-textile/logo.png"]
exclude_images = ["kasumi-textile/soon.svg"]
vienna_codes = ["26.01.01", "5.7"]
goods_terms = ["タオル", "towel", "毛巾"]
exclude_terms = ["霞ヶ浦"]
genuine_price_jpy = {min = 500, max = 20000}
rights = [{office = "JP", kind = "trademark", number = "0060813", expires = 2027-07-06}]
authorised_sellers = [{marketplace = "rakuten", id = "example-shop", until = 2027-03-31}]
threshold = 0.7
licensees = ["霞紡績"]
own_products = ["978-4-08-*", "４９０１２３４５６７８９４", "4-08-872509-3", "wh-1000XM＊"]
unlicensed_goods = ["抱き枕"]
official_sellers = [{marketplace = "rakuten", id = "kasumi-official"}]
deny_sellers = [{marketplace = "ebay", id = "kasumi-copies"}]
second_hand = "rank"
depth = "broad"
"""

SMALL = """\
schema = 1
[holder]
id = "{id}"
name_ja = "霞"
name_en = "Kasumi"
kind = "company"
[[marks]]
id = "kasumi"
text = "霞印"
kind = "trademark"
"""


def write(directory: Path, name: str, text: str) -> Path:
    path = directory / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def full(directory: Path, text: str = FULL) -> Path:
    (directory / "kasumi-textile").mkdir()
    (directory / "kasumi-textile" / "logo.png").write_bytes(b"picture")
    (directory / "kasumi-textile" / "soon.svg").write_bytes(b"<svg/>")
    return write(directory, "kasumi-textile.toml", text)


def test_every_key_of_the_contract_reaches_the_records(tmp_path: Path) -> None:
    watchlist = load_watchlist(full(tmp_path))
    assert watchlist.holder == Holder(
        id="kasumi-textile",
        name_ja="霞織物組合",
        name_en="Kasumi Textile Association",
        kind=HolderKind.REGIONAL,
        prefecture="JP-38",
    )
    assert watchlist.marks == (
        WatchedMark(
            watchlist="kasumi-textile",
            id="kasumi-towel",
            text="霞タオル",
            kind=RightKind.REGIONAL_COLLECTIVE_MARK,
            readings=("カスミタオル",),
            variants=("Kasumi Towel", "霞毛巾"),
            nice_classes=(24,),
            images=(tmp_path / "kasumi-textile" / "logo.png",),
            exclude_images=(tmp_path / "kasumi-textile" / "soon.svg",),
            vienna_codes=("26.1.1", "5.7"),
            goods_terms=("タオル", "towel", "毛巾"),
            exclude_terms=("霞ヶ浦",),
            genuine_price_jpy=PriceBand(min=500, max=20000),
            rights=(Right(office="JP", kind=RightKind.TRADEMARK, number="0060813", expires=date(2027, 7, 6)),),
            authorised_sellers=(AuthorisedSeller(marketplace="rakuten", id="example-shop", until=date(2027, 3, 31)),),
            official_sellers=(SellerAccount(marketplace="rakuten", id="kasumi-official"),),
            deny_sellers=(SellerAccount(marketplace="ebay", id="kasumi-copies"),),
            licensees=("霞紡績",),
            own_products=("978408*", "4901234567894", "9784088725093", "wh-1000XM*"),
            unlicensed_goods=("抱き枕",),
            second_hand=SecondHand.RANK,
            depth=Depth.BROAD,
            threshold=0.7,
            holder_names=("霞織物組合", "Kasumi Textile Association"),
        ),
    )
    assert watchlist.marks[0].key == "kasumi-textile/kasumi-towel"


def test_the_hash_is_of_the_bytes_of_the_file(tmp_path: Path) -> None:
    path = full(tmp_path)
    assert load_watchlist(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_windows_line_ends_change_nothing_but_the_hash(tmp_path: Path) -> None:
    unix = load_watchlist(full(tmp_path))
    windows = load_watchlist(write(tmp_path, "kasumi-textile.toml", FULL.replace("\n", "\r\n")))
    assert windows.marks == unix.marks
    assert windows.sha256 != unix.sha256


def test_optional_keys_may_be_left_out(tmp_path: Path) -> None:
    mark = load_watchlist(write(tmp_path, "kasumi.toml", SMALL.format(id="kasumi"))).marks[0]
    assert (mark.readings, mark.variants, mark.nice_classes, mark.rights, mark.threshold) == ((), (), (), (), None)


FOR_ALL = """\
licensees = ["メガハウス", "霞紡績"]
own_products = ["978-4-08-*"]
unlicensed_goods = ["抱き枕"]
official_sellers = [{marketplace = "rakuten", id = "kasumi"}]
deny_sellers = [{marketplace = "ebay", id = "copies"}]
second_hand = "ignore"
depth = "strict"
"""


def test_what_the_holder_says_holds_for_every_mark_and_a_mark_may_say_more(tmp_path: Path) -> None:
    text = SMALL.format(id="a").replace("[[marks]]", f"{FOR_ALL}[[marks]]") + (
        'licensees = ["ﾒｶﾞﾊｳｽ", "バンダイ"]\n'
        'own_products = ["WH-1000XM5", "９７８４０８＊"]\n'
        'official_sellers = [{marketplace = "ebay", id = "kasumi"}, {marketplace = "rakuten", id = "kasumi"}]\n'
        'second_hand = "watch"\n'
        '[[marks]]\nid = "other"\ntext = "雲印"\nkind = "design"\ndepth = "broad"\n'
    )
    first, second = load_watchlist(write(tmp_path, "a.toml", text)).marks
    rakuten, ebay = (SellerAccount(marketplace=name, id="kasumi") for name in ("rakuten", "ebay"))
    copies = SellerAccount(marketplace="ebay", id="copies")
    assert first.licensees == ("ﾒｶﾞﾊｳｽ", "バンダイ", "霞紡績")
    assert first.own_products == ("WH-1000XM5", "978408*")
    assert first.official_sellers == (ebay, rakuten)
    assert (first.second_hand, first.depth) == (SecondHand.WATCH, Depth.STRICT)
    assert second.licensees == ("メガハウス", "霞紡績")
    assert second.own_products == ("978408*",)
    assert second.official_sellers == (rakuten,)
    assert (second.second_hand, second.depth) == (SecondHand.IGNORE, Depth.BROAD)
    for mark in (first, second):
        assert (mark.unlicensed_goods, mark.deny_sellers) == (("抱き枕",), (copies,))


def test_nothing_is_made_up_for_a_holder_who_says_nothing(tmp_path: Path) -> None:
    mark = load_watchlist(write(tmp_path, "kasumi.toml", SMALL.format(id="kasumi"))).marks[0]
    assert (mark.licensees, mark.own_products, mark.unlicensed_goods) == ((), (), ())
    assert (mark.official_sellers, mark.deny_sellers, mark.second_hand, mark.depth) == ((), (), None, None)


def test_a_folder_stands_for_its_toml_files_by_name(tmp_path: Path) -> None:
    for name in ("b", "a"):
        write(tmp_path, f"{name}.toml", SMALL.format(id=name))
    write(tmp_path, "notes.txt", "not a watchlist")
    write(tmp_path, "._a.toml", "left by another system")
    assert [each.holder.id for each in load_watchlists([tmp_path])] == ["a", "b"]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, "a.toml", SMALL.format(id="a"))
    assert len(load_watchlists([path, tmp_path])) == 1


def test_two_files_of_one_holder_are_refused_and_both_are_named(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    for directory in (first, second):
        directory.mkdir()
        write(directory, "a.toml", SMALL.format(id="a"))
    with pytest.raises(WatchlistError) as caught:
        load_watchlists([first, second])
    assert caught.value.problems == (
        (
            f"{second / 'a.toml'}: holder.id: 'a' is also the holder of {first / 'a.toml'}; "
            "join the two files, or rename one and its id"
        ),
    )


def test_the_errors_of_all_files_are_reported_together_and_the_good_ones_kept(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", SMALL.format(id="a"))
    write(tmp_path, "b.toml", SMALL.format(id="x"))
    write(tmp_path, "c.toml", "schema = ")
    checked, problems = check_watchlists([tmp_path])
    assert [each.watchlist.holder.id for each in checked] == ["a"]
    assert [problem.split(":")[0].rsplit("/")[-1] for problem in problems] == ["b.toml", "c.toml"]
    with pytest.raises(WatchlistError) as caught:
        load_watchlists([tmp_path])
    assert caught.value.problems == problems


def test_an_empty_folder_is_no_silent_success(tmp_path: Path) -> None:
    with pytest.raises(WatchlistError, match="there is no watchlist"):
        load_watchlists([tmp_path])


@pytest.mark.parametrize(
    ("day", "expected_keys"),
    [
        (date(2027, 3, 31), []),
        (date(2027, 4, 1), ["authorised_sellers[0].until"]),
        (date(2027, 7, 6), ["authorised_sellers[0].until"]),
        (date(2027, 7, 7), ["rights[0].expires", "authorised_sellers[0].until"]),
    ],
)
def test_a_term_that_has_ended_is_a_warning_from_the_day_after_its_last(
    tmp_path: Path, day: date, expected_keys: list[str]
) -> None:
    warnings = check_watchlist(full(tmp_path), as_of=day).warnings
    assert [warning.split(": ")[1] for warning in warnings] == [f"marks[0].{key}" for key in expected_keys]


def test_no_term_is_judged_without_a_day(tmp_path: Path) -> None:
    assert check_watchlist(full(tmp_path)).warnings == ()


def test_doubtful_forms_are_warnings(tmp_path: Path) -> None:
    text = (
        SMALL.format(id="a")
        + 'variants = ["霞", "Kasumi", "KASUMI"]\n[[marks]]\nid = "b"\ntext = "kasumi"\nkind = "design"\n'
    )
    path = write(tmp_path, "a.toml", text)
    assert check_watchlist(path).warnings == (
        f"{path}:11: marks[0].variants[0]: '霞' is one character and is found nearly everywhere; use a longer variant",
        f"{path}:11: marks[0].variants[2]: 'KASUMI' differs from 'Kasumi' in capitals only; one is enough",
        f"{path}:14: marks[1].text: 'kasumi' is also a variant of the mark 'kasumi'; keep it in one mark",
    )
