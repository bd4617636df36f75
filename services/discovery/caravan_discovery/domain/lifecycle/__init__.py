"""End-of-life dates as data, how a product and version of an inventory are matched with them, and the debt."""

from caravan_discovery.domain.lifecycle._matching import Lifecycle, Status, assess_lifecycle
from caravan_discovery.domain.lifecycle._published import MOST_BYTES, Publication, read_publication
from caravan_discovery.domain.lifecycle._refresh import TableChange, renew, table_text, write_table
from caravan_discovery.domain.lifecycle._scoring import (
    DEBT,
    score_applications,
    score_products,
    score_single_points,
    score_technologies,
    score_usage,
)
from caravan_discovery.domain.lifecycle._table import (
    FILE_NAME,
    SHIPPED,
    TABLE_NAME,
    Cycle,
    LifecycleTable,
    TableIsInvalid,
    load_table,
    read_raw,
    table_of_rows,
    table_rows,
)
from caravan_discovery.domain.lifecycle._technologies import Technology, parse_technologies
from caravan_discovery.domain.lifecycle._usage import find_usage_debt

__all__ = [
    "DEBT",
    "FILE_NAME",
    "MOST_BYTES",
    "SHIPPED",
    "TABLE_NAME",
    "Cycle",
    "Lifecycle",
    "LifecycleTable",
    "Publication",
    "Status",
    "TableChange",
    "TableIsInvalid",
    "Technology",
    "assess_lifecycle",
    "find_usage_debt",
    "load_table",
    "parse_technologies",
    "read_publication",
    "read_raw",
    "renew",
    "score_applications",
    "score_products",
    "score_single_points",
    "score_technologies",
    "score_usage",
    "table_of_rows",
    "table_rows",
    "table_text",
    "write_table",
]
