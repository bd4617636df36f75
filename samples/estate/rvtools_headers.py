"""Column names of an RVTools 4.x export, tab by tab, with this company's two vCenter attributes."""

_CUSTOM = ("Kostenstelle", "Ansprechpartner")
_WHERE = ("Datacenter", "Cluster", "Host")
_GUEST = ("OS according to the configuration file", "OS according to the VMware Tools")
_FLAGS = ("VM", "Powerstate", "Template", "SRM Placeholder")
_SDK = ("VI SDK Server", "VI SDK UUID")
_TAIL = (*_WHERE, "Folder", *_GUEST, "VM ID", "VM UUID", *_SDK)


def _columns(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("\n", " ").split("|"))


VINFO = (
    *_FLAGS,
    *_columns(
        "Config status|DNS Name|Connection state|Guest state|Heartbeat|Consolidation Needed|PowerOn|"
        "Suspended To Memory|Suspend time|Suspend Interval|Creation date|Change Version|CPUs|"
        "Overall Cpu Readiness|Memory|Active Memory|NICs|Disks|Total disk capacity MiB|"
        "Fixed Passthru HotPlug|min Required EVC Mode Key|Latency Sensitivity|Op Notification Timeout|"
        "EnableUUID|CBT|Primary IP Address|Network #1|Network #2|Network #3|Network #4|Network #5|"
        "Network #6|Network #7|Network #8|Num Monitors|Video Ram KiB|Resource pool|Folder ID|Folder|vApp|"
        "DAS protection|FT State|FT Role|FT Latency|FT Bandwidth|FT Sec. Latency|"
        "Vm Failover In Progress|Provisioned MiB|In Use MiB|Unshared MiB|HA Restart Priority|"
        "HA Isolation Response|HA VM Monitoring|Cluster rule(s)|Cluster rule name(s)|Boot Required|"
        "Boot delay|Boot retry delay|Boot retry enabled|Boot BIOS setup|Reboot PowerOff|EFI Secure boot|"
        "Firmware|HW version|HW upgrade status|HW upgrade policy|HW target|Path|Log directory|"
        "Snapshot directory|Suspend directory|Annotation"
    ),
    *_CUSTOM,
    *_WHERE,
    *_GUEST,
    *_columns("Customization Info|Guest Detailed Data|VM ID|SMBIOS UUID|VM UUID"),
    *_columns("VI SDK Server type|VI SDK API Version|VI SDK Server|VI SDK UUID"),
)
VCPU = (
    *_FLAGS,
    *_columns("CPUs|Sockets|Cores p/s|Max|Overall|Level|Shares|Reservation|Entitlement|DRS Entitlement"),
    *_columns("Limit|Hot Add|Hot Remove|Numa Hotadd Exposed|Annotation"),
    *_CUSTOM,
    *_TAIL,
)
VMEMORY = (
    *_FLAGS,
    *_columns("Size MiB|Memory Reservation Locked To Max|Overhead|Max|Consumed|Consumed Overhead|Private"),
    *_columns("Shared|Swapped|Ballooned|Active|Entitlement|DRS Entitlement|Level|Shares|Reservation"),
    *_columns("Limit|Hot Add|Annotation"),
    *_CUSTOM,
    *_TAIL,
)
VDISK = (
    *_FLAGS,
    *_columns("Disk|Disk Key|Disk UUID|Disk Path|Capacity MiB|Raw|Disk Mode|Sharing mode|Thin"),
    *_columns("Eagerly Scrub|Split|Write Through|Level|Shares|Reservation|Limit|Controller|Label"),
    *_columns("SCSI Unit #|Unit #|Shared Bus|Path|Raw LUN ID|Raw Comp. Mode|Internal Sort Column"),
    "Annotation",
    *_CUSTOM,
    *_TAIL,
)
VPARTITION = (
    *_FLAGS,
    *_columns("Disk Key|Disk|Capacity MiB|Consumed MiB|Free MiB|Free %|Internal Sort Column|Annotation"),
    *_CUSTOM,
    *_TAIL,
)
VNETWORK = (
    *_FLAGS,
    *_columns("NIC label|Adapter|Network|Switch|Connected|Starts Connected|Mac Address|Type"),
    *_columns("IPv4 Address|IPv6 Address|Direct Path IO|Internal Sort Column|Annotation"),
    *_CUSTOM,
    *_TAIL,
)
VSNAPSHOT = (
    *_columns("VM|Powerstate|Name|Description|Date / time|Filename|Size MiB (vmsn)|Size MiB (total)"),
    *_columns("Quiesced|State|Annotation"),
    *_CUSTOM,
    *_TAIL,
)
VTOOLS = (
    "Upgrade",
    *_FLAGS,
    *_columns("VM Version|Tools|Tools Version|Required Version|Upgradeable|Upgrade Policy|Sync time"),
    *_columns("App status|Heartbeat status|Kernel Crash state|Operation Ready|State change support"),
    *_columns("Interactive Guest|Annotation"),
    *_CUSTOM,
    *_WHERE,
    "Folder",
    *_GUEST,
    *_columns("VMRef|VM ID|VM UUID"),
    *_SDK,
)
VHOST = (
    *_columns(
        "Host|Datacenter|Cluster|Config status|Compliance Check State|in Maintenance Mode|"
        "in Quarantine Mode|vSAN Fault Domain Name|CPU Model|Speed|HT Available|HT Active|# CPU|"
        "Cores per CPU|# Cores|CPU usage %|# Memory|Memory Tiering Type|Memory usage %|Console|# NICs|"
        "# HBAs|# VMs total|# VMs|VMs per Core|# vCPUs|vCPUs per Core|vRAM|VM Used memory|"
        "VM Memory Swapped|VM Memory Ballooned|VMotion support|Storage VMotion support|Current EVC|"
        "Max EVC|Assigned License(s)|ATS Heartbeat|ATS Locking|Current CPU power man. policy|"
        "Supported CPU power man.|Host Power Policy|ESX Version|Boot time|DNS Servers|DHCP|Domain|"
        "Domain List|DNS Search Order|NTP Server(s)|NTPD running|Time Zone|Time Zone Name|GMT Offset|"
        "Vendor|Model|Serial number|Service tag|OEM specific string|BIOS Vendor|BIOS Version|BIOS Date|"
        "Certificate Issuer|Certificate Start Date|Certificate Expiry Date|Certificate Status|"
        "Certificate Subject|Object ID|UUID"
    ),
    *_SDK,
)
VCLUSTER = (
    *_columns("Name|Config status|OverallStatus|NumHosts|numEffectiveHosts|TotalCpu|NumCpuCores"),
    *_columns("NumCpuThreads|Effective Cpu|TotalMemory|Effective Memory|Num VMotions|HA enabled"),
    *_columns("Failover Level|AdmissionControlEnabled|Host monitoring|DRS enabled|Object ID"),
    *_SDK,
)
VDATASTORE = (
    *_columns("Name|Config status|Address|Accessible|Type|# VMs total|# VMs|Capacity MiB"),
    *_columns("Provisioned MiB|In Use MiB|Free MiB|Free %|# Hosts|Hosts|Cluster name|Object ID"),
    *_SDK,
)
VSOURCE = (
    *_columns("Name|OS type|API type|API version|Version|Patch level|Build|Fullname|Product name"),
    *_columns("Product version|Product line|Vendor"),
    *_SDK,
)
VHEALTH = ("Name", "Message", "Message type", *_SDK)
