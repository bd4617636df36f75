"""Codes and attributes as people say them."""

_CODES = {
    "blank_row": "blank between rows with data",
    "repeated_header": "the header again",
    "total_row": "a total, not an asset",
    "category_row": "a heading, not an asset",
    "wrong_field_count": "more or fewer fields than the header",
    "cell_too_long": "a cell longer than any inventory's",
    "not_a_record": "no record of fields and values",
    "missing_name": "names nothing",
    "bad_number": "no number where one belongs",
    "unknown_record_type": "record type unknown",
    "no_vinfo_row": "belongs to no virtual machine of vInfo",
    "lookup_sheet": "a list of choices",
    "toc_sheet": "a table of contents",
    "not_imported": "marked as not imported",
    "no_data": "without data",
    "no_header": "no row names its columns",
    "pivot_sheet": "a pivot table over other rows",
    "transposed_sheet": "machines side by side: turn it so that each has a row",
    "second_table": "another table below the first",
    "duplicate_file": "the same file again",
    "not_a_number": "no number that can be read",
    "negative_value": "below zero",
    "impossible_address": "no IP address there can be",
    "impossible_mac": "no MAC address there can be",
    "impossible_uuid": "no uuid there can be",
    "impossible_name": "no name that DNS allows",
    "percent_over_100": "more than 100 %",
    "not_a_date": "no date that can be read",
    "not_yes_or_no": "neither yes nor no",
    "unknown_term": "a word of the file's own, kept as it stands",
    "secret_in_text": "a password or key, masked",
    "generic": "no known format",
    "ending_12_months": "ending within 12 months",
    "must_together": "must move together",
    "hard_order": "in a fixed order",
    "soft": "tied softly",
    "first row": "nothing tells which is right: the first row stands",
    "srm_placeholder": "SRM placeholder",
}
_ATTRIBUTES = {
    "(row)": "the whole row",
    "memory_gb": "memory (GB)",
    "storage_gb": "storage (GB)",
    "storage_used_gb": "storage in use (GB)",
    "cpu_cores": "CPU cores",
    "cpu_avg_percent": "average CPU use",
    "memory_avg_percent": "average memory use",
    "os_version": "version of the operating system",
    "database_size_gb": "size of the database",
    "current_monthly_cost": "monthly cost today",
    "ip_addresses": "IP addresses",
    "mac_addresses": "MAC addresses",
    "bios_uuid": "BIOS uuid",
    "fqdn": "full name",
}


def in_words(code: str) -> str:
    """A code of a result as people say it; any other with blanks."""
    return _CODES.get(code, code.replace("_", " "))


def name_attribute(name: str) -> str:
    """A canonical attribute as people say it."""
    return _ATTRIBUTES.get(name, name.replace("_", " "))
