"""References by a model's embeddings: the most similar views of two pictures, and their false-match rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.copies import MIN_QUALITY
from ipwatch.matching.images.embeddings import Calibration, EmbeddingIndex
from ipwatch.matching.images.features import ImageFeatures, ReferenceImage
from ipwatch.matching.images.match import ImageMatch
from ipwatch.records import MatchKind


class EmbeddedReferences:
    """The embeddings of references, all by one version of a model; raises ``ValueError`` for several versions.

    Views of little content are not compared: to a model, plain backgrounds are all similar.
    """

    def __init__(self, references: Sequence[ReferenceImage], calibration: Calibration) -> None:
        self._references = references
        self._calibration = calibration
        made = [
            (row, reference.features.embedding)
            for row, reference in enumerate(references)
            if reference.features.embedding
        ]
        versions = sorted({embedding.version for _, embedding in made})
        if len(versions) > 1:
            raise ValueError(f"embeddings of one model only can be compared, not of {', '.join(versions)}")
        self._index = EmbeddingIndex(versions[0], made[0][1].vectors.shape[1]) if made else None
        self._views = [_views_with_content(reference.features) for reference in references]
        if self._index is not None:
            rows = np.concatenate([np.full(len(self._views[row]), row) for row, _ in made])
            self._index.add(np.concatenate([embedding.vectors[self._views[row]] for row, embedding in made]), rows)

    def compares(self, picture: ImageFeatures) -> bool:
        """Return whether the picture has an embedding by the model of the references, or they have none."""
        return self._index is None or _made_for(self._index, picture) is not None

    def matches(self, picture: ImageFeatures, max_rate: float) -> Iterator[tuple[int, ImageMatch]]:
        """Yield with its index each reference that unrelated pictures resemble as much at this rate or less.

        The rate counts every pair of views as a try.
        """
        min_similarity = self._calibration.similarity_at(max_rate)
        vectors = _made_for(self._index, picture) if self._index is not None else None
        if self._index is None or vectors is None or min_similarity is None or not len(self._index):
            return
        views = _views_with_content(picture)
        near = self._index.search(vectors[views], len(self._index), min_similarity=min_similarity)
        best: dict[int, tuple[float, int]] = {}
        for view, row, similarity in zip(views[near.query].tolist(), near.id.tolist(), near.similarity, strict=True):
            if row not in best or similarity > best[row][0]:
                best[row] = float(similarity), view
        for row, (similarity, view) in best.items():
            tries = len(views) * len(self._views[row])
            rate = min(1.0, tries * self._calibration.rate(similarity))
            if rate <= max_rate:
                yield row, self._match(row, picture, rate, view)

    def _match(self, row: int, picture: ImageFeatures, rate: float, view: int) -> ImageMatch:
        reference = self._references[row]
        return ImageMatch(reference=reference, observed=picture, kind=MatchKind.EMBEDDING, rate=rate, view=view)


def _views_with_content(picture: ImageFeatures) -> npt.NDArray[np.int64]:
    enough = [(view.regions.qualities >= MIN_QUALITY).any() for view in picture.views]
    return np.flatnonzero(np.array(enough, bool))


def _made_for(index: EmbeddingIndex, picture: ImageFeatures) -> npt.NDArray[np.float32] | None:
    """Return the vectors of a picture that can be compared with those of the index."""
    made = picture.embedding
    if made is None or made.version != index.version or made.vectors.shape[1] != index.dimensions:
        return None
    return made.vectors
