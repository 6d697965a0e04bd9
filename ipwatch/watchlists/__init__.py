"""Watchlists (監視リスト): one TOML file for each rights holder, read strictly, with every error reported at once.

The form of the files is described for their authors in ``watchlists/README.md``.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from ipwatch.errors import WatchlistError
from ipwatch.records import AuthorisedSeller, Holder, PriceBand, Right, SellerAccount, WatchedMark, Watchlist
from ipwatch.terms import message, os_reason
from ipwatch.watchlists.diagnostics import KeyPositions, explain_errors, explain_syntax
from ipwatch.watchlists.schema import (
    AccountTable,
    FileContext,
    HolderTable,
    MarkTable,
    WatchlistTable,
    as_form,
    product_key,
)
from ipwatch.watchlists.toml_positions import locate
from ipwatch.watchlists.warnings import find_warnings

MAX_BYTES = 1_000_000
MAX_LINE = 4_000
MAX_DOTS = 100
"""Dots of one line: a key of n dotted parts costs the parser time and memory of the order of n squared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedWatchlist:
    """A valid watchlist with its warnings, one sentence each."""

    path: Path
    watchlist: Watchlist
    warnings: tuple[str, ...]


def load_watchlist(path: Path) -> Watchlist:
    """Return the watchlist of one file; pictures are paths that can be opened from here.

    Raises ``WatchlistError`` whose ``problems`` name every error with file, line, key and fix.
    """
    return check_watchlist(path).watchlist


def load_watchlists(paths: Sequence[Path]) -> list[Watchlist]:
    """Return the watchlists of all files, in the order given; a directory stands for its ``*.toml`` by name.

    Raises ``WatchlistError`` with the faults of all files together, a holder id that two files use among them.
    """
    checked, problems = check_watchlists(paths)
    if problems:
        raise WatchlistError(problems)
    return [each.watchlist for each in checked]


def check_watchlists(
    paths: Sequence[Path], *, as_of: date | None = None
) -> tuple[list[CheckedWatchlist], tuple[str, ...]]:
    """Return the watchlists that may be used, and one sentence for every error of the others."""
    files, problems = _expand(paths)
    checked: list[CheckedWatchlist] = []
    owners: dict[str, Path] = {}
    for file in files:
        try:
            checked_file = check_watchlist(file, as_of=as_of)
        except WatchlistError as error:
            problems.extend(error.problems)
            continue
        holder = checked_file.watchlist.holder.id
        if holder in owners:
            problems.append(message("watchlists.holder_twice", path=file, holder=holder, other=owners[holder]))
            continue
        owners[holder] = file
        checked.append(checked_file)
    return checked, tuple(problems)


def check_watchlist(path: Path, *, as_of: date | None = None) -> CheckedWatchlist:
    """Return the watchlist of one file with its warnings; ``as_of`` is the day on which terms must not have ended.

    Without ``as_of`` no term is judged. Raises ``WatchlistError`` as ``load_watchlist`` does.
    """
    return parse_watchlist(_read(path), path, as_of=as_of)


def parse_watchlist(content: bytes, path: Path, *, as_of: date | None = None) -> CheckedWatchlist:
    """Return the watchlist that ``content`` is, as if it stood at ``path``. Raises ``WatchlistError``."""
    text = _decode(content, path)
    try:
        data = tomllib.loads(text)
        lines = locate(text)
    except RecursionError:
        raise WatchlistError((message("watchlists.too_deep", path=path),)) from None
    except ValueError as error:
        raise WatchlistError((explain_syntax(path, text, str(error)),)) from None
    positions = KeyPositions(path, lines)
    try:
        table = WatchlistTable.model_validate(data, context=FileContext(stem=path.stem, directory=path.parent))
    except ValidationError as error:
        raise WatchlistError(tuple(explain_errors(error, positions))) from None
    watchlist = _as_watchlist(table, path.parent, hashlib.sha256(content).hexdigest())
    return CheckedWatchlist(path=path, watchlist=watchlist, warnings=tuple(find_warnings(table, positions, as_of)))


def _expand(paths: Sequence[Path]) -> tuple[list[Path], list[str]]:
    files: dict[Path, Path] = {}
    problems: list[str] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                entry for entry in path.iterdir() if entry.suffix.lower() == ".toml" and not entry.name.startswith(".")
            )
            if not inside:
                problems.append(message("watchlists.folder_empty", path=path))
        else:
            inside = [path]
        for file in inside:
            files.setdefault(Path(os.path.realpath(file)), file)  # Path.resolve fails on links that lead in a ring
    return list(files.values()), problems


