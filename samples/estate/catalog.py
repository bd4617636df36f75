"""What the company runs: its applications and operating systems. Facts only, no randomness.

End-of-life dates are the vendors' ends of standard support (endoflife.date, autumn 2026); paid
extensions do not count.
"""

from dataclasses import dataclass
from datetime import date

COMPANY = "Nordkai Hafenlogistik GmbH"
DOMAIN = "nordkai.example"
AS_OF = date(2026, 11, 21)
EXPORT_DATE = "2026-11-02"


@dataclass(frozen=True)
class OperatingSystem:
    """One product as each source spells it; eol None = no date, or the spelling does not give the version."""

    config: str
    tools: str
    name: str
    version: str
    eol: date | None

    @property
    def text(self) -> str:
        return f"{self.name} {self.version}".strip()


def _windows(version: str, eol: date, config: str | None = None) -> OperatingSystem:
    exact = f"Microsoft Windows Server {version} (64-bit)"
    return OperatingSystem(config or exact, exact, "Windows Server", version, eol)


def _linux(long: str, name: str, version: str, eol: date | None) -> OperatingSystem:
    return OperatingSystem(f"{long} (64-bit)", f"{long} (64-bit)", name, version, eol)


LATER = "Microsoft Windows Server 2016 or later (64-bit)"
OS = {
    "win2008r2": _windows("2008 R2", date(2020, 1, 14)),
    "win2012r2": _windows("2012 R2", date(2023, 10, 10), "Microsoft Windows Server 2012 (64-bit)"),
    "win2016": _windows("2016", date(2027, 1, 12), LATER),
    "win2019": _windows("2019", date(2029, 1, 9), LATER),
    "win2022": _windows("2022", date(2031, 10, 14), LATER),
    "rhel6": _linux("Red Hat Enterprise Linux 6", "Red Hat Enterprise Linux", "6.10", date(2020, 11, 30)),
    "rhel7": _linux("Red Hat Enterprise Linux 7", "Red Hat Enterprise Linux", "7.9", date(2024, 6, 30)),
    "rhel8": _linux("Red Hat Enterprise Linux 8", "Red Hat Enterprise Linux", "8.10", date(2029, 5, 31)),
    "rhel9": _linux("Red Hat Enterprise Linux 9", "Red Hat Enterprise Linux", "9.4", date(2032, 5, 31)),
    "centos7": _linux("CentOS 7", "CentOS Linux", "7", date(2024, 6, 30)),
    "ubuntu2004": _linux("Ubuntu Linux", "Ubuntu", "20.04", date(2025, 5, 31)),
    "ubuntu2204": _linux("Ubuntu Linux", "Ubuntu", "22.04", date(2027, 4, 1)),
    "ubuntu2404": _linux("Ubuntu Linux", "Ubuntu", "24.04", date(2029, 5, 31)),
    "sles12": _linux("SUSE Linux Enterprise 12", "SUSE Linux Enterprise Server", "12", date(2024, 10, 31)),
    "sles15": _linux("SUSE Linux Enterprise 15", "SUSE Linux Enterprise Server", "15", None),
    "photon": _linux("VMware Photon OS", "VMware Photon OS", "", None),
    "other": _linux("Other 3.x or later Linux", "", "", None),
    "aix": OperatingSystem("", "", "IBM AIX", "7.2", None),
    "ibmi": OperatingSystem("", "", "IBM i", "7.3", date(2023, 9, 30)),
    "zos": OperatingSystem("", "", "IBM z/OS", "2.5", None),
    "none": OperatingSystem("", "", "", "", None),
}


OWNERS = (
    "Anneke Brandt",
    "Bjarne Holm",
    "Claudia Reimers",
    "Dilan Kaya",
    "Enno Janssen",
    "Fiona Walsh",
    "Gesa Thomsen",
)


@dataclass(frozen=True)
class Application:
    """An application; `tiers` says how many machines of which role it has in production."""

    key: str
    name: str
    department: str
    kind: str
    criticality: str
    data_class: str
    tiers: str

    @property
    def number(self) -> int:
        return list(APPLICATIONS).index(self.key) + 1

    @property
    def mpa_id(self) -> str:
        return f"A{self.number:02d}-{self.key.upper()}"

    @property
    def reference(self) -> str:
        return f"NK-APP-{self.number:02d}"

    @property
    def owner(self) -> str:
        return OWNERS[(self.number - 1) % len(OWNERS)]


