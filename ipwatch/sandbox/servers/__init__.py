"""The servers of the sandbox: one virtual host per marketplace, shop and register, in one ASGI application."""
