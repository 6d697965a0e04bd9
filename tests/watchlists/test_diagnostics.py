from __future__ import annotations

from pathlib import Path

import pytest

from ipwatch.errors import WatchlistError
from ipwatch.terms import in_language
from ipwatch.watchlists import load_watchlist

BASE = """\
schema = 1
[holder]
id = "kasumi"
name_ja = "霞"
name_en = "Kasumi"
kind = "company"
[[marks]]
id = "kasumi"
text = "霞印"
kind = "trademark"
readings = ["カスミ"]
nice_classes = [24]
"""


def problems_of(directory: Path, content: str | bytes) -> tuple[Path, tuple[str, ...]]:
    path = directory / "kasumi.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(WatchlistError) as caught:
        load_watchlist(path)
    return path, caught.value.problems


ONE_KEY = [
    ("schema = 1", "schema = 2", 1, "schema", "2 is not a version we read; write schema = 1"),
    ("schema = 1\n", "", 1, "", "the key 'schema' is missing; add schema = 1"),
    (
        'id = "kasumi"',
        'id = "Kasumi Co"',
        3,
        "holder.id",
        "'Kasumi Co' is not an id; use small letters a-z, digits and hyphens, such as 'imabari-towel'",
    ),
    (
        'id = "kasumi"',
        'id = "other"',
        3,
        "holder.id",
        "'other' is not the name of the file; write id = \"kasumi\", or call it other.toml",
    ),
    ('id = "kasumi"', "id = 2024", 3, "holder.id", '2024 is not text; quote it, id = "..."'),
    (
        'kind = "company"',
        'kind = "compnay"',
        6,
        "holder.kind",
        "'compnay' is not known; did you mean 'company'? write one of: company, regional, content, public",
    ),
    (
        'kind = "company"',
        'kind = "company"\nprefecture = "JP-48"',
        7,
        "holder.prefecture",
        "'JP-48' is no prefecture; write the ISO 3166-2 code, 'JP-01' (北海道) to 'JP-47' (沖縄県)",
    ),
    (
        'name_en = "Kasumi"\n',
        "",
        2,
        "holder",
        "the key 'name_en' is missing; add name_en = \"Imabari Towel Industry Association\"",
    ),
    (
        'readings = ["カスミ"]',
        'reading = ["カスミ"]',
        11,
        "marks[0].reading",
        "unknown key 'reading'; did you mean 'readings'?",
    ),
    (
        'readings = ["カスミ"]',
        'prefecture = "JP-01"',
        11,
        "marks[0].prefecture",
        "unknown key 'prefecture'; it belongs in [holder]",
    ),
    (
        'readings = ["カスミ"]',
        'readings = ["カスミ", "かすみ"]',
        11,
        "marks[0].readings[1]",
        "'かすみ' is not a reading; write how it sounds in katakana, such as 'カスミ'",
    ),
    (
        'readings = ["カスミ"]',
        'readings = ["霞"]',
        11,
        "marks[0].readings[0]",
        "'霞' is not a reading; write how it sounds in katakana, such as 'イマバリタオル'",
    ),
    (
        'readings = ["カスミ"]',
        'readings = "カスミ"',
        11,
        "marks[0].readings",
        "'カスミ' is not a list; put it in square brackets, readings = [ ... ]",
    ),
    ('text = "霞印"', 'text = ""', 9, "marks[0].text", "is empty; write a text, or delete the key"),
    (
        'text = "霞印"',
        'text = " 霞印"',
        9,
        "marks[0].text",
        "' 霞印' begins or ends with a space; delete the space",
    ),
    (
        'text = "霞印"',
        'text = "霞\u202e印"',
        9,
        "marks[0].text",
        "holds the invisible control character U+202E; type the text again instead of pasting it",
    ),
    (
        'text = "霞印"',
        'text = "か\u3099すみ"',
        9,
        "marks[0].text",
        "is not in Unicode form NFC (accents or dakuten are separate characters); type it again as 'がすみ'",
    ),
    (
        'kind = "trademark"',
        'kind = "brand"',
        10,
        "marks[0].kind",
        (
            "'brand' is not known; write one of: trademark, collective_mark, regional_collective_mark, "
            "geographical_indication, plant_variety, design, copyright_work"
        ),
    ),
    (
        'readings = ["カスミ"]',
        'variants = ["Kasumi", "Ｋａｓｕｍｉ"]',
        11,
        "marks[0].variants",
        "'Ｋａｓｕｍｉ' means the same as 'Kasumi'; delete one of them",
    ),
    (
        'readings = ["カスミ"]',
        'variants = ["霞印"]',
        11,
        "marks[0].variants",
        "repeats the text '霞印' of the mark; delete it from the variants",
    ),
    (
        'readings = ["カスミ"]',
        'exclude_terms = ["霞印"]',
        11,
        "marks[0].exclude_terms",
        "excludes the mark '霞印' itself, so that nothing would ever be found; delete it",
    ),
    (
        "nice_classes = [24]",
        "nice_classes = [24, 46]",
        12,
        "marks[0].nice_classes[1]",
        "46 is out of range; write a number of at most 45",
    ),
    (
        "nice_classes = [24]",
        'nice_classes = ["24"]',
        12,
        "marks[0].nice_classes[0]",
        "'24' is not a plain number; write digits without quotes",
    ),
    (
        "nice_classes = [24]",
        "nice_classes = [24, 24]",
        12,
        "marks[0].nice_classes",
        "class 24 is listed twice; delete one",
    ),
    (
        'readings = ["カスミ"]',
        "genuine_price_jpy = {min = 500, max = 50}",
        11,
        "marks[0].genuine_price_jpy.max",
        "50 is less than min (500); exchange the two",
    ),
    (
        'readings = ["カスミ"]',
        "genuine_price_jpy = {min = -1}",
        11,
        "marks[0].genuine_price_jpy.min",
        "-1 is out of range; write a number of at least 0",
    ),
    (
        'readings = ["カスミ"]',
        "genuine_price_jpy = 500",
        11,
        "marks[0].genuine_price_jpy",
        "500 is not a table; write genuine_price_jpy = { ... } with keys below it",
    ),
    (
        'readings = ["カスミ"]',
        'rights = [{office = "JP", kind = "trademark", number = 5060813}]',
        11,
        "marks[0].rights[0].number",
        '5060813 is not text; quote it: leading zeros would be lost, number = "..."',
    ),
    (
        'readings = ["カスミ"]',
        'rights = [{office = "Japan", kind = "trademark"}]',
        11,
        "marks[0].rights[0].office",
        "'Japan' is no office; write its WIPO ST.3 code of two capitals, such as 'JP'",
    ),
    (
        'readings = ["カスミ"]',
        'rights = [\n {office = "US", kind = "design"},\n {office = "JP", kind = "design", expires = "2027-07-06"},\n]',
        13,
        "marks[0].rights[1].expires",
        "'2027-07-06' is not a date; write it without quotes and without a time, such as 2027-07-06",
    ),
    (
        'readings = ["カスミ"]',
        'rights = [{office = "JP", kind = "trademark", expires = 2027-07-06T00:00:00}]',
        11,
        "marks[0].rights[0].expires",
        "2027-07-06T00:00:00 is not a date; write it without quotes and without a time, such as 2027-07-06",
    ),
    (
        'readings = ["カスミ"]',
        'authorised_sellers = [{marketplace = "Rakuten Ichiba", id = "shop"}]',
        11,
        "marks[0].authorised_sellers[0].marketplace",
        "'Rakuten Ichiba' is no marketplace; write its name in small letters, such as 'rakuten'",
    ),
    (
        'readings = ["カスミ"]',
        "threshold = 70",
        11,
        "marks[0].threshold",
        "70 is out of range; write a number of at most 1",
    ),
    (
        'readings = ["カスミ"]',
        "threshold = nan",
        11,
        "marks[0].threshold",
        "nan is not a plain number; write digits without quotes",
    ),
    (
        'readings = ["カスミ"]',
        "threshold = true",
        11,
        "marks[0].threshold",
        "True is not a plain number; write digits without quotes",
    ),
    *(
        (
            "nice_classes = [24]",
            f'vienna_codes = ["{code}"]',
            12,
            "marks[0].vienna_codes[0]",
            f"{code!r} is no code of the Vienna Classification; write category, division and section, such as '26.1.1'",
        )
        for code in ("26", "30.1.1", "0.1.1", "26.0", "26.1.00", "26.1.1.1", "26-1-1", "２６.1.1", "260101")
    ),
    (
        "nice_classes = [24]",
        'vienna_codes = ["26.1.1", "26.01.01"]',
        12,
        "marks[0].vienna_codes",
        "'26.1.1' means the same as '26.1.1'; delete one of them",
    ),
    (
        "nice_classes = [24]",
        "vienna_codes = [26.1]",
        12,
        "marks[0].vienna_codes[0]",
        '26.1 is not text; quote it, vienna_codes = "..."',
    ),
    *(
        ('readings = ["カスミ"]', f'own_products = ["{value}"]', 11, "marks[0].own_products[0]", expected)
        for value, expected in (
            (
                "4901234567890",
                (
                    "'4901234567890' ends in 0, and its other digits ask for 4 (check digit); "
                    "compare the number with the product"
                ),
            ),
            (
                "4-08-872509-X",
                (
                    "'4-08-872509-X' ends in X, and its other digits ask for 3 (check digit); "
                    "compare the number with the product"
                ),
            ),
            (
                "490123456789",
                (
                    "'490123456789' has 12 digits, and a JAN has 13 or 8, an ISBN 13 or 10; "
                    "write all of them, or their beginning with a *"
                ),
            ),
            ("4901234567894*", "'4901234567894*' has all digits of a number before the *; delete the *"),
            ("978*4", "'978*4' has a * before its end; write * once, as the last character, such as '978-4-08-*'"),
            ("978**", "'978**' has a * before its end; write * once, as the last character, such as '978-4-08-*'"),
            (
                "*",
                "'*' covers every product there is; write the beginning of a number before the *, such as '978-4-08-*'",
            ),
            (
                "霞タオル",
                (
                    "'霞タオル' is neither a JAN or ISBN nor a model number; write Latin letters and digits, such as "
                    "'WH-1000XM5', or their beginning, such as 'WH-1000XM*'"
                ),
            ),
            (
                "4901234567894/4901234567900",
                (
                    "'4901234567894/4901234567900' is neither a JAN or ISBN nor a model number; write Latin letters "
                    "and digits, such as 'WH-1000XM5', or their beginning, such as 'WH-1000XM*'"
                ),
            ),
        )
    ),
    (
        'readings = ["カスミ"]',
        "own_products = [4901234567894]",
        11,
        "marks[0].own_products[0]",
        '4901234567894 is not text; quote it: leading zeros would be lost, own_products = "..."',
    ),
    (
        'readings = ["カスミ"]',
        'own_products = ["978-4-08-*", "978408*"]',
        11,
        "marks[0].own_products",
        "'978408*' means the same as '978408*'; delete one of them",
    ),
    (
        'readings = ["カスミ"]',
        'own_products = ["WH-1000XM5", "wh1000xm5"]',
        11,
        "marks[0].own_products",
        "'wh1000xm5' means the same as 'WH-1000XM5'; delete one of them",
    ),
    (
        'readings = ["カスミ"]',
        'licensees = ["メガハウス", "ﾒｶﾞﾊｳｽ"]',
        11,
        "marks[0].licensees",
        "'ﾒｶﾞﾊｳｽ' means the same as 'メガハウス'; delete one of them",
    ),
    (
        'readings = ["カスミ"]',
        'licencees = ["メガハウス"]',
        11,
        "marks[0].licencees",
        "unknown key 'licencees'; did you mean 'licensees'?",
    ),
    (
        'kind = "company"',
        'kind = "company"\ndenied_sellers = []',
        7,
        "holder.denied_sellers",
        "unknown key 'denied_sellers'; did you mean 'deny_sellers'?",
    ),
    (
        'kind = "company"',
        'kind = "company"\nauthorised_sellers = []',
        7,
        "holder.authorised_sellers",
        "unknown key 'authorised_sellers'; it belongs in [[marks]]",
    ),
    (
        'readings = ["カスミ"]',
        'unlicensed_goods = "抱き枕"',
        11,
        "marks[0].unlicensed_goods",
        "'抱き枕' is not a list; put it in square brackets, unlicensed_goods = [ ... ]",
    ),
    *(
        (
            'readings = ["カスミ"]',
            f'{key} = ["rakuten:shop"]',
            11,
            f"marks[0].{key}[0]",
            '\'rakuten:shop\' is not a seller; write {marketplace = "rakuten", id = "example-shop"}',
        )
        for key in ("official_sellers", "deny_sellers", "authorised_sellers")
    ),
    (
        'readings = ["カスミ"]',
        'official_sellers = [{marketplace = "rakuten", id = "shop", until = 2027-03-31}]',
        11,
        "marks[0].official_sellers[0].until",
        "unknown key 'until'; it belongs in an entry of authorised_sellers",
    ),
    (
        'readings = ["カスミ"]',
        'deny_sellers = [{id = "shop"}]',
        11,
        "marks[0].deny_sellers[0]",
        "the key 'marketplace' is missing; add marketplace = \"rakuten\"",
    ),
    (
        'readings = ["カスミ"]',
        'deny_sellers = [{marketplace = "ebay", id = "a"}, {marketplace = "ebay", id = "a"}]',
        11,
        "marks[0].deny_sellers",
        "'a' of ebay is listed twice; delete one of them",
    ),
    (
        'readings = ["カスミ"]',
        'second_hand = "wacth"',
        11,
        "marks[0].second_hand",
        "'wacth' is not known; did you mean 'watch'? write one of: watch, rank, ignore",
    ),
    (
        'kind = "company"',
        'kind = "company"\ndepth = "all"',
        7,
        "holder.depth",
        "'all' is not known; write one of: strict, normal, broad",
    ),
    (
        'kind = "company"',
        'kind = "company"\nown_products = [\n"978-4-08-*",\n"9784088725090"]',
        9,
        "holder.own_products[1]",
        "'9784088725090' ends in 0, and its other digits ask for 3 (check digit); compare the number with the product",
    ),
    ("[[marks]]", "[marks]", 7, "marks", "is a single table; write [[marks]] with two brackets before each mark"),
    (
        'readings = ["カスミ"]',
        '[[marks]]\nid = "kasumi"\ntext = "別印"\nkind = "design"',
        12,
        "marks[1].id",
        "'kasumi' is the id of an earlier mark of this file; give each mark an id of its own",
    ),
]


