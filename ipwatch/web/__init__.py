"""The review page: server-rendered, works without JavaScript."""
