"""Detects challenge pages (bot protection), which are reported, never solved."""

from __future__ import annotations

from collections.abc import Mapping

# Each marker is a fragment of the vendor's challenge page, specific enough not to occur in a shop's page.
_MARKERS: Mapping[bytes, str] = {
    b"/cdn-cgi/challenge-platform/": "Cloudflare",
    b"cf-chl-": "Cloudflare",
    b"errors.edgesuite.net": "Akamai",
    b"_Incapsula_Resource": "Imperva",
    b"px-captcha": "PerimeterX",
    b"captcha-delivery.com": "DataDome",
    b"/errors/validateCaptcha": "Amazon",
    b"awswaf.com": "AWS WAF",
    b"g-recaptcha": "reCAPTCHA",
    b"hcaptcha.com": "hCaptcha",
}


def challenge_of(headers: Mapping[str, str], body: bytes) -> str | None:
    """Return the vendor of a challenge, or ``None``. ``headers`` are by lower-case name, ``body`` the page's beginning.

    Only pages with status 403, 429 or 503 are searched for markers; a shop may use a captcha in a form.
    """
    if headers.get("cf-mitigated") == "challenge":
        return "Cloudflare"
    if "x-amzn-waf-action" in headers:
        return "AWS WAF"
    return next((vendor for marker, vendor in _MARKERS.items() if marker in body), None)