@pytest.mark.parametrize("case", ONE_KEY, ids=[f"{case[3]}-{number}" for number, case in enumerate(ONE_KEY)])
def test_an_error_is_reported_with_file_line_key_and_fix(tmp_path: Path, case: tuple[str, str, int, str, str]) -> None:
    old, new, line, key, expected = case
    path, problems = problems_of(tmp_path, BASE.replace(old, new, 1))
    assert list(problems) == [f"{path}:{line}: {key}: {expected}" if key else f"{path}:{line}: {expected}"]


def test_every_error_of_what_is_lawful_is_reported_at_once_in_both_languages(tmp_path: Path) -> None:
    statements = (
        'licensees = ["", "霞\u202e紡績"]\nown_products = ["*", "4901234567890"]\nunlicensed_goods = [1]\n'
        'official_sellers = [{}]\ndeny_sellers = "ebay"\nsecond_hand = "yes"\ndepth = 3\n'
    )
    _, problems = problems_of(tmp_path, BASE.replace("[[marks]]", f"{statements}[[marks]]") + statements)
    keys = [problem.split(": ")[1].rsplit(".", 1) for problem in problems]
    fields = [key for table, key in keys if table == "holder"]
    assert sorted(fields) == sorted(key for table, key in keys if table == "marks[0]")
    assert len(fields) == len(problems) / 2 == 10
    for problem in problems:
        assert in_language(problem, "ja") != problem


