"""Summaries (定期報告): the data of a period, and its renderers in HTML and CSV.

The counts come from ``ipwatch.store.reporting``; nothing here asks the database.
"""
