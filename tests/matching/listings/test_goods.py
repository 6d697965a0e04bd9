from __future__ import annotations

import pytest

from ipwatch.matching.listings.goods import is_distinctive


@pytest.mark.parametrize(
    ("spelling", "distinctive"),
    [
        ("Norima", False),
        ("Norimak", True),
        ("ノリマ", False),
        ("ノリマカ", True),
        ("霞焼", False),
        ("霞焼き", True),
        ("諾麗瑪", True),
        ("소니", False),
        ("노리마", True),
        ("노리 마", True),
    ],
)
def test_a_name_is_distinctive_by_its_length_in_its_own_script(spelling: str, *, distinctive: bool) -> None:
    assert is_distinctive(spelling) is distinctive