SYNTAX = [
    ('kind = "company"', "kind = “company”", 6, "the line holds the full-width character '“'"),
    ('kind = "company"', 'kind ＝ "company"', 6, "the line holds the full-width character '＝'"),
    ('kind = "company"', "kind = company", 6, 'put text in straight double quotes: key = "value"'),
    ('kind = "company"', 'kind = "company', 6, "close the quote before the end of the line"),
    ('kind = "company"', 'kind = "company"\nkind = "public"', 7, "the key is in its table twice; delete one"),
    ('kind = "company"', 'kind = "company"\n[holder]', 7, "the table is there twice; delete one"),
    (
        "nice_classes = [24]",
        'rights = [{office = "JP", kind = "trademark", number = 0123}]',
        12,
        "quote the number: leading zeros would be lost",
    ),
    ("nice_classes = [24]", 'images = ["kasumi\\logo.png"]', 12, "write / instead of"),
    ("nice_classes = [24]", "nice_classes = [24", 12, "close the list with ]"),
    ("nice_classes = [24]", 'rights = [{office = "JP", expires = 2027-02-30}]', 12, "not valid TOML"),
    ("nice_classes = [24]", "a\0b = 1", 12, "the line holds the control character U+0000; delete it"),
    ("nice_classes = [24]", "nice_classes 24", 12, "write key = value"),
]


