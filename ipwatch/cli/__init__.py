"""The command `ipwatch`."""
