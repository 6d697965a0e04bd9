from __future__ import annotations

import gzip
import json
import re
from hashlib import sha256

import httpx
import pytest
from sandbox.calls import KEYS, Ask, ebay, ebay_token, rakuten

from ipwatch.sandbox import Sandbox, World
from ipwatch.sandbox.markets import PAGES, SHOPIFY, Shop
from ipwatch.sandbox.offers import Offer
from ipwatch.sandbox.servers.bulk import unpack
from ipwatch.sandbox.servers.ebay import SEARCH_PATH
from ipwatch.sandbox.servers.jpo import COLUMNS
from ipwatch.sandbox.servers.rakuten import ACCESS_KEY, APPLICATION_ID, ENDPOINT, VERSION
from ipwatch.sandbox.servers.uspto import API_KEY, PRODUCT


def test_rakuten_pages_through_everything_found_once(ask: Ask) -> None:
    first = rakuten(ask, keyword="香之瀬タオル", hits=5).json()
    codes = []
    for page in range(1, first["pageCount"] + 1):
        body = rakuten(ask, keyword="香之瀬タオル", hits=5, page=page).json()
        assert body["first"] == (page - 1) * 5 + 1
        codes += [item["itemCode"] for item in body["Items"]]
    assert first["hits"] == 5
    assert len(codes) == len(set(codes)) == first["count"]


def test_rakuten_finds_lookalikes_and_other_towels_too(ask: Ask) -> None:
    titles = [item["itemName"] for item in rakuten(ask, keyword="香之瀬タオル").json()["Items"]]
    assert any("香之瀬" in title for title in titles)
    assert any("香之瀬" not in title for title in titles)


def test_rakuten_format_1_wraps_items_and_pictures(ask: Ask) -> None:
    item = rakuten(ask, keyword="タオル", formatVersion=1).json()["Items"][0]["Item"]
    assert set(item["mediumImageUrls"][0]) == {"imageUrl"}


def test_rakuten_filters_and_sorts_by_price(ask: Ask) -> None:
    body = rakuten(ask, keyword="タオル", minPrice=1000, maxPrice=3000, sort="+itemPrice").json()
    prices = [item["itemPrice"] for item in body["Items"]]
    assert prices == sorted(prices)
    assert prices
    assert min(prices) >= 1000
    assert max(prices) <= 3000


@pytest.mark.parametrize(
    ("query", "description"),
    [
        ({}, "keyword or itemCode is essential"),
        ({"keyword": "タオル", "page": 101}, "page must be"),
        ({"keyword": "タオル", "hits": 31}, "hits must be"),
        ({"keyword": "タオル", "sort": "cheap"}, "sort is not valid"),
        ({"keyword": "タオル", "ninja": "1"}, "essential parameter"),
        ({"keyword": "a b"}, "keyword is not valid"),
        ({"keyword": "タオル", "applicationId": "x"}, "specify valid applicationId"),
    ],
)
def test_rakuten_refuses_wrong_parameters(ask: Ask, query: dict[str, object], description: str) -> None:
    answer = rakuten(ask, **query)
    assert answer.status_code == 400
    assert answer.json()["error"] == "wrong_parameter"
    assert description in answer.json()["error_description"]


def test_rakuten_refuses_other_websites_keys_and_versions(ask: Ask) -> None:
    params = {"applicationId": APPLICATION_ID, "keyword": "タオル"}
    path = f"{ENDPOINT}/{VERSION}"
    assert ask("rakuten", path, params=params, headers=KEYS | {"Origin": "http://x"}).status_code == 403
    assert ask("rakuten", path, params=params, headers={"accessKey": ACCESS_KEY}).status_code == 403
    assert ask("rakuten", path, params=params, headers=KEYS | {"accessKey": "no"}).status_code == 401
    gone = ask("rakuten", f"{ENDPOINT}/20220601", params=params, headers=KEYS)
    assert gone.json()["error_description"] == "API Configuration not found"


EVERY_OPTION = "buyingOptions:{AUCTION|FIXED_PRICE|BEST_OFFER}"


def test_ebay_gives_a_token_only_for_the_right_secret(ask: Ask) -> None:
    assert ebay_token(ask).json()["expires_in"] == 7200
    assert ebay_token(ask, "wrong").status_code == 401


def test_ebay_refuses_a_search_without_token(ask: Ask) -> None:
    answer = ask("ebay", SEARCH_PATH, params={"q": "towel"})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["errorId"] == 1001


