"""Names in texts: where a text shows or sounds like a watched mark, and the reasons for and against each occurrence.

Whole marks against whole marks are in ``filings`` and ``readings``; the spellings looked for are made in ``variants``.
"""
