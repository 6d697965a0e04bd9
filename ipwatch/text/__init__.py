"""Pure Japanese and multilingual text: what a title looks like and sounds like once disguises are removed.

Nothing here knows a mark; texts are compared with watched ones in ``ipwatch.matching``.
"""