_ROWS = """
tos|Terminal Operating System|Operations|Custom|mission-critical|Confidential|web3 app4 db2 test3
yard|Yard Planner|Operations|Custom|mission-critical|Internal|web2 app3 db2 test2
berth|Berth Planning|Operations|COTS|high|Internal|web2 app2 db1 test1
gate|Gate Check-in|Operations|Custom|mission-critical|Confidential|web3 app3 db2 test2
customs|Customs Declarations|Customs|COTS|mission-critical|Restricted|web2 app3 db2 test2
edi|EDI Gateway|Integration|Custom|mission-critical|Confidential|gw3 app3 db2 test2
track|Container Tracking|Customer Service|Custom|high|Internal|web3 app2 db1 test1
billing|Billing|Finance|Custom|high|Confidential|web2 app2 db2 test1
tariff|Tariff Engine|Finance|Custom|high|Internal|app2 db1 test1
fin|ERP Finance|Finance|COTS|mission-critical|Restricted|web2 app4 db2 test2
hr|HR Portal|Human Resources|COTS|medium|Restricted|web1 app1 db1
payroll|Payroll|Human Resources|COTS|high|Restricted|app2 db1 test1
pay|Payments|Finance|Custom|mission-critical|Restricted|svc3 web2 db2 test2
crm|Customer Portal|Customer Service|Custom|high|Confidential|web3 app2 db1 test1
wms|Warehouse Management|Warehouse|COTS|high|Internal|web2 app2 db2 test1
rail|Rail Dispatch|Operations|COTS|high|Internal|web1 app2 db1 test1
truck|Truck Appointment|Operations|Custom|high|Internal|web2 app2 db1 test1
reefer|Reefer Monitoring|Operations|COTS|high|Internal|app2 db1 test1
dg|Dangerous Goods Register|Safety|Custom|high|Confidential|web1 app1 db1 test1
crane|Crane Telemetry|Engineering|Custom|high|Internal|app3 db1
ocr|Container Vision OCR|Operations|COTS|high|Confidential|app4 db1
weigh|Weighbridge|Operations|COTS|medium|Internal|app1 db1
vts|Vessel Traffic Feed|Operations|Custom|medium|Public|app2
pilot|Pilot Booking|Operations|Custom|medium|Internal|web1 app1 db1
tug|Tug Dispatch|Operations|COTS|medium|Internal|web1 app1 db1
maint|Maintenance Planner|Engineering|COTS|medium|Internal|web1 app2 db1
spare|Spare Parts Catalogue|Engineering|COTS|low|Internal|web1 db1
doc|Document Archive|Administration|COTS|medium|Confidential|web1 app2 db1
fax|Fax Gateway|Administration|COTS|low|Internal|app1
intra|Intranet|Administration|Custom|low|Internal|web2 db1
wiki|Engineering Wiki|Engineering|COTS|low|Internal|web1 db1
bi|Business Intelligence|Finance|COTS|medium|Confidential|web1 app2
dwh|Data Warehouse|Finance|Custom|medium|Confidential|app2 db3
etl|Nightly ETL|Finance|Custom|medium|Confidential|app3
esb|Integration Bus|Integration|COTS|mission-critical|Confidential|app4 db1 test2
iam|Identity Self Service|IT|COTS|medium|Restricted|web1 app1
time|Time Recording|Human Resources|COTS|medium|Restricted|app1 db1
access|Access Control|Safety|COTS|high|Restricted|app1 db1
cctv|Video Surveillance|Safety|COTS|medium|Restricted|app3
safety|Safety Reports|Safety|Custom|low|Internal|web1
agent|Shipping Agent Portal|Customer Service|Custom|medium|Internal|web2 app1 db1
claims|Claims Handling|Customer Service|COTS|medium|Confidential|web1 db1
contract|Contract Store|Administration|COTS|medium|Confidential|web1 db1
proc|Procurement|Finance|COTS|medium|Confidential|web1 app1 db1
fleet|Fleet Management|Engineering|COTS|low|Internal|web1 db1
fuel|Fuel Depot|Engineering|COTS|medium|Internal|app1
env|Emissions Ledger|Safety|Custom|low|Public|
weather|Weather Feed|Operations|SaaS|low|Public|
learn|Learning Portal|Human Resources|SaaS|low|Internal|
survey|Customer Survey|Customer Service|SaaS|low|Internal|
freight|Freight Legacy|Operations|Custom|high|Confidential|
manifest|Manifest Archive|Customs|Custom|medium|Restricted|
lab|Load Test Lab|IT|Custom|low|Internal|
sms|SMS Notification|Customer Service|SaaS|low|Internal|
"""
APPLICATIONS: dict[str, Application] = {
    row.split("|", 1)[0]: Application(*row.split("|")) for row in _ROWS.strip().splitlines()
}
IN_MPA = tuple(APPLICATIONS)[:46]
