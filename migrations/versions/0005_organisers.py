"""Who asks: the organiser of a campaign. The picture for other sites is made from the ask and the number now.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_COLUMNS = {"organiser_name": 120, "organiser_country": 2, "organiser_contact": 300}


def upgrade() -> None:
    for name, length in _COLUMNS.items():
        op.add_column("campaign", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    op.add_column("campaign", sa.Column("organiser_since", sa.Date, nullable=True))
    op.drop_column("call", "image_social")


def downgrade() -> None:
    for name in (*_COLUMNS, "organiser_since"):
        op.drop_column("campaign", name)
    op.add_column("call", sa.Column("image_social", sa.String(200), nullable=False, server_default=""))
