"""Key services as real servers on loopback: a local AWS KMS, and the double of Vault's transit."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import boto3
import pytest

from oin_service.ports import LOOPBACK, free_port
from oin_service.processes import Processes
from tests.transit_double import TOKEN, TransitDouble, running_double

MOTO = ("-m", "moto.server", "--host", LOOPBACK, "--port")


@pytest.fixture(scope="session")
def kms_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """moto's server as a process of its own: AWS KMS over HTTP, that really encrypts."""
    url = f"http://{LOOPBACK}:{(port := free_port())}"
    with Processes(tmp_path_factory.mktemp("kms")) as processes:
        processes.start("kms", [sys.executable, *MOTO, str(port)], ready=lambda: _answers(url))
        yield url


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/moto-api/data.json", timeout=2):  # noqa: S310  (our own address)
            return True
    except OSError:
        return False


@pytest.fixture
def aws_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def transit() -> Iterator[TransitDouble]:
    with running_double() as double:
        yield double


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    return file


def kms_spec(url: str, arn: str) -> dict[str, str]:
    return {"kind": "aws-kms", "arn": arn, "region": "us-east-1", "endpoint": url}


def transit_spec(url: str, key: str, token_file: Path) -> dict[str, str]:
    return {
        "kind": "vault-transit",
        "address": url,
        "key": key,
        "token_file": str(token_file),
    }


def new_kms_key(url: str) -> str:
    kms: Any = boto3.client("kms", region_name="us-east-1", endpoint_url=url)
    return str(kms.create_key()["KeyMetadata"]["Arn"])