def test_ebay_next_leads_through_every_item_once(ask: Ask) -> None:
    body = ebay(ask, q="towel", limit=10, filter=EVERY_OPTION).json()
    ids, total = [item["itemId"] for item in body["itemSummaries"]], body["total"]
    while "next" in body:
        query = httpx.URL(body["next"]).params
        body = ebay(ask, **dict(query)).json()
        ids += [item["itemId"] for item in body["itemSummaries"]]
    assert len(ids) == len(set(ids)) == total


def test_ebay_leaves_auctions_out_unless_asked(ask: Ask) -> None:
    some, every = ebay(ask, q="knife").json(), ebay(ask, q="knife", filter=EVERY_OPTION, limit=200).json()
    assert some["total"] < every["total"]
    auctions = [item for item in every["itemSummaries"] if item["buyingOptions"] == ["AUCTION"]]
    assert auctions
    assert all("currentBidPrice" in item for item in auctions)


@pytest.mark.parametrize("query", [{"limit": 201}, {"limit": 10, "offset": 5}, {"offset": 10_000}, {"limit": "x"}])
def test_ebay_refuses_wrong_paging(ask: Ask, query: dict[str, object]) -> None:
    assert ebay(ask, q="towel", **query).status_code == 400


def test_ebay_filters_by_price_in_another_currency(ask: Ask) -> None:
    rule = f"{EVERY_OPTION},price:[10.00..20.00],priceCurrency:USD"
    prices = [
        item.get("price") or item["currentBidPrice"]
        for item in ebay(ask, q="towel", filter=rule).json()["itemSummaries"]
    ]
    assert prices
    assert all(10 <= float(price["value"]) <= 20 for price in prices if price["currency"] == "USD")


@pytest.mark.parametrize("shop", SHOPIFY, ids=lambda shop: shop.name)
def test_shopify_pages_are_short_at_the_end(ask: Ask, world: World, shop: Shop) -> None:
    pages = [ask(shop.name, f"/products.json?limit=20&page={page}").json()["products"] for page in range(1, 8)]
    expected = [int(offer.item_id) for offer in world.offers if offer.shop is shop]
    assert [product["id"] for page in pages for product in page] == expected[:140]
    assert ask(shop.name, "/meta.json").json()["currency"] == shop.currency
    assert ask(shop.name, "/cart.js").json()["currency"] == shop.currency


def test_shopify_has_a_ceiling(ask: Ask) -> None:
    answer = ask("kurashi-select", "/products.json?limit=250&page=101")
    assert answer.status_code == 400
    assert answer.json()["errors"] == "Page * Limit exceeds the 25000 limit."


def sitemap_urls(ask: Ask, shop: str) -> list[str]:
    index = ask(shop, "/sitemap.xml").text
    urls: list[str] = []
    for part in re.findall(r"<loc>http://[^/]+(/[^<]+)</loc>", index):
        body = gzip.decompress(ask(shop, part).content).decode()
        urls += re.findall(r"<url><loc>http://[^/]+(/[^<]+)</loc>", body)
    return urls


@pytest.mark.parametrize("shop", PAGES, ids=lambda shop: shop.name)
def test_sitemaps_list_every_page_of_a_shop(ask: Ask, world: World, shop: Shop) -> None:
    urls = sitemap_urls(ask, shop.name)
    assert {url for url in urls if not url.startswith("/members/")} == {
        offer.item_id for offer in world.offers if offer.shop is shop
    }
    robots = ask(shop.name, "/robots.txt").text
    assert "Disallow: /members/" in robots
    assert (f"Crawl-delay: {shop.crawl_delay}" in robots) == (shop.crawl_delay is not None)


def test_the_shops_speak_different_markups(ask: Ask, world: World) -> None:
    pages = {}
    for shop in PAGES:
        offer = next(offer for offer in world.offers if offer.shop is shop)
        answer = ask(shop.name, offer.item_id)
        assert answer.status_code == 200
        pages[shop.name] = answer.content
    assert b"application/ld+json" in pages["japan-outlet"]
    assert b'itemprop="price"' in pages["marukyu-shoten"]
    assert b'property="product:price:amount"' in pages["hanguk-mart"]
    for plain in ("zakka-no-ie", "nippon-oroshi"):
        assert b"schema.org" not in pages[plain]
        assert b"og:" not in pages[plain]
    assert "円".encode("cp932") in pages["nippon-oroshi"]


