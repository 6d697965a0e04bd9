"""The USPTO's Open Data Portal: the product TRTDXFAP, daily zip files of trademark XML (TDXF)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ipwatch.sandbox.filings import GOODS_TEXT, Filing
from ipwatch.sandbox.servers.bulk import pack
from ipwatch.sandbox.servers.state import State, conditional, origin

API_KEY = "sandbox-odp-key"
PRODUCT = "/api/v1/datasets/products/TRTDXFAP"

_FLAGS = (
    "trademark-in", "collective-trademark-in", "service-mark-in", "certification-mark-in", "cancellation-pending-in",
    "opposition-pending-in", "supplemental-register-in", "intent-to-use-in", "filed-as-use-application-in",
    "standard-characters-claimed-in", "filing-basis-filed-as-66a-in",
)  # fmt: skip


def application(state: State) -> Starlette:
    """Return the virtual host."""

    def listing(request: Request) -> Response:
        return _forbidden(request) or JSONResponse(_listing(request, state))

    def download(request: Request) -> Response:
        refused = _forbidden(request)
        if refused is not None:
            return refused
        born = _files(state).get(request.path_params["name"])
        if born is None:
            return PlainTextResponse("not found", status_code=404)
        return conditional(request, _archive(state, born), "application/zip", state.moment(born))

    return Starlette(
        routes=[Route(PRODUCT, listing), Route("/api/v1/datasets/products/files/TRTDXFAP/{name}", download)]
    )


def _forbidden(request: Request) -> Response | None:
    if request.headers.get("x-api-key") == API_KEY:
        return None
    return JSONResponse({"message": "Forbidden"}, status_code=403)


def _files(state: State) -> dict[str, int]:
    """Return the name of each daily file and its day of the world."""
    days = sorted({filing.born for filing in state.world.filings if filing.office == "US"})
    return {f"apc{state.world.first_day + timedelta(days=day):%y%m%d}.zip": day for day in days}


def _archive(state: State, born: int) -> bytes:
    day = state.world.first_day + timedelta(days=born)
    filings = [filing for filing in state.world.filings if filing.office == "US" and filing.born == born]
    return pack({f"apc{day:%y%m%d}.xml": daily_xml(filings, day)})


def _listing(request: Request, state: State) -> dict[str, Any]:
    query = request.query_params
    low, high = query.get("fileDataFromDate", "0000"), query.get("fileDataToDate", "9999")
    files = {
        name: state.world.first_day + timedelta(days=born)
        for name, born in _files(state).items()
        if low <= (state.world.first_day + timedelta(days=born)).isoformat() <= high
    }
    chosen = sorted(files, key=lambda name: files[name])
    if query.get("latest") == "true":
        chosen = chosen[-1:]
    offset, limit = int(query.get("offset") or 0), int(query.get("limit") or 1000)
    chosen = chosen[offset : offset + limit]
    bag = [_file(request, state, name, files[name]) for name in chosen] if query.get("includeFiles") != "false" else []
    product = {
        "productIdentifier": "TRTDXFAP",
        "productDescriptionText": "Trademark Full Text XML Data (No Images) - Daily Applications",
        "productTitleText": "Trademark Applications - Daily",
        "productFrequencyText": "DAILY",
        "productFromDate": min(files.values(), default=state.world.today).isoformat(),
        "productToDate": max(files.values(), default=state.world.today).isoformat(),
        "productFileTotalQuantity": len(files),
        "mimeTypeIdentifierArrayText": ["XML"],
        "productFileBag": {"count": len(bag), "fileDataBag": bag},
    }
    return {"count": 1, "bulkDataProductBag": [product]}


def _file(request: Request, state: State, name: str, day: date) -> dict[str, Any]:
    return {
        "fileName": name,
        "fileSize": len(_archive(state, (day - state.world.first_day).days)),
        "fileDataFromDate": day.isoformat(),
        "fileDataToDate": day.isoformat(),
        "fileTypeText": "Data",
        "fileDownloadURI": f"{origin(request, 'uspto.localhost')}/api/v1/datasets/products/files/TRTDXFAP/{name}",
        "fileReleaseDate": f"{day.isoformat()} 03:00:00",
    }


def daily_xml(filings: Iterable[Filing], day: date) -> bytes:
    """Return one daily file: new applications first, then those published for opposition that day."""
    groups: dict[str, list[Filing]] = {"NA": [], "TX": []}
    for filing in filings:
        groups["TX" if filing.published_on else "NA"].append(filing)
    keys = "".join(
        f"<action-keys><action-key>{key}</action-key>{''.join(_case_file(each, day) for each in group)}</action-keys>"
        for key, group in groups.items()
        if group
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<trademark-applications-daily>'
        "<version><version-no>2.0</version-no><version-date>20041108</version-date></version>"
        f"<creation-datetime>{day:%Y%m%d}0300</creation-datetime><application-information><file-segments>"
        f"<file-segment>TRMK</file-segment>{keys}</file-segments></application-information>"
        "</trademark-applications-daily>\n"
    ).encode()


def _case_file(filing: Filing, day: date) -> str:
    published = filing.published_on
    true_flags = {"trademark-in", *(["standard-characters-claimed-in"] if filing.standard_characters else [])}
    flags = "".join(f"<{flag}>{'T' if flag in true_flags else 'F'}</{flag}>" for flag in _FLAGS)
    return (
        f"\n<case-file><serial-number>{filing.number}</serial-number>"
        f"<registration-number>0000000</registration-number><transaction-date>{day:%Y%m%d}</transaction-date>"
        f"<case-file-header><filing-date>{filing.filed_on:%Y%m%d}</filing-date>"
        f"<status-code>{'686' if published else '630'}</status-code><status-date>{day:%Y%m%d}</status-date>"
        f"<mark-identification>{escape(filing.text)}</mark-identification>"
        f"<mark-drawing-code>{'4' if filing.standard_characters else '5'}</mark-drawing-code>"
        + (f"<published-for-opposition-date>{published:%Y%m%d}</published-for-opposition-date>" if published else "")
        + f"<attorney-name>{escape(filing.agent)}</attorney-name>{flags}</case-file-header>"
        f"<case-file-statements>{_statements(filing)}</case-file-statements>"
        f"<case-file-event-statements>{_events(filing)}</case-file-event-statements>"
        f"<classifications>{_classifications(filing)}</classifications>{_owner(filing)}</case-file>"
    )


def _statements(filing: Filing) -> str:
    return "".join(
        f"<case-file-statement><type-code>GS{number:03d}1</type-code>"
        f"<text>{escape(GOODS_TEXT[number][1])}</text></case-file-statement>"
        for number in filing.classes
    )


def _events(filing: Filing) -> str:
    events = [("NWAP", "NEW APPLICATION ENTERED", filing.filed_on)]
    if filing.published_on:
        events.insert(0, ("PUBO", "PUBLISHED FOR OPPOSITION", filing.published_on))
    return "".join(
        f"<case-file-event-statement><code>{code}</code><type>I</type><description-text>{text}</description-text>"
        f"<date>{when:%Y%m%d}</date><number>{len(events) - index}</number></case-file-event-statement>"
        for index, (code, text, when) in enumerate(events)
    )


def _classifications(filing: Filing) -> str:
    return "".join(
        "<classification><international-code-total-no>1</international-code-total-no>"
        f"<us-code-total-no>1</us-code-total-no><international-code>{number:03d}</international-code>"
        f"<us-code>100</us-code><status-code>6</status-code><status-date>{filing.filed_on:%Y%m%d}</status-date>"
        f"<primary-code>{number:03d}</primary-code></classification>"
        for number in filing.classes
    )


def _owner(filing: Filing) -> str:
    return (
        "<case-file-owners><case-file-owner><entry-number>1</entry-number><party-type>10</party-type>"
        "<nationality><state>DE</state></nationality><legal-entity-type-code>03</legal-entity-type-code>"
        f"<party-name>{escape(filing.applicant)}</party-name></case-file-owner></case-file-owners>"
    )
