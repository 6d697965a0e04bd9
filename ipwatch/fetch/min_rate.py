"""The least pace of a body: who sends a few bytes a second stays within every other limit and still takes all day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import NamedTuple

from ipwatch.fetch.decode import BodyRefusedError
from ipwatch.records import FailureReason


class Pace(NamedTuple):
    """At least ``rate`` bytes a second on the wire, on average, once ``grace`` seconds have passed."""

    grace: float
    rate: float

    async def kept(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """Yield the chunks; raises ``BodyRefusedError`` as soon as they are behind the pace, also while none comes."""
        begun = asyncio.get_running_loop().time()
        received = 0
        while True:
            try:
                async with asyncio.timeout_at(begun + self.grace + received / self.rate):
                    chunk = await anext(chunks, None)
            except TimeoutError:
                message = f"the body comes more slowly than {self.rate:.0f} bytes a second"
                raise BodyRefusedError(message, FailureReason.TIMEOUT) from None
            if chunk is None:
                return
            received += len(chunk)
            yield chunk
