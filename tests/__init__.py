"""The tests, room by room like `ipwatch/`; a package so that no other one called `tests` is taken for it."""
