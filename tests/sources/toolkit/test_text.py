from __future__ import annotations

import pytest

from ipwatch.sources.toolkit.text import clean, decode_body, html_to_text

JAPANESE = (
    "<html><head>{meta}<title>海晴タオル　①㈱髙島 ～ふわふわ～</title></head><body>税込１，２８０円 ｶﾞｰｾﾞ</body></html>"
)
# EUC-JP and ISO-2022-JP have no ㈱ and 髙 in the sets that every implementation shares.
PLAIN = "<html><head>{meta}<title>海晴タオル ふわふわのガーゼ</title></head><body>税込１，２８０円</body></html>"
KOREAN = "<html><head>{meta}<title>우미하루 수건 정품</title></head><body>가격 12,800원</body></html>"
CHINESE = "<html><head>{meta}<title>海晴毛巾 正品</title></head><body>价格 88元，今日特卖，包邮到家</body></html>"
FRENCH = "<html><head>{meta}<title>Serviette brodée à l'été</title></head><body>Prix 12,80 €</body></html>"

HEADERS = [None, "text/html", "text/html; charset=utf-8", "text/html; charset=iso-8859-1", "text/html; charset=bogus-8"]


def meta(label: str | None) -> str:
    return f'<meta charset="{label}">' if label else ""


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("label", [None, "Shift_JIS", "utf-8", "x-sjis"])
def test_shift_jis_is_read_whatever_is_declared(header: str | None, label: str | None) -> None:
    text = JAPANESE.format(meta=meta(label))
    assert decode_body(text.encode("cp932"), header) == text


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("label", [None, "EUC-JP", "Shift_JIS", "nonsense"])
def test_euc_jp_is_read_whatever_is_declared(header: str | None, label: str | None) -> None:
    text = PLAIN.format(meta=meta(label))
    assert decode_body(text.encode("euc_jp"), header) == text


@pytest.mark.parametrize("header", HEADERS)
def test_iso_2022_jp_is_read_by_its_escapes(header: str | None) -> None:
    text = PLAIN.format(meta=meta("iso-2022-jp"))
    assert decode_body(text.encode("iso2022_jp"), header) == text


@pytest.mark.parametrize("header", [*HEADERS, "text/html; charset=Shift_JIS", "text/html; charset=EUC-JP"])
@pytest.mark.parametrize("label", [None, "shift_jis", "utf-8"])
def test_utf_8_is_read_whatever_is_declared(header: str | None, label: str | None) -> None:
    text = JAPANESE.format(meta=meta(label))
    assert decode_body(text.encode(), header) == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("header", HEADERS)
def test_a_byte_order_mark_outweighs_every_declaration(encoding: str, header: str | None) -> None:
    text = JAPANESE.format(meta=meta("euc-jp"))
    assert decode_body(text.encode(encoding), header) == text


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [
        (KOREAN, "cp949", "euc-kr"),
        (CHINESE, "gb18030", "gb2312"),
        (FRENCH, "cp1252", "iso-8859-1"),
        (CHINESE, "gbk", "gbk"),
    ],
)
def test_other_declared_encodings_are_believed(text: str, encoding: str, label: str) -> None:
    page = text.format(meta=meta(label))
    assert decode_body(page.encode(encoding), None) == page
    assert decode_body(page.encode(encoding), f"text/html; charset={label}") == page


def test_a_page_with_a_few_broken_bytes_keeps_the_rest() -> None:
    text = JAPANESE.format(meta=meta("utf-8")) * 20
    decoded = decode_body(text.encode() + "髙".encode()[:2], "text/html; charset=utf-8")
    assert decoded.startswith(text)
    assert decoded.endswith("\ufffd")


def test_nonsense_is_decoded_somehow() -> None:
    assert isinstance(decode_body(bytes(range(256)) * 40, "text/html; charset=utf-16"), str)
    assert decode_body(b"", None) == ""


def test_damage_is_taken_out_and_nothing_else() -> None:
    assert clean(" a\x00b\ud83d  c\u3000Ｄ\n") == "ab\ufffd c Ｄ"
    assert clean(" \x00 ") is None


def test_html_shows_as_a_reader_sees_it() -> None:
    assert (
        html_to_text("<p>綿&amp;麻</p><ul><li>一<li>二</ul><script>alert(1)</script><style>p{}</style>")
        == "綿&麻\n一\n二"
    )
    assert html_to_text("a &lt;b&gt; c") == "a <b> c"
    assert html_to_text("https://shop.example/page") == "https://shop.example/page"
    assert html_to_text("<br>") is None
