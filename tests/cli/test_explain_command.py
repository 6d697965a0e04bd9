"""``ipwatch explain`` as a person and as a script meet it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from ipwatch.cli import main
from ipwatch.cli.explanation import tell
from ipwatch.matching.explain import explanation
from ipwatch.matching.score import DEFAULT_THRESHOLD

SIGNAL = {"name", "score", "term", "compared", "field", "span", "differences", "picture"}
PAIRS = [
    ("NORIMA", "N0RIMA radio"),
    ("NORIMA", "case for N\u200bORIMA, replica"),
    ("Norima", "Norimanical form"),
    ("ノリマ", "norima walkman"),
    ("ノリマ", "노리마"),
    ("森谷織", "モリヤオリの帯"),
    ("森谷織", "海山堂"),
    ("スキッパー", "スチッパー"),
    ("ノリマ時計", "ノリマ時計風 バンド"),
    ("NORIMA", ""),
    ("NORIMA", "\x00\x1b[31m\u202e" * 20),
    ("NORIMA", "word " * 3_000 + "NORIMA" + " word" * 900),
    ("二口工夕", "ニロエタ"),
    ("12345", "123456"),
]


def explain(*args: str) -> Result:
    return CliRunner().invoke(main, ["explain", *args])


def rows(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_what_is_printed_shows_both_marks_and_says_what_the_score_means(pair: tuple[str, str], lang: str) -> None:
    result = explain(*pair, "--lang", lang)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].endswith(pair[0])
    assert sum(f"{DEFAULT_THRESHOLD:.2f}" in line for line in lines[-12:]) >= 1
    assert any(word in lines[-1] for word in ("侵害の疑い", "達していません")) == (lang == "ja")
    assert not any(char in result.stdout for char in "\x00\x1b\u202e\u200b{}")
    assert len(result.stdout) < 6_000


def test_a_person_reads_the_reasons_in_either_language() -> None:
    english, japanese = (explain("SONY", "S0NY radio", "--lang", lang).stdout for lang in ("en", "ja"))
    assert "appearance  1.00  “S0NY” is “SONY” once" in english
    assert "- “O” written as the look-alike “0”" in english
    assert "外観  1.00  「S0NY」は" in japanese
    assert "- 「O」を似た「0」で表記" in japanese


@pytest.mark.parametrize(
    ("observed", "matched"),
    [("the N0RIMA clock", "N0RIMA"), ("時計 ＮＯＲＩＭＡ 新品", "ＮＯＲＩＭＡ"), ("N\u200bORIMA", "N[U+200B]ORIMA")],
)
def test_the_piece_that_was_compared_is_underlined(observed: str, matched: str) -> None:
    _, shown, marks = explain("NORIMA", observed).stdout.splitlines()[:3]
    assert marks.strip() == "^" * cell_len(matched)
    before = shown[: shown.index(matched)]
    assert cell_len(before) == len(marks) - len(marks.lstrip())


def test_of_a_long_text_the_neighbourhood_is_shown() -> None:
    shown = explain("NORIMA", "word " * 300 + "NORIMA" + " more" * 300).stdout.splitlines()[1]
    assert "word NORIMA more" in shown
    assert shown.count("…") == 2
    assert len(shown) < 100


def test_the_spellings_come_with_their_origin_and_the_border_with_its_reason() -> None:
    english = explain("ノリマ", "x").stdout
    assert "norima" in english
    assert "generated" in english
    assert "word of its own" in english
    assert "自動生成" in explain("ノリマ", "x", "--lang", "ja").stdout


def test_how_the_second_text_was_read_is_stated_and_can_be_chosen() -> None:
    assert "title of a listing and searched" in explain("ノリマ", "ノリマ ケース 対応").stdout
    assert "mark of its own and compared whole" in explain("ノリマ", "ノリマ ケース 対応", "--as", "mark").stdout
    assert "一つの標章として読み" in explain("ノリマ", "ノリマ", "--lang", "ja").stdout
    assert explain("ノリマ", "ノリマ", "--as", "logo").exit_code == 2


def test_a_filing_in_other_classes_is_mentioned_where_it_would_not_be_reported() -> None:
    assert "Art. 4(1)(xv)" in explain("NORIMA", "NORIMA").stdout
    assert "4条1項15号" in explain("NORIMA", "NORIMA", "--lang", "ja").stdout
    assert "Art. 4(1)(xv)" not in explain("NORIMA", "NORIMA", "--as", "title").stdout
    assert "Art. 4(1)(xv)" not in explain("NORIMA", "Kodama").stdout


def test_what_rounds_to_nothing_has_no_sign() -> None:
    assert "-0.00" not in explain("NORIMA", "NORIMA case", "--lang", "en").stdout
    original = explanation("NORIMA", "NORIMA")
    small = replace(original, signals=(replace(original.signals[0], score=-0.004),), points=(-0.004,))
    assert "-0.00" not in "\n".join(tell(small, "en"))
    assert "+0.00" in "\n".join(tell(small, "en"))


def test_generated_readings_are_shown_where_none_is_declared() -> None:
    english, japanese = (explain("MINORIMA", "x", "--lang", lang).stdout for lang in ("en", "ja"))
    assert "No reading of “MINORIMA” is declared; generated: ミノリマ" in english
    assert "自動生成：ミノリマ" in japanese
    assert "is not known" not in english


def test_how_readings_can_be_proposed_is_stated_where_no_analyser_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipwatch.text.phonetics.reading.find_spec", lambda _: None)
    assert "ipwatch[reading]" in explain("風見", "x").stdout
    assert "ipwatch[reading]" in explain("風見", "x", "--lang", "ja").stdout
    assert "ipwatch[reading]" not in explain("ノリマ", "x").stdout


def test_a_reading_that_is_only_proposed_is_called_a_proposal() -> None:
    pytest.importorskip("sudachipy", reason="needs the extra 'reading'")
    english, japanese = (explain("風見", "かざみ", "--lang", lang).stdout for lang in ("en", "ja"))
    assert "カザミ" in english
    assert "proposed by an analyser" in english
    assert "解析器の提案" in japanese
    (proposal,) = [row for row in rows(explain("風見", "x", "--json")) if row["term"] == "explain_reading_proposed"]
    assert proposal == {"kind": "reading", "term": "explain_reading_proposed", "of": "風見", "text": "カザミ"}


@pytest.mark.parametrize("pair", PAIRS)
def test_for_scripts_signals_come_first_and_every_other_line_says_its_kind(pair: tuple[str, str]) -> None:
    lines = rows(explain(*pair, "--json"))
    kinds = [line.get("kind", "") for line in lines]
    order = ["", "form", "reading", "sign", "suspicion", "score"]
    assert kinds == sorted(kinds, key=order.index)
    assert all("term" in line for line in lines)
    signals = [line for line in lines if "kind" not in line]
    assert {"name", "sound"} <= {signal["name"] for signal in signals}
    for signal in signals:
        assert set(signal) == SIGNAL
        if signal["span"]:
            assert pair[1][slice(*signal["span"])] == signal["compared"][1]
    (score,) = [line for line in lines if line.get("kind") == "score"]
    assert (score["score"] >= score["threshold"]) == (score["term"] == "explain_reached")


def test_a_title_is_judged_by_its_signs_as_a_listing_that_says_no_more() -> None:
    *_, plain, copied = (explain("NORIMA", f"NORIMA clock{words}", "--lang", "en").stdout for words in ("", " replica"))
    assert "a mention, no more" in plain
    assert "suspected, for a person to decide" in copied
    assert "+0.80  “replica”: the seller's own word for a copy" in copied
    (judged,) = [
        line for line in rows(explain("NORIMA", "NORIMA clock replica", "--json")) if line.get("kind") == "suspicion"
    ]
    assert (judged["listing"], judged["suspicion"]) == ("suspected", 0.8)
    (sign,) = [line for line in rows(explain("NORIMA", "NORIMA clock replica", "--json")) if line.get("kind") == "sign"]
    assert "NORIMA clock replica"[slice(*sign["span"])] == "replica"
    assert not [line for line in rows(explain("NORIMA", "NORIMA", "--json")) if line.get("kind") == "suspicion"]


def test_a_script_reads_which_letters_differ() -> None:
    signals = rows(explain("NORIMA", "N0R-IMA", "--json"))
    assert signals[0]["differences"] == [
        {"term": "spelling_lookalike", "watched": "O", "seen": "0"},
        {"term": "spelling_hyphen_inside", "watched": "RI", "seen": "R-I"},
    ]
    voiced = rows(explain("クレカ", "グレカ", "--json"))
    assert "sound_voicing" in {line["term"] for line in voiced}


def test_a_script_reads_the_forms_with_their_origin() -> None:
    forms = [line for line in rows(explain("ノリマ", "x", "--json")) if line.get("kind") == "form"]
    assert forms[0]["text"] == "ノリマ"
    assert forms[0]["generated"] is False
    assert {"norima"} <= {form["text"].lower() for form in forms if form["generated"]}


@pytest.mark.parametrize("pair", [("", "x"), ("鶴", "鶴"), ("a" * 201, "x"), ("SONY", "x" * 30_000)])
def test_what_cannot_be_compared_is_refused(pair: tuple[str, str]) -> None:
    result = explain(*pair)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "characters" in result.stderr
