"""Kana that are one sound, or one letter in two sizes (同音の仮名・小書き): the only table of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LARGE: Mapping[str, str] = MappingProxyType(
    dict(zip("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", strict=True))
)
"""The full-size kana of each small one (小書き文字)."""

SAME_SOUND: Mapping[str, str] = MappingProxyType({"ヂ": "ジ", "ヅ": "ズ", "ヲ": "オ"})
"""Kana in use that sound the same as another one (四つ仮名, を)."""

HISTORICAL: Mapping[str, str] = MappingProxyType({"ヰ": "イ", "ヱ": "エ"})
"""Kana out of use (歴史的仮名遣い) and the ones written today."""

V_ROW: Mapping[str, str] = MappingProxyType({"ヴ": "ブ", "ヷ": "バ", "ヸ": "ビ", "ヹ": "ベ", "ヺ": "ボ"})
"""Kana of v, to the kana of b as which Japanese speakers pronounce them."""