def test_a_json_ld_block_survives_a_hostile_title(ask: Ask, world: World) -> None:
    for offer in [each for each in world.offers if each.shop.name == "japan-outlet"]:
        blocks = re.findall(
            r'<script type="application/ld\+json">(.*?)</script>', ask("japan-outlet", offer.item_id).text
        )
        assert json.loads(blocks[-1])["name"] == offer.title


def test_pages_and_pictures_answer_304_to_who_holds_them(ask: Ask, world: World) -> None:
    offer = next(offer for offer in world.offers if offer.shop.name == "marukyu-shoten")
    for host, path in (("marukyu-shoten", offer.item_id), ("img", f"/p/{offer.pictures[0][0]}")):
        first = ask(host, path)
        again = ask(host, path, headers={"If-None-Match": first.headers["etag"]})
        dated = ask(host, path, headers={"If-Modified-Since": first.headers["last-modified"]})
        assert (again.status_code, dated.status_code) == (304, 304)
        assert again.content == b""
        assert ask(host, path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_pictures_come_with_their_type(ask: Ask, world: World) -> None:
    for name, picture in list(world.pictures.items())[:12]:
        answer = ask("img", f"/p/{name}")
        assert answer.headers["content-type"] == picture.media_type
        stem, _, extension = name.rpartition(".")
        assert ask("img", f"/images/g/{stem}/s-l1600.{extension}").content == answer.content
    assert ask("img", "/p/none.jpg").status_code == 404


def test_jpo_sets_hold_every_table_with_its_columns(ask: Ask, world: World) -> None:
    files = ask("jpo", "/bulk/index.json").json()["files"]
    cases, specimens = set(), set()
    for file in files:
        body = ask("jpo", f"/bulk/{file['name']}").content
        assert sha256(body).hexdigest() == file["sha256"]
        members = {name.removeprefix("upd_").removesuffix(".tsv"): body for name, body in unpack(body).items()}
        pictures = file["name"].startswith("JPWDI_")
        assert set(members) == {name for name in COLUMNS if (name == "t_sample") is pictures}
        for name, text in members.items():
            lines = text.decode().splitlines()
            assert tuple(lines[0].split("\t")) == COLUMNS[name]
            assert {line.count("\t") for line in lines} == {len(COLUMNS[name]) - 1}
        cases |= {line.split("\t")[2] for line in members.get("jiken_c_t", b"").decode().splitlines()[1:]}
        specimens |= {line.split("\t")[3] for line in members.get("t_sample", b"").decode().splitlines()[1:]}
    assert cases == specimens == {filing.number for filing in world.filings if filing.office == "JP"}


def test_uspto_wants_a_key_and_lists_the_files_asked_for(ask: Ask) -> None:
    assert ask("uspto", PRODUCT).status_code == 403
    headers = {"X-API-KEY": API_KEY}

    def names(query: str) -> list[str]:
        bag = ask("uspto", f"{PRODUCT}?includeFiles=true{query}", headers=headers).json()["bulkDataProductBag"][0]
        return [entry["fileName"] for entry in bag["productFileBag"]["fileDataBag"]]

    assert names("") == ["apc261108.zip", "apc261115.zip", "apc261122.zip"]
    assert names("&latest=true") == ["apc261122.zip"]
    assert names("&fileDataFromDate=2026-11-10&fileDataToDate=2026-11-20") == ["apc261115.zip"]
    body = unpack(
        ask("uspto", f"{PRODUCT.replace('TRTDXFAP', 'files/TRTDXFAP')}/apc261122.zip", headers=headers).content
    )
    assert body["apc261122.xml"].count(b"<case-file>") > 20


def _stating(market: World, shop: str, field: str) -> Offer:
    """Return an offer of that shop with the field stated, the title of which is not hostile."""
    return next(
        offer for offer in market.offers if offer.shop.name == shop and getattr(offer, field) and offer.number % 150
    )


def test_pages_state_identifiers_in_the_markup_of_their_shop(ask_market: Ask, market: World) -> None:
    offer = _stating(market, "japan-outlet", "gtin")
    blocks = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', ask_market("japan-outlet", offer.item_id).text
    )
    assert json.loads(blocks[-1])["gtin13"] == offer.gtin
    offer = _stating(market, "marukyu-shoten", "gtin")
    assert f'itemprop="gtin13" content="{offer.gtin}"' in ask_market("marukyu-shoten", offer.item_id).text
    offer = _stating(market, "hanguk-mart", "gtin")
    assert f'property="product:ean" content="{offer.gtin}"' in ask_market("hanguk-mart", offer.item_id).text
    offer = _stating(market, "zakka-no-ie", "gtin")
    assert f"<th>JANコード</th><td>{offer.gtin}</td>" in ask_market("zakka-no-ie", offer.item_id).text


