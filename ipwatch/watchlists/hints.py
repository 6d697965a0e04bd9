"""What a watchlist would gain from each thing that its holder may say and does not, by kind of right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ipwatch.records import HolderKind, RightKind, WatchedMark, Watchlist
from ipwatch.terms import Message, message


class MarkGroup(StrEnum):
    """Marks that gain from the same things: of a company, of a region, a geographical indication, content."""

    COMPANY = "company"
    REGIONAL = "regional"
    GI = "gi"
    CONTENT = "content"


_OF_KIND = {
    RightKind.GEOGRAPHICAL_INDICATION: MarkGroup.GI,
    RightKind.REGIONAL_COLLECTIVE_MARK: MarkGroup.REGIONAL,
    RightKind.COPYRIGHT_WORK: MarkGroup.CONTENT,
}
_OF_HOLDER = {HolderKind.REGIONAL: MarkGroup.REGIONAL, HolderKind.CONTENT: MarkGroup.CONTENT}

_IS_STATED: Mapping[str, Callable[[WatchedMark], bool]] = {
    "licensees": lambda mark: bool(mark.licensees),
    "own_products": lambda mark: bool(mark.own_products),
    "unlicensed_goods": lambda mark: bool(mark.unlicensed_goods),
    "official_sellers": lambda mark: bool(mark.official_sellers or mark.authorised_sellers),
    "deny_sellers": lambda mark: bool(mark.deny_sellers),
    "genuine_price_jpy": lambda mark: mark.genuine_price_jpy is not None,
    "second_hand": lambda mark: mark.second_hand is not None,
    "depth": lambda mark: mark.depth is not None,
}
_WISHES = ("deny_sellers", "second_hand", "depth")
"""What is said once there is a reason to: never the first thing that a list lacks."""
_OF_PLACES = ("licensees", "official_sellers", "genuine_price_jpy", "unlicensed_goods", "own_products", *_WISHES)
_ORDER: Mapping[MarkGroup, Sequence[str]] = {
    MarkGroup.COMPANY: (
        *("official_sellers", "own_products", "genuine_price_jpy", "licensees", "unlicensed_goods"),
        *_WISHES,
    ),
    MarkGroup.REGIONAL: _OF_PLACES,
    MarkGroup.GI: _OF_PLACES,
    MarkGroup.CONTENT: (
        *("licensees", "own_products", "unlicensed_goods", "official_sellers", "genuine_price_jpy"),
        *_WISHES,
    ),
}
"""Keys by what a list gains from them, most first."""
_BY_GROUP = frozenset({"licensees", "own_products", "unlicensed_goods"})
"""Keys of which the gain differs by group."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One key that marks of a list do not say, and what would be gained; ``is_wish`` where nothing is lost without."""

    key: str
    group: MarkGroup
    marks: tuple[str, ...]
    gain: Message

    @property
    def is_wish(self) -> bool:
        """Whether the key only tells what the holder wants to see."""
        return self.key in _WISHES


def find_hints(watchlist: Watchlist) -> list[Hint]:
    """Return what the marks of a list would gain, one hint for each key and group; the most helpful ones first."""
    groups: dict[MarkGroup, list[WatchedMark]] = {}
    for mark in watchlist.marks:
        groups.setdefault(group_of(mark, watchlist.holder.kind), []).append(mark)
    by_size = sorted(groups.items(), key=lambda group: -len(group[1]))
    hints = [hint for group, marks in by_size for hint in _hints(group, marks)]
    return sorted(hints, key=lambda hint: hint.is_wish)


def group_of(mark: WatchedMark, holder: HolderKind) -> MarkGroup:
    """Return the group of a mark, by its own kind and else by that of its holder."""
    return _OF_KIND.get(mark.kind) or _OF_HOLDER.get(holder) or MarkGroup.COMPANY


def _hints(group: MarkGroup, marks: Sequence[WatchedMark]) -> Iterator[Hint]:
    for key in _ORDER[group]:
        without = tuple(mark.id for mark in marks if not _IS_STATED[key](mark))
        if without:
            gain = message(f"hints.{key}.{group.value}") if key in _BY_GROUP else message(f"hints.{key}")
            yield Hint(key, group, without, gain)
