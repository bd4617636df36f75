"""Closed vocabularies: how environments, criticality, power and the like are written, and their canonical word."""

import re
from itertools import pairwise

_ENVIRONMENTS = {
    "production": "prod production prd live productive p produktion produktiv prod-umgebung",
    "test": "test tst testing qa uat sit acceptance integration quality q t abnahme",
    "staging": "staging stage stg preprod pre-prod preproduction pre-production ppd",
    "development": "development dev develop entwicklung entw d",
    "non-production": "non-prod nonprod non-production nonproduction np",
    "disaster recovery": "dr disaster-recovery disaster-recovery-site recovery drp",
    "sandbox": "sandbox sbx lab poc training demo",
}
_CRITICALITY = {
    "mission-critical": "mission-critical missioncritical mission tier-0 tier0 0 very-high extreme critical "
    "business-critical 1-most-critical most-critical kritisch sehr-hoch geschäftskritisch",
    "high": "high h tier-1 tier1 1 important 2-somewhat-critical somewhat-critical major hoch",
    "medium": "medium med m moderate tier-2 tier2 2 normal standard mittel",
    "low": "low l minor tier-3 tier3 3 4 none-critical non-critical not-critical 4-not-critical 3-less-critical "
    "less-critical niedrig gering unkritisch",
}
_POWER = {
    "on": "poweredon powered-on on running up started active an ein eingeschaltet",
    "off": "poweredoff powered-off off stopped down shutdown halted deallocated notrunning terminated aus "
    "ausgeschaltet",
    "suspended": "suspended paused standby saved hibernated",
}
_BOOT = {"bios": "bios legacy", "uefi": "uefi efi"}
_CLASSES = {
    "public": "public open öffentlich",
    # The protection needs of BSI IT-Grundschutz (normal, hoch, sehr hoch) among them.
    "internal": "internal general intern normal",
    "confidential": "confidential secret private vertraulich hoch",
    "restricted": "restricted highly-confidential strictly-confidential streng-vertraulich geheim sehr-hoch",
    "personal": "personal pii gdpr personenbezogen",
}
_VIRTUALIZATION = {
    "physical": "physical baremetal bare-metal hardware physisch",
    "virtual": "virtual vm virtual-machine guest vmware-virtual-machine virtuell",
}
_ARCHITECTURE = {
    "x86_64": "x64 x86_64 amd64 64-bit 64bit x86-64",
    "x86": "x86 i386 i686 32-bit 32bit",
    "arm64": "arm64 aarch64",
    "power": "power ppc ppc64 powerpc ppc64le",
    "sparc": "sparc",
    "s390x": "s390x s390",
}
_PLATFORMS = {
    "VMware": "vmware vsphere esx esxi vmware-esxi vmware-vsphere",
    "Hyper-V": "hyper-v hyperv microsoft-hyper-v",
    "Xen": "xen xenserver citrix-xenserver",
    "KVM": "kvm qemu rhev ovirt",
    "Nutanix AHV": "ahv nutanix nutanix-ahv",
    "Oracle VM": "ovm oracle-vm",
}
_TREATMENTS = {
    "rehost": "rehost lift-and-shift lift-shift relocate",
    "replatform": "replatform re-platform",
    "refactor": "refactor re-factor",
    "rearchitect": "rearchitect re-architect",
    "rewrite": "rewrite rebuild re-write",
    "replace": "replace repurchase re-purchase",
    "retain": "retain keep revisit",
    "retire": "retire decommission",
}
YES = frozenset(["yes", "y", "true", "t", "1", "x", "ja", "j", "wahr", "oui", "si", "on", "enabled"])
NO = frozenset(["no", "n", "false", "f", "0", "nein", "falsch", "non", "off", "disabled"])


def _invert(vocabulary: dict[str, str]) -> dict[str, str]:
    return {
        word: canonical for canonical, words in vocabulary.items() for word in (*words.split(), canonical)
    }


VOCABULARIES: dict[str, dict[str, str]] = {
    "environment": _invert(_ENVIRONMENTS),
    "business_criticality": _invert(_CRITICALITY),
    "power_state": _invert(_POWER),
    "boot_type": _invert(_BOOT),
    "data_classification": _invert(_CLASSES),
    "virtualization_type": _invert(_VIRTUALIZATION),
    "cpu_architecture": _invert(_ARCHITECTURE),
    "virtualization_platform": _invert(_PLATFORMS),
    "treatment": _invert(_TREATMENTS),
}
# Others keep what they can't place: a data class or lifecycle of the customer's own is no error.
CLOSED: frozenset[str] = frozenset({"environment", "business_criticality", "power_state"})


# "non-prod" and "less critical" say the opposite of their last word.
_NEGATIONS = frozenset({"non", "not", "no", "pre", "less", "un", "nicht", "ohne"})


def find_term(attribute: str, text: str) -> str | None:
    """The canonical word for `text`, or None when the vocabulary does not know it.

    The whole text, else its first two neighbouring words or single word that the vocabulary knows.
    """
    vocabulary = VOCABULARIES[attribute]
    word = re.sub(r"[\s_-]+", "-", text.strip().lower()).rstrip(".")
    if word in vocabulary:
        return vocabulary[word]
    parts = [part for part in re.split(r"[-/(),]+", word) if part]
    pairs = [f"{first}-{second}" for first, second in pairwise(parts)]
    singles = [
        part
        for before, part in zip(["", *parts], parts, strict=False)
        if len(part) > 2 and before not in _NEGATIONS
    ]
    return next((vocabulary[each] for each in (*pairs, *singles) if each in vocabulary), None)


def read_flag(text: str) -> bool | None:
    """Yes or no in the words of any common export; None when it is neither."""
    word = text.strip().lower()
    return True if word in YES else False if word in NO else None
