"""Operating systems and databases out of free text: family, product, version. Works on distinct values only."""

import re
from dataclasses import dataclass
from functools import lru_cache

from caravan_discovery.domain.cleansing.versions import YEARS, read_version


@dataclass(frozen=True)
class Platform:
    """`product` is the canonical name, `lifecycle` endoflife.date's, `version` as far as the text says it."""

    family: str
    product: str
    version: str | None
    lifecycle: str | None
    architecture: str | None = None


@dataclass(frozen=True)
class _Rule:
    pattern: re.Pattern[str]
    family: str
    product: str
    lifecycle: str | None


_WINDOWS_SERVER = r"win(dows)?\w*[\s-]*(server|srv)|win(dows)?\s*(nt|20\d\d|2k\d)|^w2k"


def _rule(pattern: str, family: str, product: str, lifecycle: str | None) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), family, product, lifecycle)


# The first that matches wins, so the more particular stand first.
_OPERATING_SYSTEMS: tuple[_Rule, ...] = (
    _rule(r"\besxi?\b", "hypervisor", "VMware ESXi", "vmware-esxi"),
    _rule(r"\bz/?os\b|mainframe|z/vm", "mainframe", "IBM z/OS", "ibm-zos"),
    _rule(r"\b(os/?400|as/?400|i5/?os|iseries|ibm i)\b", "ibm i", "IBM i", "ibm-i"),
    _rule(r"\baix\b", "aix", "IBM AIX", "ibm-aix"),
    _rule(r"\bhp-?ux\b", "hp-ux", "HP-UX", "hp-ux"),
    _rule(r"solaris|sunos", "solaris", "Oracle Solaris", "oracle-solaris"),
    _rule(_WINDOWS_SERVER, "windows", "Windows Server", "windows-server"),
    _rule(r"windows|^win\s?\d", "windows", "Windows", "windows"),
    _rule(r"centos\s*(linux\s*)?stream", "linux", "CentOS Stream", "centos-stream"),
    _rule(r"centos", "linux", "CentOS", "centos"),
    _rule(r"oracle\s*(enterprise\s*)?linux|\boel\b|\bol\s?\d", "linux", "Oracle Linux", "oracle-linux"),
    _rule(r"red\s*hat|rhel|^el\s?\d", "linux", "Red Hat Enterprise Linux", "rhel"),
    _rule(r"rocky", "linux", "Rocky Linux", "rocky-linux"),
    _rule(r"alma\s*linux", "linux", "AlmaLinux", "almalinux"),
    _rule(r"amazon\s*linux|\bamzn|\bal20\d\d", "linux", "Amazon Linux", "amazon-linux"),
    _rule(r"ubuntu", "linux", "Ubuntu", "ubuntu"),
    _rule(r"debian", "linux", "Debian", "debian"),
    _rule(r"open\s*suse", "linux", "openSUSE", "opensuse"),
    _rule(r"suse|sles", "linux", "SUSE Linux Enterprise Server", "sles"),
    _rule(r"fedora", "linux", "Fedora", "fedora"),
    _rule(r"photon", "linux", "VMware Photon OS", "vmware-photon"),
    _rule(r"freebsd", "bsd", "FreeBSD", "freebsd"),
    _rule(r"mac\s?os|os x", "macos", "macOS", "macos"),
    _rule(r"netware|openvms|\bvms\b|tru64|nonstop", "legacy", "Legacy Unix or VMS", None),
    _rule(r"linux", "linux", "Linux", None),
    _rule(
        r"data\s?ontap|big-?ip|netscaler|fortios|pan-?os|junos|cisco|appliance",
        "appliance",
        "Appliance",
        None,
    ),
    _rule(r"^other\b", "unknown", "Other", None),
)

