"""Accounts: who may sign in to the review page. Passwords are kept as scrypt hashes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from ipwatch.errors import ConfigError, StoreError
from ipwatch.store.inserts import insert_absent, table_of
from ipwatch.store.passwords import is_common
from ipwatch.store.rows import clean
from ipwatch.store.tables import AccountRow
from ipwatch.terms import listed, message

_ACCOUNT = table_of(AccountRow)

MAX_NAME_LENGTH = 64
MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 1024

# OWASP's Password Storage Cheat Sheet: N = 2**17, r = 8, p = 1, which takes 128 MiB for each check.
_COST = (2**17, 8, 1)
_HASH_BYTES, _SALT_BYTES = 32, 16
_FIELDS = 6

MAX_HASHES = 2
"""Concurrent password hashes in this process: each takes 128 MiB and one core."""
_HASHING = threading.BoundedSemaphore(MAX_HASHES)

# Format and other invisible characters: names that differ only in these look the same.
_INVISIBLE = frozenset({"Cf", "Cc"})
_INVISIBLE_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"


class Role(StrEnum):
    """What an account may do."""

    REVIEWER = "reviewer"
    APPROVER = "approver"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who may sign in."""

    id: int
    name: str
    display_name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account that may be added: checked, its password hashed."""

    name: str
    display_name: str
    role: Role
    password_hash: str


def new_account(name: str, display_name: str, *, role: str, password: str) -> NewAccount:
    """Return what ``add_account`` adds; raises ``ConfigError`` naming what is wrong with name, role or password.

    Hashing takes a second or more on a slow machine, so it is done before a transaction begins.
    """
    name, display_name = fold_name(name), clean(display_name).strip()
    if not name or len(name) > MAX_NAME_LENGTH:
        raise ConfigError(message("store.account_name", most=MAX_NAME_LENGTH))
    if not display_name:
        raise ConfigError(message("store.account_person"))
    if role not in {known.value for known in Role}:
        raise ConfigError(message("store.no_role", role=role, roles=listed(Role)))
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise ConfigError(message("store.password_length", least=MIN_PASSWORD_LENGTH, most=MAX_PASSWORD_LENGTH))
    if is_common(password, names=(name, display_name)):
        raise ConfigError(message("store.password_common"))
    password_hash = _hash_password(password, secrets.token_bytes(_SALT_BYTES))
    return NewAccount(name=name, display_name=display_name, role=Role(role), password_hash=password_hash)


def add_account(session: Session, new: NewAccount, *, now: datetime) -> Account:
    """Add an account and return it; raises ``ConfigError`` where there is already one of that name."""
    row = asdict(new) | {"created_at": now}
    added = insert_absent(session, _ACCOUNT, [row], key=["name"], returning=["id"])
    if not added:
        raise ConfigError(message("store.account_exists", name=new.name))
    return Account(id=added[0].id, name=new.name, display_name=new.display_name, role=new.role)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is verified against: the hash of an account, or for an unknown name one that nothing matches."""

    account: Account | None
    password_hash: str

    def match(self, password: str) -> Account | None:
        """Return the account if the password is correct; takes the same time whether the account exists or not.

        At most ``MAX_HASHES`` calls hash at once; the others block.
        """
        matches = _matches(password[:MAX_PASSWORD_LENGTH], self.password_hash)
        return self.account if matches and len(password) <= MAX_PASSWORD_LENGTH else None


def find_credentials(session: Session, name: str) -> Credentials:
    """Return the credentials of the account with that name (compared as ``fold_name`` has it)."""
    row = session.execute(select(_ACCOUNT).where(_ACCOUNT.c.name == fold_name(name))).one_or_none()
    if row is None:
        # An unknown name costs one hash too, so that the response time does not reveal which names exist.
        return Credentials(None, _NOBODY)
    account = Account(id=row.id, name=row.name, display_name=row.display_name, role=Role(row.role))
    return Credentials(account, row.password_hash)


def authenticate(session: Session, name: str, password: str) -> Account | None:
    """Return the account if name and password are correct, else ``None``; takes the same time either way."""
    return find_credentials(session, name).match(password)


def any_accounts(session: Session) -> bool:
    """Return whether there is any account."""
    return bool(session.scalar(select(exists(select(_ACCOUNT.c.id)))))


def fold_name(name: str) -> str:
    """Return the normal form of an account's name, under which it is stored, looked up and counted.

    Width, case, ligatures (NFKC and case folding) and invisible characters make no difference.
    """
    folded = unicodedata.normalize("NFKC", clean(name)).casefold()
    shown = "".join(character for character in folded if not _is_invisible(character))
    return unicodedata.normalize("NFKC", shown).strip()


def _is_invisible(character: str) -> bool:
    if character in _INVISIBLE_LETTERS or unicodedata.category(character) in _INVISIBLE:
        return True
    # Variation selectors.
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _hash_password(password: str, salt: bytes) -> str:
    return _written(salt, _derive(password, salt, _COST, _HASH_BYTES))


def _written(salt: bytes, key: bytes) -> str:
    return "$".join(("scrypt", *(str(number) for number in _COST), _text(salt), _text(key)))


def _matches(password: str, stored: str) -> bool:
    parts = stored.split("$")
    if len(parts) != _FIELDS or parts[0] != "scrypt":
        raise StoreError(message("store.password_hash"))
    cost, block, parallel = (int(part) for part in parts[1:4])
    salt, key = (base64.b64decode(part) for part in parts[4:])
    return hmac.compare_digest(_derive(password, salt, (cost, block, parallel), len(key)), key)


def _derive(password: str, salt: bytes, costs: tuple[int, int, int], length: int) -> bytes:
    cost, block, parallel = costs
    typed = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    # OpenSSL needs a little more than 128 * N * r bytes, and refuses by default where that is over 32 MiB.
    memory = 128 * cost * block * 2
    with _HASHING:
        return hashlib.scrypt(typed, salt=salt, n=cost, r=block, p=parallel, maxmem=memory, dklen=length)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


# Matches no password: its key is random and was never derived.
_NOBODY = _written(secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_HASH_BYTES))
