"""What a column means: tables of known formats, synonyms, value profiles, and the decision between them.

A mapping says `attribute`, `unit`, `factor` and `combine`. `value × factor` is in the attribute's canonical
unit; a unit inside the cell ("16 GiB") wins over the column's. `combine` says how columns of one row that
map to the same attribute become one value:

- null: the column stands alone.
- `prefer:<n>`: the filled column with the lowest n wins.
- `list`: all values of all such columns, without repeats, in column order.
- `sum` or `sum:<n>`: the columns with the lowest filled n are added (after the factor).
- `multiply:<attribute>`: multiplied by the row's value of that attribute; alone where that is unknown.
- `percent_of:<attribute>`: value × factor / the row's value of that attribute × 100; else unknown.
- `used_of_total`: the cell holds "used / total": total is the attribute, used is storage_used_gb.
- `by_category:<column>`: the cell beside it names what the value is (operating system, database, …).
"""
