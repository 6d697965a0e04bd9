"""Pure Japanese and multilingual text: what a title looks like and sounds like once disguises are removed."""
