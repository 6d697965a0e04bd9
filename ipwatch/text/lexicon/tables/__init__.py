"""Tables (generated text files) and the scripts that write them."""
