"""Where a lake lives: a folder with an SQLite catalogue, or a PostgreSQL catalogue by URL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from riskplatform.errors import UserInputError

CATALOGUE_FILE = "lake.sqlite"
DATA_FOLDER = "lake"
CATALOGUE_SCHEMA = "riskplatform_lake"
POSTGRES_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2")


@dataclass(frozen=True)
class EmbeddedLocation:
    """An SQLite catalogue file and the folder of Parquet files beside it."""

    catalogue: Path
    catalogue_schema = "main"

    @property
    def label(self) -> str:
        return str(self.catalogue)

    @property
    def data_path(self) -> str:
        return f"{self.catalogue.parent / DATA_FOLDER}/"

    @property
    def lock_path(self) -> Path:
        return self.catalogue.with_name(f"{self.catalogue.name}.lock")


@dataclass(frozen=True)
class PostgresLocation:
    """A PostgreSQL catalogue; ``data_path`` is needed only when the lake is created.

    ``label`` is the address without the password, for messages.
    """

    url: str
    data_path: str | None
    label: str
    catalogue_schema = CATALOGUE_SCHEMA

    def secret_parts(self) -> dict[str, str]:
        """Host, port, user, password and database, under the names of DuckDB's secrets."""
        split = urlsplit(self.url)
        query = dict(parse_qsl(split.query))
        parts = {
            "host": split.hostname or query.get("host", ""),
            "port": str(split.port or query.get("port", "")),
            "user": unquote(split.username or "") or query.get("user", ""),
            "password": unquote(split.password or "") or query.get("password", ""),
            "database": unquote(split.path.lstrip("/")) or query.get("dbname", ""),
        }
        return {name: value for name, value in parts.items() if value}

    def other_parts(self) -> dict[str, str]:
        """What else the URL asks of libpq (``sslmode`` and its like)."""
        taken = {"host", "port", "user", "password", "dbname"}
        query = parse_qsl(urlsplit(self.url).query)
        return {name: value for name, value in query if name not in taken}


Location = EmbeddedLocation | PostgresLocation


def parse_location(location: str | Path) -> Location:
    """Read a folder, a ``.sqlite`` file or a ``postgresql://`` URL.

    The folder of a PostgreSQL lake rides in the URL: ``?data_path=/srv/lake`` or
    ``?data_path=s3://bucket/lake``.
    """
    text = str(location)
    if "://" not in text:
        path = Path(text).expanduser().absolute()
        return EmbeddedLocation(path if path.suffix == ".sqlite" else path / CATALOGUE_FILE)
    split = urlsplit(text)
    if split.scheme not in POSTGRES_SCHEMES:
        raise UserInputError(
            f"The lake location {split.scheme}://… is not understood.",
            hint="Give a folder, or postgresql://user@host/database?data_path=FOLDER_OR_S3_URL.",
        )
    query = dict(parse_qsl(split.query))
    data_path = query.pop("data_path", None)
    clean = urlunsplit(("postgresql", split.netloc, split.path, urlencode(query), ""))
    port = f":{split.port}" if split.port else ""
    label = f"postgresql://{split.hostname or query.get('host', 'localhost')}{port}{split.path}"
    return PostgresLocation(clean, _absolute(data_path), label)


def _absolute(data_path: str | None) -> str | None:
    if data_path is None:
        return None
    if "://" not in data_path:
        data_path = str(Path(data_path).expanduser().absolute())
    return f"{data_path.rstrip('/')}/"