@pytest.mark.parametrize(("old", "new", "line", "fix"), SYNTAX, ids=range(len(SYNTAX)))
def test_what_is_not_toml_is_reported_with_line_and_likely_fix(
    tmp_path: Path, old: str, new: str, line: int, fix: str
) -> None:
    path, problems = problems_of(tmp_path, BASE.replace(old, new, 1))
    assert len(problems) == 1
    assert problems[0].startswith(f"{path}:{line}:")
    assert fix in problems[0]


def test_windows_line_ends_are_no_fault_of_a_line_that_has_another(tmp_path: Path) -> None:
    text = BASE.replace('kind = "company"', "kind = company").replace("\n", "\r\n")
    path, problems = problems_of(tmp_path, text)
    assert problems == (
        f'{path}:6: not valid TOML at column 8 (Invalid value); put text in straight double quotes: key = "value"',
    )


def test_every_error_of_a_file_is_reported_at_once_in_the_order_of_its_lines(tmp_path: Path) -> None:
    text = (
        BASE.replace("schema = 1", "schema = 3")
        .replace('kind = "company"', 'kind = "firm"')
        .replace('"カスミ"', '"kasumi"')
        .replace("[24]", "[0, 99]")
    )
    path, problems = problems_of(tmp_path, text)
    assert [problem.split(": ")[:2] for problem in problems] == [
        [f"{path}:1", "schema"],
        [f"{path}:6", "holder.kind"],
        [f"{path}:11", "marks[0].readings[0]"],
        [f"{path}:12", "marks[0].nice_classes[0]"],
        [f"{path}:12", "marks[0].nice_classes[1]"],
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbf" + BASE.encode(), ":1: begins with a byte order mark (BOM)"),
        (BASE.encode("utf-16"), ":1: is encoded in UTF-16"),
        (BASE.encode("cp932"), ":4: is not UTF-8 but looks like Shift_JIS (cp932)"),
        (BASE.encode().replace(b"company", b"\xff\xff"), ":6: is not UTF-8 but looks like an encoding we do not know"),
    ],
    ids=["bom", "utf-16", "cp932", "noise"],
)
def test_another_encoding_is_reported_with_how_to_save_the_file(tmp_path: Path, content: bytes, expected: str) -> None:
    path, problems = problems_of(tmp_path, content)
    assert problems == (f"{path}{expected}; save it as UTF-8 without BOM (in Notepad: Save As, Encoding: UTF-8)",)