def test_pages_state_models_and_makers(ask_market: Ask, market: World) -> None:
    offer = _stating(market, "japan-outlet", "model")
    assert f'"mpn": "{offer.model}"' in ask_market("japan-outlet", offer.item_id).text
    offer = _stating(market, "japan-outlet", "maker")
    assert f'"name": "{offer.maker}"' in ask_market("japan-outlet", offer.item_id).text
    offer = _stating(market, "marukyu-shoten", "maker")
    assert f'itemprop="manufacturer" content="{offer.maker}"' in ask_market("marukyu-shoten", offer.item_id).text


def test_shopify_states_a_model_or_an_identifier_as_its_sku(ask_market: Ask, market: World) -> None:
    offer = _stating(market, "kurashi-select", "gtin")
    products = ask_market("kurashi-select", "/products.json?limit=250").json()["products"]
    product = next(each for each in products if each["id"] == int(offer.item_id))
    assert product["variants"][0]["sku"] in {offer.gtin, offer.model}


def test_ebay_names_the_product_of_its_own_catalogue(ask_market: Ask, market: World) -> None:
    by_product = {}
    for query in ("LUMISOWA", "HIBIKANE", "Lemurica", "GENSAKU"):
        body = ebay(ask_market, q=query, limit=200, filter=EVERY_OPTION).json()
        by_product |= {item["itemId"]: item.get("epid") for item in body["itemSummaries"]}
    listed = [offer for offer in market.offers if offer.item_id in by_product]
    assert {bool(offer.gtin) for offer in listed} == {True, False}
    for offer in listed:
        assert (by_product[offer.item_id] is not None) == (offer.gtin is not None)
    products = {(offer.gtin, by_product[offer.item_id]) for offer in listed if offer.gtin}
    assert len(products) == len({gtin for gtin, _ in products}) == len({epid for _, epid in products})


def test_rakuten_states_identifiers_in_the_caption(ask_market: Ask) -> None:
    items = rakuten(ask_market, keyword="レムリカ").json()["Items"]
    assert any(re.search(r"\b\d{13}\b", item["itemCaption"]) for item in items)


def test_the_truth_of_a_market_is_not_served(ask_market: Ask, market: World) -> None:
    words = {truth.kind for truth in market.truth.values()} | {"suspected", "infringing"}
    words |= {str(sign) for truth in market.truth.values() for sign in truth.signs}
    bodies = [ask_market(offer.shop.name, offer.item_id).text for offer in market.offers if offer.shop in PAGES[:2]][
        :20
    ]
    bodies += [rakuten(ask_market, keyword="レムリカ").text, ebay(ask_market, q="Lemurica").text]
    bodies.append(ask_market("kurashi-select", "/products.json?limit=250").text)
    for body in bodies:
        assert not [word for word in words if word in body]


def test_the_truth_is_not_served(ask: Ask, sandbox: Sandbox, world: World) -> None:
    kinds = {truth.kind for truth in world.truth.values()} | {"suspected"}
    offers = [
        next(offer for offer in world.offers if offer.shop is shop and offer.truth.suspected) for shop in PAGES[:3]
    ]
    bodies = [ask(offer.shop.name, offer.item_id).text for offer in offers]
    bodies += [rakuten(ask, keyword="ヒビカネ").text, ebay(ask, q="HIBIKANE").text, json.dumps(dict(sandbox.status()))]
    bodies += [ask("kurashi-select", "/products.json").text, ask("nowhere", "/").text]
    for body in bodies:
        assert not [kind for kind in kinds if kind in body]


def test_an_unknown_host_says_where_the_sandbox_is(ask: Ask, sandbox: Sandbox) -> None:
    answer = ask("nowhere", "/")
    assert answer.status_code == 404
    assert f"http://rakuten.localhost:{sandbox.port}/" in answer.text
