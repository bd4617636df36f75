"""Sheet headers of a Migration Portfolio Assessment workbook, leading and trailing blanks included."""


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


SERVERS = _columns(
    "Serverid|isPhysical|hypervisor|HOSTNAME|osName|osVersion|numCpus|numCoresPerCpu|numThreadsPerCore|"
    "maxCpuUsagePctDec (%)|avgCpuUsagePctDec (%)|totalRAM (GB)|maxRamUsagePctDec (%)|"
    "avgRamUtlPctDec (%)|Uptime|Environment Type|Storage-Total Disk Size (GB)|Storage-Utilization %|"
    "Storage-Max Read IOPS Size (KB)|Storage-Max Write IOPS Size (KB)"
)
APPLICATIONS = _columns(
    "Application ID|Reference ID|Application Name|Description|Business Unit|Business Owner|"
    "Business Owner Email|Business Owner Phone|Business Criticality|Application Type|"
    "Recovery Point Objective (hours)|Recovery Time Objective (hours)|Availability|"
    "Service/Operation Agreements|Revenue Generating (Y/N)|Number of Users|Number of Connections|"
    "Number of Inbound Connections|Number of Outbound Connections|User Location|Usage Cycle|"
    "Operating Hours per Day|Pain-point, Risks and Challenges|Modernization Preference|"
    "Modernization Roadmap|Downtime Permission (Y/N)|Approaching Refresh (Y/N)|Migration Strategy|"
    "Migration Consideration|Existing Dependencies|Dependencies Description|Environment Type|Database |"
    "File System|Storage Inventory|User Connection Type (Dedicated/Web)|Application Tiers|"
    "Architecture Type|Application Support|CDN|Lifecycle Status|Development Phase|Outage - Planned|"
    "Outage - Unplanned|Development Methodology|Release Cycle|Change Control Procedures|"
    "License Requirements|COTS Software (Y/N)|COTS Vendor|"
    "Special Requirements on Technologies, Processes, or Other applications|Key Support Utilities|"
    "Compliance Framework|Data Sovereignty Requirements|Data Classification|Data Encryption|"
    "Other Regulatory Requirements|Reporting Requirement|Penetration Test|Deployment Type|"
    "Maintenance Cycle|Monitoring Solution|Backup Process|Infrastructure Maintenance|"
    "Disaster Recovery (Y/N)|Disaster Recovery Plan|Blackout days|Test Cases"
)
DATABASES = _columns(
    "Database ID|DB Name|DB Instance Name|Source Engine Type|Source Engine Version|Source Engine Edition|"
    "Total Size (GB)|Server ID|Target Engine|Deployment Type|Database Owner Name|Database Owner Email|"
    "Database Owner Phone|License Model|Oracle ADR (Y/N)|Replication (Y/N)|Cluster/Oracle RAC (Y/N)|"
    "Peak IOPS (KB)|Average IOPS (KB)|WQF Rating (1,2,3,4,5)|Migration Strategy|CPU Cores|"
    "Max Transactions per Second|Redo Log Size (KB)|Stored Procedures Lines of Code|"
    "Triggers Lines of Code|Utilization|Throughput (MBps)"
)
SERVER_TO_APPLICATION = ("appid", "serverId")
SERVER_COMMUNICATION = _columns(
    "Source Server ID| Source Process ID| Source Server IP Address| Source Port| Target Server ID|"
    " Target Server IP Address|Target Process ID| Target Port|IP Version|Transport Protocol|Count|State"
)
DATABASE_TO_APPLICATION = ("Database ID", "Application ID", "Criticality")
APPLICATION_DEPENDENCY = ("SRC App ID", "DEST App ID", "Criticality")
