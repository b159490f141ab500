"""Run the migrations on the connection of `database.migrate`, inside its transaction."""

from alembic import context

from diagnostics.councils.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
)
with context.begin_transaction():
    context.run_migrations()
