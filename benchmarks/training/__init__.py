"""Programs that write the tables that the matcher reads; none of them runs in the product."""
