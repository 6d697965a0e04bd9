"""Programs that write the tables the matcher reads; nothing of them runs in the product."""
