"""A backup of database and artifacts in one folder, its restoration into an empty platform, and the proof of both."""

from caravan_orchestrator.backup._manifest import BackupIsDamaged, Manifest
from caravan_orchestrator.backup.proving import Proof, prove
from caravan_orchestrator.backup.restoring import NotEmpty, Restoration, restore
from caravan_orchestrator.backup.writing import NotCurrent, write_backup

__all__ = [
    "BackupIsDamaged",
    "Manifest",
    "NotCurrent",
    "NotEmpty",
    "Proof",
    "Restoration",
    "prove",
    "restore",
    "write_backup",
]