def _read(path: Path) -> bytes:
    if not path.exists():
        raise WatchlistError((message("watchlists.no_such_path", path=path),))
    if path.suffix.lower() != ".toml":
        raise WatchlistError((message("watchlists.not_named_toml", path=path),))
    if not path.is_file():
        raise WatchlistError((message("watchlists.no_such_file", path=path),))
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise WatchlistError((message("watchlists.unreadable", path=path, reason=os_reason(error)),)) from error
    if len(content) > MAX_BYTES:
        raise WatchlistError((message("watchlists.too_many_bytes", path=path, most=MAX_BYTES),))
    return content


def _decode(content: bytes, path: Path) -> str:
    fix = message("watchlists.save_as_utf8")
    if content.startswith(b"\xef\xbb\xbf"):
        raise WatchlistError((message("watchlists.has_bom", path=path, fix=fix),))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise WatchlistError((message("watchlists.is_utf16", path=path, fix=fix),))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        key = "watchlists.is_cp932" if _is_cp932(content) else "watchlists.is_not_utf8"
        raise WatchlistError((message(key, path=path, line=line, fix=fix),)) from None
    for number, row in enumerate(text.split("\n"), 1):
        if len(row) > MAX_LINE:
            raise WatchlistError((message("watchlists.line_long", path=path, line=number, most=MAX_LINE),))
        if row.count(".") > MAX_DOTS:
            raise WatchlistError((message("watchlists.line_dots", path=path, line=number, most=MAX_DOTS),))
    return text


def _is_cp932(content: bytes) -> bool:
    try:
        content.decode("cp932")
    except UnicodeDecodeError:
        return False
    return True


def _as_watchlist(table: WatchlistTable, directory: Path, sha256: str) -> Watchlist:
    own = table.holder
    holder = Holder(id=own.id, name_ja=own.name_ja, name_en=own.name_en, kind=own.kind, prefecture=own.prefecture)
    marks = tuple(_as_mark(mark, own, directory) for mark in table.marks)
    return Watchlist(holder=holder, marks=marks, sha256=sha256)


def _as_mark(mark: MarkTable, holder: HolderTable, directory: Path) -> WatchedMark:
    price = mark.genuine_price_jpy
    return WatchedMark(
        watchlist=holder.id,
        id=mark.id,
        text=mark.text,
        kind=mark.kind,
        readings=tuple(mark.readings),
        variants=tuple(mark.variants),
        nice_classes=tuple(mark.nice_classes),
        images=tuple(directory / image for image in mark.images),
        exclude_images=tuple(directory / image for image in mark.exclude_images),
        vienna_codes=tuple(mark.vienna_codes),
        goods_terms=tuple(mark.goods_terms),
        exclude_terms=tuple(mark.exclude_terms),
        genuine_price_jpy=PriceBand(min=price.min, max=price.max) if price else None,
        rights=tuple(Right(**right.model_dump()) for right in mark.rights),
        authorised_sellers=tuple(AuthorisedSeller(**seller.model_dump()) for seller in mark.authorised_sellers),
        official_sellers=_joined_accounts(mark.official_sellers, holder.official_sellers),
        deny_sellers=_joined_accounts(mark.deny_sellers, holder.deny_sellers),
        licensees=_joined(mark.licensees, holder.licensees, as_form),
        own_products=_joined(mark.own_products, holder.own_products, product_key),
        unlicensed_goods=_joined(mark.unlicensed_goods, holder.unlicensed_goods, as_form),
        second_hand=mark.second_hand or holder.second_hand,
        depth=mark.depth or holder.depth,
        threshold=mark.threshold,
        holder_names=(holder.name_ja, holder.name_en),
    )


def _joined(own: Iterable[str], common: Iterable[str], key: Callable[[str], Hashable]) -> tuple[str, ...]:
    """Return a mark's entries, then those of its holder that say something else."""
    entries: dict[Hashable, str] = {}
    for entry in (*own, *common):
        entries.setdefault(key(entry), entry)
    return tuple(entries.values())


def _joined_accounts(own: Iterable[AccountTable], common: Iterable[AccountTable]) -> tuple[SellerAccount, ...]:
    accounts = (SellerAccount(marketplace=each.marketplace, id=each.id) for each in (*own, *common))
    return tuple(dict.fromkeys(accounts))
