"""Measurements of picture matching, compared with imagehash, PDQ and faiss; not of the handling of cases."""
