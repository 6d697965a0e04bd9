"""Each page for reviewers, rights holders and operators is there in English and in Japanese, and both say as much.

Equal are headings, fenced code but for comments, tables by their rows and columns, code within lines (options,
settings, file names) and the number of links.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
JAPANESE = DOCS / "ja"
ENGLISH = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted(DOCS.glob("*.md"))]

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_COMMENT = re.compile(r"\s+#\s.*$", re.MULTILINE)


@dataclass(frozen=True)
class Shape:
    """What a page and its translation have in common."""

    headings: list[int]
    code: list[tuple[str, str]]
    tables: list[tuple[int, int]]
    words: set[str]
    links: int


def shape(page: str) -> Shape:
    """Return what must be equal in every language; the link to the other language is not counted."""
    prose = _FENCE.sub("", page)
    return Shape(
        headings=[len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)],
        code=[(kind, _COMMENT.sub("", block)) for kind, block in _FENCE.findall(page)],
        tables=_tables(prose),
        words={" ".join(word.split()) for word in _INLINE.findall(prose)},
        links=len(_LINK.findall(prose)),
    )


def _tables(prose: str) -> list[tuple[int, int]]:
    """Return rows and columns of each table."""
    blocks = re.findall(r"(?:^ *\|.*\n)+", prose + "\n", re.MULTILINE)
    return [(len(rows := block.strip().splitlines()), rows[0].count("|")) for block in blocks]


def counterpart(page: Path) -> Path:
    """Return the Japanese page of an English one."""
    return JAPANESE / page.name


@pytest.mark.parametrize("page", ENGLISH, ids=lambda page: page.name)
def test_a_page_is_there_in_both_languages_and_says_as_much(page: Path) -> None:
    assert counterpart(page).is_file(), f"{page.name} has no Japanese page in docs/ja"
    english = shape(page.read_text(encoding="utf-8"))
    japanese = shape(counterpart(page).read_text(encoding="utf-8"))
    assert japanese.headings == english.headings
    assert japanese.code == english.code
    assert japanese.tables == english.tables
    assert sorted(japanese.words ^ english.words) == []
    assert japanese.links == english.links


@pytest.mark.parametrize("page", ENGLISH, ids=lambda page: page.name)
def test_each_leads_to_the_other_below_its_title(page: Path) -> None:
    for here, there in ((page, counterpart(page)), (counterpart(page), page)):
        below_title = here.read_text(encoding="utf-8").splitlines()[2]
        targets = [(here.parent / target).resolve() for target in _LINK.findall(below_title)]
        assert targets == [there], f"{here}: line 3 links to {there.name} alone"


@pytest.mark.parametrize("page", sorted(JAPANESE.glob("*.md")), ids=lambda page: page.name)
def test_a_japanese_page_leads_to_japanese_pages(page: Path) -> None:
    body = "\n".join(page.read_text(encoding="utf-8").splitlines()[3:])
    targets = {
        (page.parent / target.partition("#")[0]).resolve() for target in _LINK.findall(body) if "://" not in target
    }
    assert not {target for target in targets if target in ENGLISH}


@pytest.mark.parametrize("page", sorted(JAPANESE.glob("*.md")), ids=lambda page: page.name)
def test_a_japanese_page_is_written_in_japanese(page: Path) -> None:
    prose = _INLINE.sub("", _FENCE.sub("", page.read_text(encoding="utf-8")))
    for paragraph in re.split(r"\n\s*\n", prose):
        letters = re.findall(r"[A-Za-z]{2,}", re.sub(r"\([^)\s]+\)", "", paragraph))
        if len(letters) > 12:
            assert re.search(r"[ぁ-ん]", paragraph), paragraph


def test_there_is_no_japanese_page_without_an_english_one() -> None:
    assert {page.name for page in JAPANESE.glob("*.md")} <= {page.name for page in ENGLISH}


PAGE = """# A

[日本語](ja/a.md)

See `--once` and [b](b.md).

| a | b |
| --- | --- |
| 1 | 2 |

```sh
run  # now
```
"""


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("# A\n", "# A\n\n## B\n"),
        ("| 1 | 2 |\n", ""),
        ("`--once`", "`--once` `--seed`"),
        ("run ", "walk "),
        ("[b](b.md)", "b"),
    ],
)
def test_what_is_left_out_shows(part: str, instead: str) -> None:
    assert shape(PAGE.replace(part, instead, 1)) != shape(PAGE)
    assert shape(PAGE.replace("# now", "# 今")) == shape(PAGE)
