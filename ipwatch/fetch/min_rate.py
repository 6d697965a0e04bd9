"""Minimum transfer rate of a body (slow-loris guard)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import NamedTuple

from ipwatch.fetch.decode import BodyRefusedError
from ipwatch.records import FailureReason
from ipwatch.terms import message


class Pace(NamedTuple):
    """At least ``rate`` received bytes a second on average, after ``grace`` seconds."""

    grace: float
    rate: float

    async def kept(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """Yield the chunks; raises ``BodyRefusedError`` as soon as the rate is too low, also while none arrives."""
        begun = asyncio.get_running_loop().time()
        received = 0
        while True:
            try:
                async with asyncio.timeout_at(begun + self.grace + received / self.rate):
                    chunk = await anext(chunks, None)
            except TimeoutError:
                why = message("fetch.slow_body", rate=self.rate)
                raise BodyRefusedError(why, FailureReason.TIMEOUT) from None
            if chunk is None:
                return
            received += len(chunk)
            yield chunk
