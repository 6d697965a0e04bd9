"""What the matcher finds in pictures, beside imagehash, PDQ and faiss; not what becomes of it in a case."""
