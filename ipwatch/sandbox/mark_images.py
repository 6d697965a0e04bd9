"""The mark images of filings: an emblem, of another holder or the applicant, or a label with a word."""

from __future__ import annotations

import io
from functools import lru_cache

from ipwatch.sandbox.chance import generator
from ipwatch.sandbox.drawing import draw_file
from ipwatch.sandbox.emblems import label
from ipwatch.sandbox.filings import Filing, latin
from ipwatch.sandbox.pictures import Change, DrawnImage

_QUALITY = 85


@lru_cache(maxsize=1024)
def mark_image(filing: Filing, seed: int) -> bytes | None:
    """Return the mark image (JPEG) of a filing, or ``None`` for one in standard characters.

    An imitated emblem is a scaled, framed or brightened copy of the holder's file.
    """
    if filing.standard_characters:
        return None
    if filing.figure is None:
        target = io.BytesIO()
        label(latin(filing.reading)).save(target, "JPEG", quality=_QUALITY)
        return target.getvalue()
    changes: tuple[Change, ...] = ()
    if filing.truth.suspected:
        change = generator(seed, "specimen", filing.number).choice((Change.RESIZE, Change.BORDER, Change.BRIGHTEN))
        changes = (change, Change.RECOMPRESS)
    picture = DrawnImage(
        subject=f"specimen:{filing.number}", shape="emblem", overlay=filing.figure, emblem_only=True, changes=changes
    )
    return draw_file(picture, seed)
