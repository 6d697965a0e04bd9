"""The routes of the review page, one file per subject."""
