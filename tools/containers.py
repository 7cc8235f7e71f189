"""What can be known about the Dockerfile and docker-compose.yml without an engine to run them."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml
from dockerfile_parse import DockerfileParser

SERVICES = ("web", "worker", "beat", "postgres", "redis")
#: These wait for a database that is up to date and for Redis.
SERVING = ("web", "worker", "beat")


def problems(root: Path) -> list[str]:
    """One sentence for each thing wrong with the two files in ``root``."""
    dockerfile = (root / "Dockerfile").read_text()
    compose = yaml.safe_load((root / "docker-compose.yml").read_text())
    return image_problems(dockerfile, root) + compose_problems(compose)


def image_problems(dockerfile: str, root: Path) -> list[str]:
    parser = DockerfileParser(fileobj=BytesIO(dockerfile.encode()))
    steps = [(step["instruction"], step["value"]) for step in parser.structure]
    found = []
    if [user for name, user in steps if name == "USER"][-1:] in ([], ["root"], ["0"]):
        found.append("Dockerfile: the last USER must not be root.")
    if not any(name == "RUN" and "--require-hashes" in value for name, value in steps):
        found.append("Dockerfile: packages must be installed with --require-hashes.")
    for name, value in steps:
        if name == "CMD" and not _is_list(value):
            found.append("Dockerfile: CMD must be a list, or signals end at a shell.")
        if name == "COPY" and not value.startswith("--from"):
            sources = value.split()[:-1]
            found += [
                f"Dockerfile: {s} does not exist." for s in sources if not (root / s).exists()
            ]
    return found


def compose_problems(compose: dict[str, Any]) -> list[str]:
    services = compose["services"]
    found = [f"docker-compose.yml: no service {name}." for name in SERVICES if name not in services]
    for name in (name for name in SERVICES if name in services):
        found += [f"docker-compose.yml: {name} {what}." for what in _service(name, services[name])]
    known = set(compose.get("secrets", {}))
    for name, service in services.items():
        for secret in set(service.get("secrets", [])) - known:
            found.append(f"docker-compose.yml: {name} wants an unknown secret {secret}.")
        for other in set(service.get("depends_on", {})) - set(services):
            found.append(f"docker-compose.yml: {name} waits for an unknown service {other}.")
    return found


def _service(name: str, service: dict[str, Any]) -> list[str]:
    found = []
    if not service.get("image") and not service.get("build"):
        found.append("has neither image nor build")
    if not service.get("healthcheck", {}).get("test"):
        found.append("has no health check")
    if name in SERVING and not service.get("command"):
        found.append("has no command")
    if name in SERVING and not {"migrate", "redis"} <= set(service.get("depends_on", {})):
        found.append("must wait for migrate and redis")
    if name == "redis" and "noeviction" not in str(service.get("command")):
        found.append("must not evict")
    return found


def _is_list(value: str) -> bool:
    try:
        return isinstance(json.loads(value), list)
    except ValueError:
        return False
