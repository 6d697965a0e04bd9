"""The store: tables, sessions, query functions and migrations; the only user of SQLAlchemy.

Bodies of documents are in ``ipwatch.evidence``; what the rows are used for is in ``ipwatch.pipeline``.
"""
