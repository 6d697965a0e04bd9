"""Matching (照合): signals, scores and reasons for a record and a watched mark; ``model`` lists all that is computed.

Pure. How a text looks and sounds by itself is in ``ipwatch.text``; what becomes of a finding in ``ipwatch.pipeline``.
"""
