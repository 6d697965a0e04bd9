"""Host names (ドメイン名) against watched marks: look-alike, misspelt and compound domains.

Names in titles and descriptions are found in ``names``; no host is looked up here.
"""

from __future__ import annotations

from ipwatch.matching.hosts.lines import host_of_line, read_host
from ipwatch.matching.hosts.screen import HostScreener

__all__ = ["HostScreener", "host_of_line", "read_host"]