_DATABASES: tuple[_Rule, ...] = (
    _rule(
        r"sql\s*server|ms[-\s]?sql|^sql\s?20\d\d",
        "relational",
        "Microsoft SQL Server",
        "mssqlserver",
    ),
    _rule(r"oracle", "relational", "Oracle Database", "oracle-database"),
    _rule(r"postgres", "relational", "PostgreSQL", "postgresql"),
    _rule(r"maria", "relational", "MariaDB", "mariadb"),
    _rule(r"mysql", "relational", "MySQL", "mysql"),
    _rule(r"\bdb2\b", "relational", "IBM Db2", "ibm-db2"),
    _rule(r"mongo", "document", "MongoDB", "mongodb"),
    _rule(r"redis", "key-value", "Redis", "redis"),
    _rule(r"elastic", "search", "Elasticsearch", "elasticsearch"),
    _rule(r"sybase|\base\b", "relational", "SAP ASE", None),
    _rule(r"informix", "relational", "IBM Informix", "ibm-informix"),
    _rule(r"cassandra", "wide-column", "Apache Cassandra", "apache-cassandra"),
    _rule(r"couchbase", "document", "Couchbase Server", "couchbase-server"),
    _rule(r"hana", "relational", "SAP HANA", None),
)

_BITS = re.compile(
    r"\(?\b(32|64)[\s-]?bit\b\)?|\b(x86_64|x64|amd64|aarch64|arm64|i[3-6]86|x86)\b", re.IGNORECASE
)
_ARCHITECTURES = {
    "64": "x86_64",
    "32": "x86",
    "x64": "x86_64",
    "amd64": "x86_64",
    "arm64": "arm64",
    "aarch64": "arm64",
}
BLOCKED_FAMILIES = {
    "mainframe": "mainframe",
    "ibm i": "IBM i",
    "appliance": "appliance",
    "legacy": "legacy platform",
}


@lru_cache(maxsize=65536)
def parse_operating_system(text: str, version_text: str = "") -> Platform | None:
    """The platform of an operating-system cell, with a separate version cell where there is one. None: not known."""
    architecture = _read_architecture(f"{text} {version_text}")
    bare, bare_version = (_BITS.sub(" ", part).strip() for part in (text, version_text))
    rule = _find(_OPERATING_SYSTEMS, bare)
    # "linux" beside "Red Hat Enterprise Linux 7": the version cell may name the product better.
    named = _find(_OPERATING_SYSTEMS, bare_version)
    if named and (
        rule is None or rule.product in ("Linux", "Windows", "Other") or named.product == rule.product
    ):
        rule = named if rule is None or named.lifecycle or not rule.lifecycle else rule
    if rule and rule.product == "Windows" and re.search(rf"(?<!\d){YEARS}(?!\d)", f"{bare} {bare_version}"):
        rule = next(other for other in _OPERATING_SYSTEMS if other.product == "Windows Server")
    if rule is None:
        return None
    version = read_version(rule.product, bare) or read_version(rule.product, bare_version)
    own = read_version(rule.product, bare_version)
    if own and version and own.startswith(version):
        version = own
    return Platform(rule.family, rule.product, version, rule.lifecycle, architecture)


@lru_cache(maxsize=4096)
def parse_database(text: str, version_text: str = "") -> Platform | None:
    """The database product of a cell and its version. None: not known."""
    rule = _find(_DATABASES, text) or _find(_DATABASES, version_text)
    if rule is None:
        return None
    version = read_version(rule.product, version_text) or read_version(rule.product, text)
    return Platform(rule.family, rule.product, version, rule.lifecycle)


@lru_cache(maxsize=4096)
def find_lifecycle(product: str) -> str | None:
    """endoflife.date's name of a canonical product."""
    for rule in (*_OPERATING_SYSTEMS, *_DATABASES):
        if rule.product == product:
            return rule.lifecycle
    return None


def _find(rules: tuple[_Rule, ...], text: str) -> _Rule | None:
    return next((rule for rule in rules if rule.pattern.search(text)), None) if text else None


def _read_architecture(text: str) -> str | None:
    found = _BITS.search(text)
    if not found:
        return None
    word = (found.group(1) or found.group(2)).lower()
    return _ARCHITECTURES.get(word, "x86" if word.startswith("i") else word)
