"""Images: which rights holder's picture an observed picture comes from, how, where, and how surely.

Pure: arrays in, matches out. Decoding and feature extraction are in ``ipwatch.images``.
"""
