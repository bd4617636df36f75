"""The Kubernetes manifests: valid by Kubernetes' own schemas, and naming only what exists. Read, not run."""

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import promql_parser
import pytest
import yaml

from caravan_common.bus.topology import command_queue
from caravan_common.crews import LlmSettings
from caravan_common.settings import Settings
from tests.unit.test_deploy_files import COMPOSE, settings_of

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy/kubernetes"
KUBERNETES = ("1.29", "1.34")  # the oldest and a recent one that these manifests are for
LISTED = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
OBJECTS: list[dict[str, Any]] = [
    found for name in LISTED["resources"] for found in yaml.safe_load_all((FOLDER / name).read_text())
]
SCALING = [each for each in OBJECTS if each["kind"] == "ScaledObject"]
PODS = {
    each["metadata"]["name"]: each["spec"].get("jobTemplate", each)["spec"]["template"]["spec"]
    for each in OBJECTS
    if each["kind"] in {"Deployment", "Job", "CronJob"}
}
INSTRUCTIONS = (FOLDER / "README.md").read_text()


def name_of(found: dict[str, Any]) -> str:
    return f"{found['kind']}-{found['metadata']['name']}"


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("found", [each for each in OBJECTS if each not in SCALING], ids=name_of)
def test_a_manifest_is_valid(found: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(found, version, strict=True)


def test_every_file_is_listed() -> None:
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert files == set(LISTED["resources"])


@pytest.mark.parametrize("name", sorted(PODS))
def test_a_pod_meets_the_restricted_standard(name: str) -> None:
    pod = PODS[name]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["readOnlyRootFilesystem"] is True
        assert security["capabilities"]["drop"] == ["ALL"]
        assert container["resources"]["limits"]["memory"]
        assert {mount["mountPath"] for mount in container["volumeMounts"]} >= {"/tmp", "/home/caravan"}


@pytest.mark.parametrize("name", sorted(PODS))
def test_a_pod_is_told_only_what_the_settings_know(name: str) -> None:
    known = {f"CARAVAN_{field.upper()}" for model in (Settings, LlmSettings) for field in model.model_fields}
    told = {each["name"] for container in PODS[name]["containers"] for each in container["env"]}
    told |= next(each for each in OBJECTS if each["kind"] == "ConfigMap")["data"].keys()
    assert {each for each in told if each.startswith("CARAVAN_")} <= known


@pytest.mark.parametrize("who", ["orchestrator", "workers"])
def test_every_setting_can_be_told_to_a_pod(who: str) -> None:
    """In the ConfigMap, or as a line in it to take the comment from; secrets and the image's own are told elsewhere."""
    text = (FOLDER / "settings.yaml").read_text()
    told = set(re.findall(r"^  (?:# )?((?:CARAVAN|OTEL)_[A-Z_]+): ", text, re.MULTILINE))
    for name, pod in PODS.items():
        if (name == "orchestrator") == (who == "orchestrator"):
            told |= {each["name"] for container in pod["containers"] for each in container["env"]}
    assert settings_of(who) - told == {
        "CARAVAN_DATA_DIR",
        *({"CARAVAN_PORT"} if who == "orchestrator" else ()),
    }


@pytest.mark.parametrize(
    "name", [each["metadata"]["name"] for each in OBJECTS if each["kind"] == "Deployment"]
)
def test_a_node_that_is_drained_takes_no_service_down(name: str) -> None:
    budgets = [each["spec"] for each in OBJECTS if each["kind"] == "PodDisruptionBudget"]
    (budget,) = [each for each in budgets if each["selector"]["matchLabels"] == {"app": name}]
    assert budget.get("minAvailable") == 1 or budget.get("maxUnavailable") == 1
    probes = {"startupProbe", "livenessProbe"}
    assert all(probes <= container.keys() for container in PODS[name]["containers"])


def keys_of_the_secret(*, optional: bool) -> set[str]:
    references = [
        each["valueFrom"]["secretKeyRef"]
        for pod in PODS.values()
        for container in pod["containers"]
        for each in container["env"]
        if "valueFrom" in each
    ]
    return {each["key"] for each in references if each.get("optional", False) == optional}


def test_every_key_of_the_secret_is_in_the_instructions() -> None:
    """What is needed in the command, what may be left out beside it."""
    commands = "".join(re.findall(r"```\n(.+?)```", INSTRUCTIONS, re.DOTALL))
    literal = r"--from-literal=([\w-]+)="
    assert set(re.findall(literal, commands)) == keys_of_the_secret(optional=False)
    assert set(re.findall(literal, INSTRUCTIONS)) - set(re.findall(literal, commands)) == keys_of_the_secret(
        optional=True
    )


def test_the_namespace_is_made_before_what_goes_into_it() -> None:
    made = INSTRUCTIONS.index("kubectl apply -f deploy/kubernetes/namespace.yaml")
    assert made < min(found.start() for found in re.finditer(r"kubectl -n caravan", INSTRUCTIONS))


def test_the_jobs_that_have_to_go_before_another_version_are_named() -> None:
    (named,) = re.findall(r"`kubectl -n caravan delete job ([\w -]+)`", INSTRUCTIONS)
    assert set(named.split()) == {each["metadata"]["name"] for each in OBJECTS if each["kind"] == "Job"}


def test_each_backup_is_written_into_a_new_folder_of_a_volume_that_stays() -> None:
    (job,) = [each["spec"] for each in OBJECTS if each["kind"] == "CronJob"]
    pod = PODS["backup"]
    (container,) = pod["containers"]
    shell, _, line = container["command"]
    folder = re.fullmatch(r'exec caravan backup "(/\w+)/\$\(date -u \+(\S+)\)"', line)
    assert (shell, bool(folder)) == ("sh", True)
    assert folder is not None
    assert job["concurrencyPolicy"] == "Forbid"
    assert "%S" in folder[2]
    (mounted,) = [each["name"] for each in container["volumeMounts"] if each["mountPath"] == folder[1]]
    (volume,) = [each for each in pod["volumes"] if each["name"] == mounted]
    claims = {each["metadata"]["name"] for each in OBJECTS if each["kind"] == "PersistentVolumeClaim"}
    assert volume["persistentVolumeClaim"]["claimName"] in claims


def test_a_backup_is_told_what_the_command_reads() -> None:
    """tests/integration/cli/test_compose_command.py runs it with these names."""
    read = COMPOSE["services"]["cli"]["environment"]
    told = {each["name"] for each in PODS["backup"]["containers"][0]["env"]}
    assert told == {name for name in read if name.startswith("CARAVAN_DATABASE_")}
    settings = next(each for each in OBJECTS if each["kind"] == "ConfigMap")
    assert "CARAVAN_ARTIFACTS_URL" in settings["data"]
    assert PODS["backup"]["containers"][0]["envFrom"] == [
        {"configMapRef": {"name": settings["metadata"]["name"]}}
    ]


@pytest.mark.parametrize("name", sorted(PODS))
def test_a_pod_finds_the_authorities_where_the_instructions_say(name: str) -> None:
    (volume,) = [each for each in PODS[name]["volumes"] if each["name"] == "authorities"]
    secret, told = volume["secret"], INSTRUCTIONS
    assert f"create secret generic {secret['secretName']} --from-file=database.pem" in told
    mounts = {m["mountPath"] for container in PODS[name]["containers"] for m in container["volumeMounts"]}
    addresses = re.findall(r"postgresql://\S+", told)
    assert len(addresses) == 3
    for address in addresses:
        assert "sslmode=verify-full" in address
        assert address.partition("sslrootcert=")[2].rpartition("/")[0] in mounts


def test_nobody_but_orchestrators_has_the_address_of_their_broker_user() -> None:
    """It may speak for any service: docs/decisions/ADR-030."""
    assert [name for name, pod in PODS.items() if "amqp-url-orchestrator" in str(pod)] == ["orchestrator"]


def test_images_are_those_that_are_built() -> None:
    built = {f"caravan/{path.parent.name}" for path in ROOT.glob("services/*/Dockerfile")} | {"caravan/cli"}
    used = {container["image"] for pod in PODS.values() for container in pod["containers"]}
    assert used == {each["name"] for each in LISTED["images"]}
    assert used <= built


@pytest.mark.parametrize("found", SCALING, ids=name_of)
def test_workers_are_scaled_by_the_attempts_that_wait_for_their_queue(found: dict[str, Any]) -> None:
    assert found["spec"]["scaleTargetRef"]["name"] in PODS
    query = found["spec"]["triggers"][0]["metadata"]["query"]
    promql_parser.parse(query)
    queue = command_queue(found["spec"]["scaleTargetRef"]["name"], 1).name
    assert f'caravan_queue_attempts_waiting{{queue="{queue}"}}' in query
    assert found["spec"]["minReplicaCount"] >= 1
