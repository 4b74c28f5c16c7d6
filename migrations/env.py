"""Runs the migrations; called by Alembic."""

from pathlib import Path

from alembic import context
from sqlalchemy.engine import make_url

from petition.db import make_engine
from petition.models import Base

url = make_url(context.config.get_main_option("sqlalchemy.url") or "")
if url.get_backend_name() == "sqlite" and url.database:
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)

engine = make_engine(url.render_as_string(hide_password=False))
with engine.connect() as connection:
    if engine.dialect.name == "sqlite":
        # A table that is made anew is dropped first, and must not take with it the rows that refer to it.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        render_as_batch=url.get_backend_name() == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
