"""What sellers say of copies, of their own making and of makers is read in many languages, unless denied."""

from __future__ import annotations

import pytest
from matching.suspicion.listings import REGION

from ipwatch.matching.listings.facts import named_origin
from ipwatch.matching.suspicion.statements import SellerText, maker, stated
from ipwatch.matching.variants import ObservedText


@pytest.mark.parametrize(
    ("group", "text", "words"),
    [
        ("copy", "ノリマ 腕時計 最上級コピー", "最上級コピー"),
        ("copy", "ノリマ 正規工場の余剰品です", "正規工場の余剰"),
        ("copy", "本物との見分けが付きません", "本物との見分けが"),
        ("copy", "携帯ゲーム機 800種類のゲーム内蔵", "800種類のゲーム内蔵"),
        ("copy", "NORIMA UA quality 38mm", "UA quality"),
        ("copy", "NORIMA console hacked version", "hacked version"),
        ("copy", "KAWASE episode torrent", "torrent"),
        ("copy", "Kawase repro cartridge", "repro cartridge"),
        ("copy", "500 in 1 handheld games", "500 in 1 handheld games"),
        ("copy", "诺里玛 手表 一比一", "一比一"),
        ("copy", "川濑 漫画 全集 网盘", "网盘"),
        ("copy", "노리마 시계 가품", "가품"),
        ("copy", "jam tangan Norima kw super", "kw super"),
        ("copy", "đồng hồ Norima hàng nhái", "hàng nhái"),
        ("copy", "นาฬิกา Norima ของปลอม", "ของปลอม"),
        ("copy_in_title", "ノリマ 腕時計 ジェネリック品", "ジェネリック"),
        ("copy_in_title", "NORIMA fake watch", "fake"),
        ("copy_in_title", "カワセ プロキシカード", "プロキシカード"),
        ("copy_in_title", "诺里玛 表 复刻 情侣款", "复刻"),
        ("copy_in_title", "reloj NORIMA imitación", "imitación"),
        ("copy_in_title", "часы NORIMA реплика", "реплика"),
        ("unbranded", "NORIMA 風 時計 ブランド不明", "ブランド不明"),
        ("unbranded", "jam Norima tanpa merek", "tanpa merek"),
        ("unofficial", "カワセ 未公認 スタチュー", "未公認"),
        ("unofficial", "川濑 立牌 无授权", "无授权"),
        ("unofficial", "公式とは一切関係ございません。", "公式とは一切関係ございません"),
        ("unofficial", "公式ではありません。ご注意ください", "公式ではありません"),
        ("unofficial", "카와세 비공굿 스티커", "비공굿"),
        ("inspired", "カワセ 同人誌 新刊", "同人誌"),
        ("self_made", "カワセ 羊毛フェルト", "羊毛フェルト"),
        ("self_made", "Kawase crochet pattern", "crochet pattern"),
        ("used", "Norima preloved fullset", "preloved"),
        ("used", "诺里玛 手表 9成新", "9成新"),
        ("genuine_claim", "诺里玛 专柜", "专柜"),
        ("genuine_claim", "đồng hồ Norima chính hãng", "chính hãng"),
    ],
)
def test_what_sellers_say(group: str, text: str, words: str) -> None:
    statement = stated(group, SellerText("title", text))
    assert statement is not None
    assert statement.words == words


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ("copy", "コピー品とは異なります"),
        ("copy", "スーパーコピーが出回っております"),
        ("copy", "コピー品の場合は返金します"),
        ("copy", "ノリマ 粗悪なコピー品"),
        ("copy", "本店絕無仿品"),
        ("copy", "假一赔十,没有高仿"),
        ("copy", "가품일 경우 환불"),
        ("copy", "가품 판매하지 않습니다"),
        ("copy", "bukan palsu"),
        ("unbranded", "ノーブランドではなく正規品"),
        ("copy", "nói không với hàng giả"),
        ("copy_in_title", "NORIMA no replicas or fakes sold"),
        ("copy_in_title", "NORIMA kein Replik"),
        ("unofficial", "NORIMA if not authentic, full refund"),
    ],
)
def test_what_sellers_deny(group: str, text: str) -> None:
    assert stated(group, SellerText("description", text)) is None


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ("copy", "川瀬のコピー能力 ぬいぐるみ"),
        ("copy", "30タイトル収録 ゲーム機"),
        ("copy", "24 in 1 game card case"),
        ("copy", "counterfeit money detector"),
        ("copy", "짭짤한 과자"),
        ("copy", "3 in 1 games"),
        ("copy_in_title", "レーサーレプリカ 中古"),
        ("copy_in_title", "等身大 1:1スケール"),
        ("copy_in_title", "川濑 1:1比例 草帽"),
        ("copy_in_title", "川濑 经典复刻版"),
        ("copy_in_title", "hard fake fish lure"),
        ("copy_in_title", "women fake two piece shorts"),
        ("copy_in_title", "imitation leather strap"),
        ("copy_in_title", "replica jersey 2024"),
        ("copy_in_title", "ジェネリック リビルト エンジン"),
        ("copy_in_title", "旧パッケージ 中身は同じです"),
        ("maker_field", "ブランド不明"),
        ("self_made", "자작나무 선반"),
        ("self_made", "江戸硝子 名入れ 木箱"),
    ],
)
def test_words_with_innocent_senses(group: str, text: str) -> None:
    assert stated(group, SellerText("title", text)) is None


