"""`caravan backup` and `caravan restore`: a whole platform into a folder, and out of it into an empty one."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from caravan.commands.gateway import show
from caravan.commands.options import DataDir, DryRun, Json, Yes
from caravan.consent import ask_first, needs_yes
from caravan.failures import BadInput, FlowFailed, PlatformUnavailable
from caravan.output import Steps, steps

if TYPE_CHECKING:
    from caravan_orchestrator.backup import Manifest, Proof

_Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The backup's own folder.")]


def backup(folder: _Folder, data_dir: DataDir = None, json: Json = False) -> None:
    """Write database and artifacts of a platform, running or not, into a new FOLDER.

    Takes CARAVAN_DATABASE_OWNER_URL and CARAVAN_ARTIFACTS_URL, else the platform on --data-dir.
    """
    from caravan.embedded.folder import default_folder
    from caravan.running import run

    with steps() as told, _or_nothing(folder):
        manifest = run(_backup(folder, data_dir or default_folder(), told))
    rows = sum(table.rows for table in manifest.tables)
    words = f"{rows:,} rows and {manifest.artifacts:,} artifacts are in {folder}; its digest is {manifest.digest}."
    show(_described(manifest), words, json=json)


def restore(
    folder: _Folder, dry_run: DryRun = False, yes: Yes = False, data_dir: DataDir = None, json: Json = False
) -> None:
    """Bring the backup in FOLDER into an empty database and artifact store, and prove that it is whole.

    Takes the three CARAVAN_DATABASE_… URLs and CARAVAN_ARTIFACTS_URL, else makes a platform's folder at --data-dir.
    Exit 3 when the proof does not hold.
    """
    from caravan.embedded.folder import default_folder
    from caravan.running import run

    if not dry_run:
        needs_yes("A restoration", yes=yes, preview="--dry-run")
    held = _read_manifest(folder)
    inside = f"{sum(table.rows for table in held.tables):,} rows and {held.artifacts:,} artifacts of {held.made_at}"
    if dry_run:
        show(_described(held), f"{folder} holds {inside}; nothing was changed.", json=json)
        return
    ask_first(f"Bring in {inside}?", yes=yes)
    target = data_dir or default_folder()
    with steps() as told, _or_nothing(target):
        manifest, proof = run(_restore(folder, target, told))
    checked = {name: value for name, value in asdict(proof).items() if name != "index"}
    words = (
        f"Restored and proved: {proof.datasets} indexed datasets, {proof.artifacts} artifacts and the audit record of"
        f" {proof.clients} clients are as they were written."
    )
    if proof.holds or json:
        show({**_described(manifest), "proof": {"holds": proof.holds, **checked}}, words, json=json)
    if not proof.holds:
        raise FlowFailed(f"Restored, but the proof does not hold: {'; '.join(proof.faults[:5])}.")


@contextmanager
def _or_nothing(folder: Path) -> Iterator[None]:
    """What was begun in a new folder is removed when it does not come to its end. One that was there is left alone."""
    there = folder.exists()
    try:
        yield
    except BaseException:
        if not there:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _read_manifest(folder: Path) -> "Manifest":
    """Raises BadInput."""
    from caravan_orchestrator.backup import BackupIsDamaged, Manifest

    try:
        return Manifest.read(folder)
    except BackupIsDamaged as error:
        raise BadInput(str(error)) from None


def _described(manifest: "Manifest") -> dict[str, Any]:
    kept = ("made_at", "revision", "postgres", "artifacts", "artifact_bytes", "digest")
    described = {name: value for name, value in asdict(manifest).items() if name in kept}
    return {**described, "rows": sum(table.rows for table in manifest.tables)}


async def _backup(folder: Path, data_dir: Path, told: Steps) -> "Manifest":
    import asyncpg

    from caravan.whole_platform import keep_settings, open_whole
    from caravan_common.artifacts import ArtifactStore, ArtifactStoreUnavailable
    from caravan_orchestrator.backup import NotCurrent, write_backup

    stopping = False

    def tell(what: str, fraction: float | None = None) -> None:
        # Files are copied in a thread, which nobody can cancel: it asks here after each of them.
        if stopping:
            raise InterruptedError(what)
        told.tell(what, fraction)

    async with open_whole(data_dir) as whole:
        try:
            store = ArtifactStore.open(whole.artifacts)
            manifest = await write_backup(whole.owner, store, folder, tell)
            keep_settings(whole, folder)
        except asyncio.CancelledError:
            stopping = True
            raise
        except FileExistsError as error:
            raise BadInput(f"{error}; name a new folder for the backup.") from None
        except NotCurrent as error:
            raise BadInput(str(error)) from None
        except (OSError, asyncpg.PostgresError, ArtifactStoreUnavailable) as error:
            raise PlatformUnavailable(
                f"The backup could not be written ({error}); make room, or name another folder."
            ) from error
    return manifest


async def _restore(folder: Path, data_dir: Path, told: Steps) -> "tuple[Manifest, Proof]":
    import asyncpg
    from sqlalchemy.exc import SQLAlchemyError

    from caravan.database_access import connected
    from caravan.whole_platform import make_whole, take_settings
    from caravan_common.artifacts import ArtifactStore, ArtifactStoreUnavailable
    from caravan_orchestrator.backup import BackupIsDamaged, NotEmpty, Restoration, prove
    from caravan_orchestrator.backup import restore as bring_back
    from caravan_orchestrator.store.upgrade import UnknownRevision

    try:
        async with make_whole(data_dir) as whole:
            store = ArtifactStore.open(whole.artifacts)
            to = Restoration(whole.owner, whole.app, whole.dispatch, store)
            manifest = await bring_back(folder, to, told.tell)
            take_settings(whole, folder)
            told.tell("proving", None)
            async with connected(whole.app, whole.dispatch) as database:
                return manifest, await prove(database, store)
    except (BackupIsDamaged, NotEmpty) as error:
        raise BadInput(str(error)) from None
    except UnknownRevision as error:
        raise BadInput(
            f"The backup's schema ({error}) is of a newer version of Caravan; restore it with that one."
        ) from None
    except ArtifactStoreUnavailable as error:
        raise PlatformUnavailable(f"The artifact store takes nothing ({error}).") from error
    except (OSError, SQLAlchemyError, asyncpg.PostgresError) as error:
        words = str(error).strip().partition("\n")[0]
        raise PlatformUnavailable(
            f"The backup could not be restored ({words}); check the database's address and owner."
        ) from error
