"""The options of each source for the sandbox: base URLs, credentials, extras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from ipwatch.records import SourceOptions
from ipwatch.sandbox.markets import EBAY, PAGES, RAKUTEN, SHOPIFY
from ipwatch.sandbox.servers import ebay, rakuten, uspto

_BACK = timedelta(days=60)


def source_options(origin: Callable[[str], str], first_day: date) -> Mapping[str, SourceOptions]:
    """Return the options of every source; ``origin`` returns the origin of a virtual host."""
    return {
        "rakuten": SourceOptions(
            base_urls=(origin(RAKUTEN.host) + rakuten.ENDPOINT,),
            credentials={"application_id": rakuten.APPLICATION_ID, "access_key": rakuten.ACCESS_KEY},
            interval=0.0,
            extra={"website": rakuten.WEBSITE, "version": rakuten.VERSION},
        ),
        "ebay": SourceOptions(
            base_urls=(origin(EBAY.host),),
            credentials={"client_id": ebay.CLIENT_ID, "client_secret": ebay.CLIENT_SECRET},
            interval=0.0,
        ),
        "shopify": SourceOptions(base_urls=tuple(origin(shop.host) for shop in SHOPIFY), interval=0.0),
        "webshop": SourceOptions(base_urls=tuple(origin(shop.host) for shop in PAGES), interval=0.0),
        "jpo": SourceOptions(base_urls=(origin("jpo.localhost"),), interval=0.0),
        "uspto": SourceOptions(
            base_urls=(origin("uspto.localhost"),),
            credentials={"api_key": uspto.API_KEY},
            interval=0.0,
            extra={"from": (first_day - _BACK).isoformat()},
        ),
    }
