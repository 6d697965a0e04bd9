"""Suspicion (侵害の疑い): whether signs besides the name make a listing of a mark a suspected infringement.

Whether a listing names or shows a mark at all is in ``names`` and ``images``; filings and host names have no suspicion.
"""
