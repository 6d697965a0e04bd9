"""Recall on decided look-alike domains, reasons for the misses, and the rate of flagged innocent hosts.

    python -m benchmarks.text.domains [--data DIR] [--hosts N] [--misses]

Reads the decided disputes (UDRP) in DIR/labelled and prints one JSON line. Every row is a watched mark with its domain.
A row counts as near where the domain, folded to letters and digits of ASCII, contains a spelling of the row's mark, or,
for spellings of five letters and more, a window within one edit (Levenshtein), two from ten letters, three from
fifteen and so on: a definition of its own, not the matcher's. Innocent hosts are SYNTHETIC: compounds of ordinary
English words, Japanese words and names in Latin letters, seeded, so their rates compare versions, not the real world.
Speed is measured with 1,000 marks, names of companies in both scripts. Times are CPU seconds of one process.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import jaconv
from rapidfuzz.distance import Levenshtein

from benchmarks.data.folders import SHARED, WATCHLISTS
from ipwatch.matching.hosts import read_host
from ipwatch.matching.screener import Screener
from ipwatch.records import HostName, RightKind, WatchedMark
from ipwatch.watchlists import load_watchlists

ON = date(2026, 11, 22)
LONG = 5
INNOCENT_BESIDE_ONE = 10
SPEED_HOSTS = 20_000
LEGAL_FORM = re.compile(r"\b(?:co|ltd|inc|corporation|corp|limited|company|holdings|k\.k)\b.*", re.IGNORECASE)

GIVEN = """
anna ben carla daniel emma felix george hannah ivan julia kevin laura maria nina oscar paul rosa simon tom vera
akira haruka hiroshi kenji keiko mariko naoki reiko sakura shinji takeshi yumi yuki aiko daisuke kazuo megumi
"""
FAMILY = """
smith jones brown miller davis wilson moore clark lewis walker young hall schmidt weber rossi dubois garcia silva
sato suzuki takahashi tanaka watanabe ito yamamoto nakamura kobayashi kato yoshida yamada sasaki inoue kimura
"""
ENDINGS = """
.com .com .com .com .com .net .org .jp .co.jp .de .co.uk .info .shop .xyz .online .fr .ne.jp .io .app .github.io
.myshopify.com
"""


@dataclass(frozen=True)
class Dispute:
    """A decided dispute: the host, and the spellings of the mark."""

    host: str
    spellings: tuple[str, ...]


def disputes(path: Path) -> tuple[list[Dispute], Counter[str]]:
    """Return the rows that can be judged, and how many were left out for which reason."""
    rows: list[Dispute] = []
    left_out: Counter[str] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            spellings = tuple(part.strip() for part in row["all_marks"].split("|") if part.strip())
            try:
                host = read_host(row["domain"])
            except ValueError:
                left_out["domain cannot be read"] += 1
                continue
            if spellings:
                rows.append(Dispute(host, spellings))
            else:
                left_out["no mark in the row"] += 1
    return rows, left_out


def ascii_letters(text: str) -> str:
    """Return the letters and digits of a text without accents; other scripts stay as they are."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def host_letters(host: str) -> str:
    """Return the letters of all labels but the last, encoded ones decoded."""
    labels = host.split(".")[:-1]
    read = (label[4:].encode().decode("punycode") if label.startswith("xn--") else label for label in labels)
    return ascii_letters("".join(read))