def test_free_postage_denies_nothing() -> None:
    assert stated("copy_in_title", SellerText("title", "NORIMA replica free shipping")) is not None
    assert stated("copy_in_title", SellerText("title", "NORIMA replica-free shop")) is None


@pytest.mark.parametrize("name", ["万代", "반다이", "Loungefly", "NXB Kim Đồng", "東立", "しまむら"])
def test_makers_in_the_scripts_of_their_markets(name: str) -> None:
    statement = maker(SellerText("title", f"カワセ {name} 2026"))
    assert statement is not None
    assert statement.words == name


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("description", "原料原産地名：中国"),
        ("description", "原産国:ベトナム"),
        ("description", "製造国 中国"),
        ("description", "生産地：中華人民共和国"),
        ("description", "原産地：タイ"),
        ("description", "こちらは中国製です。"),
        ("description", "水面茶。ベトナム産。"),
        ("description", "Woven in Vietnam"),
        ("description", "Country of origin: China"),
        ("description", "Product of the United States"),
        ("description", "产地：浙江"),
        ("description", "원산지: 중국"),
        ("title", "水面茶 中国産 1kg"),
        ("title", "海外製 水面茶"),
    ],
)
def test_another_origin(field: str, text: str) -> None:
    assert _names_another_origin(field, text)


@pytest.mark.parametrize(
    "text",
    [
        "原材料名：緑茶（水面産）",
        "製造元：川瀬製茶場",
        "製造：川瀬工房 加工：手作業",
        "生産地：水面市",
        "産地：水面",
        "原産国：日本",
        "原料原産地名：オーストラリア（小麦）",
        "小麦（アメリカ産）、食塩",
        "カナダ産の小麦を使い",
        "海外製品ではありません",
        "海外産茶葉は一切使用しておりません",
        "安価な中国製の類似品が出回っています",
        "産地：中国地方",
        "中国山地の水",
        "タイ料理に",
        "Made in small batches. Grown in Minamo hills.",
        "Origin: Minamo, Japan",
        "Unlike tea grown in China, ours is from Minamo.",
        "产地：京都府",
        "与国产抹茶不同",
        "원산지: 교토",
    ],
)
def test_labels_of_makers_materials_and_towns_are_no_other_origin(text: str) -> None:
    assert not _names_another_origin("description", text)


def _names_another_origin(field: str, text: str) -> bool:
    statement = stated("origin_elsewhere", SellerText(field, text))
    return statement is not None or named_origin(REGION, ObservedText.of(field, text)) is not None
