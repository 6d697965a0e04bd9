"""Pictures: which rights holder's picture a seen picture comes from, how, where, and how surely.

Pure: arrays in, matches out. Decoding and the making of features is in ``ipwatch.images``.
"""
