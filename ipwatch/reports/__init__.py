"""Report data and its renderers; no queries."""
