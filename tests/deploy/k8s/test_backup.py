"""Dumps, and the desk from which they are put back: who may what, what is run, what is kept."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.k8s import rendering, schemas
from tests.deploy.k8s.cluster import DUMPS, Cluster

RESTORE = rendering.HERE / "restore"
SHELLCHECK = Path(sys.executable).parent / "shellcheck"
MEMBERS = [f"mongodb-{n}.mongodb-svc.comptoir.svc.cluster.local:27017" for n in range(3)]


def dump(production: Cluster, name: str) -> dict[str, Any]:
    spec: dict[str, Any] = production.one("CronJob", name)["spec"]
    return spec


def pod_of(job: dict[str, Any]) -> dict[str, Any]:
    pod: dict[str, Any] = job["spec"]["template"]["spec"]
    return pod


def script_of(pod: dict[str, Any]) -> str:
    (container,) = pod["containers"]
    assert container["command"] == ["/bin/sh", "-euc"]
    (script,) = container["args"]
    return str(script)


@pytest.fixture
def desk() -> dict[str, Any]:
    (job,) = (one for one in kept_in(RESTORE / "desk.yaml") if one["kind"] == "Job")
    return job


def kept_in(file: Path) -> list[dict[str, Any]]:
    return rendering.documents(file.read_text())


def test_who_dumps_reads_everything_and_writes_nothing(production: Cluster) -> None:
    users = production.one("MongoDBCommunity", "mongodb")["spec"]["users"]
    (backup,) = [user for user in users if user["name"] == "backup"]
    assert backup["roles"] == [{"name": "backup", "db": "admin"}]
    assert backup["passwordSecretRef"] == {"name": "backup-mongodb-password"}
    roles = {role["name"] for user in users for role in user["roles"]}
    assert roles == {"backup", "readWrite", "readsParameters"}


def test_a_dump_is_of_one_instant_and_keys_are_of_later(production: Cluster) -> None:
    script = script_of(pod_of(dump(production, "backup")["jobTemplate"]))
    records, keys = re.findall(r"^mongodump (.*)$", script, re.MULTILINE)
    assert "--oplog" in records and "--db" not in records
    assert "--db=comptoir_customer_keys" in keys and "/backup/keys/" in keys
    assert script.index('rm -rf "/backup/records/$at.part/comptoir_customer_keys"') < (
        script.index(keys)
    )


def test_the_erased_are_written_down_every_hour(production: Cluster) -> None:
    spec = dump(production, "backup-erasures")
    assert re.fullmatch(r"\d+ \* \* \* \*", spec["schedule"])
    script = script_of(pod_of(spec["jobTemplate"]))
    database = production.environment("customer")["CUSTOMER_ERASURES_DATABASE"]
    assert f"--db={database}" in script


@pytest.mark.parametrize("name", DUMPS)
def test_no_two_dumps_run_at_once_and_none_for_ever(production: Cluster, name: str) -> None:
    spec = dump(production, name)
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] <= 4 * 3600


def test_records_and_what_opens_them_lie_on_volumes_of_their_own(production: Cluster) -> None:
    volumes = {one["metadata"]["name"] for one in production.all("PersistentVolumeClaim")}
    assert volumes == {"backup-records", "backup-keys", "backup-erasures"}
    claimed = {
        volume["persistentVolumeClaim"]["claimName"]
        for name in DUMPS
        for volume in pod_of(dump(production, name)["jobTemplate"])["volumes"]
        if "persistentVolumeClaim" in volume
    }
    assert claimed == volumes


def test_every_member_is_asked_with_a_password_that_no_argument_holds(
    production: Cluster, desk: dict[str, Any]
) -> None:
    jobs = [dump(production, name)["jobTemplate"] for name in DUMPS]
    assert production.one("MongoDBCommunity", "mongodb")["spec"]["members"] == len(MEMBERS)
    for pod in map(pod_of, (*jobs, desk)):
        script = script_of(pod)
        assert ",".join(MEMBERS) in script
        assert "tls=true&tlsCAFile=/run/secrets/comptoir/ca.crt" in script
        assert re.search(r"^umask 077$", script, re.MULTILINE)
        (secrets, scratch) = pod["volumes"][:2]
        paths = {
            item["path"]
            for source in secrets["projected"]["sources"]
            for item in source["secret"]["items"]
        }
        assert paths == {"password", "ca.crt"}
        assert scratch["emptyDir"]["medium"] == "Memory"
        assert all("--config=/tmp/config.yaml" in line for line in script.split("\nmongodump")[1:])


def test_the_scripts_are_clean_to_shellcheck(production: Cluster, desk: dict[str, Any]) -> None:
    for job in (*(dump(production, name)["jobTemplate"] for name in DUMPS), desk):
        script = f"#!/bin/sh\nset -eu\n{script_of(pod_of(job))}"
        checked = subprocess.run(
            [SHELLCHECK, "-"], input=script, capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stdout


def test_the_desk_is_restricted_and_gone_after_a_shift(desk: dict[str, Any]) -> None:
    pod = pod_of(desk)
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert desk["spec"]["activeDeadlineSeconds"] <= 12 * 3600
    assert desk["spec"]["template"]["metadata"]["labels"]["comptoir-backup"] == "allowed"
    assert list(schemas.problems(kept_in(RESTORE / "desk.yaml"))) == []


def test_only_who_restores_may_replay_an_oplog_and_only_while_they_do() -> None:
    (component,) = kept_in(RESTORE / "kustomization.yaml")
    (patch,) = component["patches"]
    role, user = (operation["value"] for operation in yaml.safe_load(patch["patch"]))
    assert role["privileges"] == [{"resource": {"anyResource": True}, "actions": ["anyAction"]}]
    assert user["roles"] == [
        {"name": "restore", "db": "admin"},
        {"name": role["role"], "db": "admin"},
    ]
    overlays = [kept_in(rendering.HERE / one / "kustomization.yaml") for one in rendering.OVERLAYS]
    assert not any("restore" in str(one.get("components", "")) for (one,) in overlays)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on the path")
def test_the_desk_is_put_beside_production(tmp_path: Path) -> None:
    copy = tmp_path / "k8s"
    shutil.copytree(rendering.HERE, copy, ignore=shutil.ignore_patterns("rendered", "*.py"))
    kustomization = copy / "production" / "kustomization.yaml"
    text = kustomization.read_text().replace("  - ../backup\n", "  - ../backup\n  - ../restore\n")
    kustomization.write_text(text)

    argv = [rendering.kubectl(), "kustomize", str(kustomization.parent)]
    rendered = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert rendered.returncode == 0, rendered.stderr
    resources = rendering.documents(rendered.stdout)
    (database,) = [one for one in resources if one["kind"] == "MongoDBCommunity"]
    assert {"backup", "restore"} <= {user["name"] for user in database["spec"]["users"]}
    (job,) = [one for one in resources if one["kind"] == "Job"]
    assert "@sha256:" in pod_of(job)["containers"][0]["image"]