def nearness(dispute: Dispute) -> str | None:
    """Return ``contained`` or ``near`` by the definition above, or ``None``."""
    text = host_letters(dispute.host)
    folded = [letters for letters in map(ascii_letters, dispute.spellings) if len(letters) > 1]
    if any(letters in text for letters in folded):
        return "contained"
    return (
        "near"
        if any(len(letters) >= LONG and _near(letters, text, len(letters) // LONG) for letters in folded)
        else None
    )


def _near(letters: str, text: str, allowed: int) -> bool:
    return any(
        Levenshtein.distance(letters, text[start:end], score_cutoff=allowed) <= allowed
        for start in range(len(text))
        for end in range(start + len(letters) - allowed, min(len(text), start + len(letters) + allowed) + 1)
    )


def why_not_near(dispute: Dispute) -> str:
    """Return in a few words why the domain does not even nearly contain a spelling of the mark."""
    text = host_letters(dispute.host)
    folded = [letters for letters in map(ascii_letters, dispute.spellings) if letters.isascii()]
    words = {word for spelling in dispute.spellings for word in words_of(spelling) if len(word) >= LONG}
    if not folded:
        return "the mark is in another script"
    if any(word in text for word in words):
        return "one word of the mark, or its words in another order"
    if any(len(letters) >= LONG and _near(letters, text, 2 * (len(letters) // LONG) + 1) for letters in folded):
        return "more edits than one in five letters"
    if any(word[:LONG] in text for word in words):
        return "the mark is cut short"
    return "another name: a translation, a pun, or a mark that the row does not name"


def words_of(text: str) -> frozenset[str]:
    """Return the letters of a spelling and of each of its words."""
    return frozenset(map(ascii_letters, (text, *re.split(r"\W+", text))))


def marks_of(rows: Sequence[Dispute]) -> list[WatchedMark]:
    """Return one mark for each set of spellings, keyed by its number."""
    distinct = dict.fromkeys(row.spellings for row in rows)
    return [
        WatchedMark(
            watchlist="udrp", id=str(number), text=spellings[0], variants=spellings[1:], kind=RightKind.TRADEMARK
        )
        for number, spellings in enumerate(distinct)
    ]


def word_lists(data: Path, watched: frozenset[str]) -> tuple[list[str], list[str]]:
    """Return ordinary words in English, and Japanese names in Latin letters, from the shared lists.

    Names that hold a watched word of five letters and more are left out: they are the holder's own, or name it.
    """
    nice = (data / "registers/classification/nice_ncl10-2015_alphabetical.json").read_text("utf-8")
    english = sorted(set(re.findall(r"\b[a-z]{3,10}\b", nice)))
    with (data / "lists/edinet_companies_kanji_kana_en.csv").open(encoding="utf-8", newline="") as file:
        kana = [re.sub(r"カブシキガイシャ|\s", "", row["name_kana"]) for row in csv.DictReader(file)]
    romaji = (jaconv.kana2alphabet(jaconv.kata2hira(name)).replace("ー", "") for name in kana)
    names = {name for name in romaji if re.fullmatch(r"[a-z]{4,12}", name)}
    return english, sorted(name for name in names if not any(word in name for word in watched if len(word) >= LONG))


def invent_hosts(chance: random.Random, english: Sequence[str], romaji: Sequence[str], count: int) -> Iterator[str]:
    """Yield innocent hosts; the kinds of compounds are weighted."""
    given, family, endings = GIVEN.split(), FAMILY.split(), ENDINGS.split()

    def word() -> str:
        return chance.choice(english)

    kinds: dict[Callable[[], str], int] = {
        lambda: word() + word(): 30,
        lambda: f"{word()}-{word()}": 10,
        lambda: word() + word() + word(): 10,
        lambda: chance.choice(given) + chance.choice(family): 10,
        lambda: chance.choice(family) + word(): 10,
        lambda: chance.choice(romaji): 8,
        lambda: chance.choice(romaji) + word(): 7,
        lambda: f"{word()}{chance.randint(1, 2030)}": 5,
        word: 5,
        lambda: "".join(chance.choices("bcdfghjklmnprstvwz", k=chance.randint(3, 6))): 5,
    }
    for make in chance.choices(tuple(kinds), tuple(kinds.values()), k=count):
        below = chance.choice(("www.", "mail.", "dev.")) if chance.random() < 0.2 else ""
        yield below + make() + chance.choice(endings)


def company_marks(data: Path, count: int) -> list[WatchedMark]:
    """Return that many companies as marks: their Japanese names, and their English names without the legal form."""
    marks: list[WatchedMark] = []
    with (data / "lists/edinet_companies_kanji_kana_en.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            latin = LEGAL_FORM.sub("", row["name_en"]).strip(" ,.")
            japanese = re.sub(r"株式会社|\s", "", row["name_ja"])
            if len(latin) > 2 and japanese not in {"", latin}:
                marks.append(
                    WatchedMark(
                        watchlist="companies",
                        id=str(len(marks)),
                        text=japanese,
                        variants=(latin,),
                        kind=RightKind.TRADEMARK,
                    )
                )
    return marks[:count]


def speed(screener: Screener, hosts: Sequence[str]) -> int:
    """Return the hosts screened in a CPU second."""
    records = [HostName(host=host) for host in hosts]
    began = time.process_time()
    for _ in screener.screen(records, {}):
        pass
    return round(len(hosts) / (time.process_time() - began))


def noise(screener: Screener, hosts: Sequence[str], names: frozenset[str]) -> tuple[float, Counter[str]]:
    """Return flagged hosts per 100,000, and how many by mark; those with a name as a label left out."""
    flagged: dict[str, str] = {}
    for finding in screener.screen([HostName(host=host) for host in hosts], {}):
        flagged.setdefault(finding.subject, finding.mark)
    innocent = {subject: mark for subject, mark in flagged.items() if not _names(subject, names)}
    return 100_000 * len(innocent) / len(hosts), Counter(innocent.values())


def _names(subject: str, names: frozenset[str]) -> bool:
    return any(part in names for part in re.split(r"[.:-]", subject))


def main() -> None:
    """Print the figures as one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--hosts", type=int, default=100_000)
    parser.add_argument("--misses", action="store_true", help="print the rows that were not found as well")
    options = parser.parse_args()
    rows, left_out = disputes(options.data / "labelled/udrp_domain_vs_mark.csv")
    marks = marks_of(rows)
    key_of = {(mark.text, *mark.variants): mark.key for mark in marks}
    screener = Screener(marks, (), rates={}, on=ON)
    hits = {(hit.subject, hit.mark): hit for hit in screener.screen([HostName(host=row.host) for row in rows], {})}
    kinds: Counter[str] = Counter()
    hits_by_kind: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for row in rows:
        kind = nearness(row) or "apart"
        hit = hits.get((f"domain:{row.host}", key_of[row.spellings]))
        kinds[kind] += 1
        if hit:
            hits_by_kind[kind] += 1
            reasons[hit.signals[0].term] += 1
        elif kind == "apart":
            missed[why_not_near(row)] += 1
        if options.misses and not hit:
            print(kind, row.host, row.spellings[:4], why_not_near(row) if kind == "apart" else "")
    near = kinds["contained"] + kinds["near"]
    chance = random.Random(8)  # noqa: S311 - invents hosts
    shipped = [mark for watchlist in load_watchlists([WATCHLISTS]) for mark in watchlist.marks]
    watched = frozenset(
        letters for mark in (*marks, *shipped) for text in (mark.text, *mark.variants) for letters in words_of(text)
    )
    hosts = list(invent_hosts(chance, *word_lists(options.data, watched), options.hosts))
    names = frozenset(letters for row in rows for letters in map(ascii_letters, row.spellings))
    udrp_rate, udrp_marks = noise(screener, hosts, names)
    spellings = frozenset(ascii_letters(text) for mark in shipped for text in (mark.text, *mark.variants))
    shipped_screener = Screener(shipped, (), rates={}, on=ON)
    shipped_rate, shipped_marks = noise(shipped_screener, hosts, spellings)
    companies = Screener(company_marks(options.data, 1_000), (), rates={}, on=ON)
    true = (hits_by_kind["contained"] + hits_by_kind["near"]) / near
    figures = {
        "rows": sum(kinds.values()),
        "left_out": dict(left_out),
        "contained": kinds["contained"],
        "near": kinds["near"],
        "recall": round(true, 4),
        "recall_contained": round(hits_by_kind["contained"] / kinds["contained"], 4),
        "recall_near": round(hits_by_kind["near"] / kinds["near"], 4),
        "found_by_reason": dict(reasons.most_common()),
        "apart": kinds["apart"],
        "apart_found": hits_by_kind["apart"],
        "apart_missed_by_reason": dict(missed.most_common()),
        "innocent_hosts_synthetic": len(hosts),
        "flags_per_100k_udrp_marks": round(udrp_rate, 1),
        "marks_flagged_most": udrp_marks.most_common(8),
        "flags_per_100k_shipped_marks": round(shipped_rate, 1),
        "shipped_flagged_most": shipped_marks.most_common(8),
        "precision_at_one_in_11": round(true / (true + INNOCENT_BESIDE_ONE * udrp_rate / 100_000), 4),
        "hosts_per_cpu_s_shipped_marks": speed(shipped_screener, hosts[:SPEED_HOSTS]),
        "hosts_per_cpu_s_1000_marks": speed(companies, hosts[:SPEED_HOSTS]),
    }
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()
