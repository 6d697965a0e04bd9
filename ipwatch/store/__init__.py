"""The only user of SQLAlchemy: tables, sessions, query functions and migrations."""
