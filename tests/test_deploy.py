"""What is in ``deploy/`` names only files, commands and settings that exist, and is what the tools at hand take for sound."""

import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from bot.cli.main import cli
from bot.settings import Settings, read_settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
SETTINGS = {field.name.upper() for field in fields(Settings)}
OF_COMPOSE = {"POSTGRES_PASSWORD", "POSTGRES_IMAGE", "BASE_IMAGE", "PIP_INDEX_URL"}


def systemd_version() -> int:
    if shutil.which("systemd-analyze") is None:
        return 0
    said = subprocess.run(["systemd-analyze", "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.split()[1].partition(".")[0])


def sources() -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in DEPLOY.iterdir()}


def test_every_command_that_is_run_exists() -> None:
    run = [word for text in sources().values() for word in re.findall(r"bin/zhaohu (\w+)", text)]
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    run += [service["command"][0] for service in compose["services"].values() if "command" in service]
    run += re.findall(r'CMD \["(\w+)"\]$', (DEPLOY / "Dockerfile").read_text("utf-8"), re.M)
    assert set(run) == {"serve", "worker", "migrate", "backup"} <= set(cli.commands)


def test_every_setting_that_is_named_exists() -> None:
    for name in ("zhaohu.env.example", "compose.env.example"):
        lines = (DEPLOY / name).read_text("utf-8").splitlines()
        named = {found[1] for line in lines if (found := re.fullmatch(r"#?([A-Z_]+)=.*", line))}
        assert named
        assert named <= SETTINGS | OF_COMPOSE
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    given = re.findall(r"\b([A-Z_]+)=", dockerfile[dockerfile.index("HOST=") : dockerfile.index("USER ")])
    assert set(given) <= SETTINGS


def test_the_settings_of_the_examples_can_be_read_once_filled_in() -> None:
    for name in ("zhaohu.env.example", "compose.env.example"):
        pairs = re.findall(r"^([A-Z_]+)=(.*)$", (DEPLOY / name).read_text("utf-8"), re.M)
        settings = read_settings(dict(pairs))
        assert (settings.base_url, settings.proxy_hops) == ("https://wechat.example.com", 1)


def test_what_the_image_is_made_of_is_there_and_let_through() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    copied = {
        word.split("/")[0]
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", dockerfile, re.M)
        for word in line.split()
    }
    allowed = set(re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text("utf-8"), re.M))
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)
    packages = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()} - {"tests", "bench"}
    assert packages <= copied


def test_the_image_runs_as_nobody_special_and_installs_by_hash() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert re.search(r"^USER 10001:10001$", dockerfile, re.M)
    installs = re.findall(r"pip install (.*?)(?: \\)?$", dockerfile, re.M)
    assert all("--require-hashes" in one or "--no-deps /wheels/" in one for one in installs)
    assert not re.search(r":latest|ADD |curl|sudo", dockerfile)


def test_images_and_packages_may_come_from_elsewhere_and_come_from_the_same_place_by_either_way() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert re.findall(r"^FROM (\S+)", dockerfile, re.M) == ["${BASE_IMAGE}"] * 2
    defaults = dict(re.findall(r"^ARG (\w+)=(\S+)$", dockerfile, re.M))
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    given = compose["services"]["web"]["build"]["args"]
    assert given == {name: f"${{{name}:-{default}}}" for name, default in defaults.items()}


def test_filled_in_settings_stay_out_of_the_history_and_of_the_image() -> None:
    assert "*.env" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert "deploy" not in (ROOT / ".dockerignore").read_text("utf-8")


def test_what_builds_is_locked_to_the_version_the_tests_use() -> None:
    def pin(name: str) -> str:
        found = re.search(r"^setuptools==.*?(?=^\S|\Z)", (ROOT / "requirements" / name).read_text("utf-8"), re.M | re.S)
        assert found is not None
        return found[0].strip()

    assert pin("build.txt") == pin("dev.txt") == (ROOT / "requirements" / "build.txt").read_text("utf-8").strip()


def test_services_of_compose_wait_for_what_they_need() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    services = compose["services"]
    assert set(services) == {"database", "migrate", "web", "worker"}
    for name in ("web", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]
    assert services["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    build = services["web"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    volumes = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert volumes == set(compose["volumes"])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_takes_the_units_for_sound(tmp_path: Path) -> None:
    program = str(Path(sys.executable).with_name("zhaohu"))
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/zhaohu/.venv/bin/zhaohu", program)
        (tmp_path / unit.name).write_text(text, "utf-8")
    names = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(systemd_version() < 250, reason="systemd-analyze cannot look at files here")
def test_systemd_takes_the_services_for_well_shut_in(tmp_path: Path) -> None:
    for unit in (unit for unit in UNITS if unit.suffix == ".service"):
        copy = shutil.copy(unit, tmp_path / unit.name.replace("@", "@8000"))
        looked = ["systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=20", copy]
        done = subprocess.run(looked, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_what_serves_is_shut_in() -> None:
    for name in ("zhaohu-web@.service", "zhaohu-worker.service", "zhaohu-backup.service"):
        unit = (DEPLOY / name).read_text("utf-8")
        for line in (
            "User=zhaohu",
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "CapabilityBoundingSet=",
            "UMask=0077",
        ):
            assert f"\n{line}\n" in unit, (name, line)


def test_the_script_is_a_sound_one() -> None:
    script = DEPLOY / "rolling-restart"
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0


def test_shellcheck_finds_nothing_in_the_scripts() -> None:
    scripts = [str(ROOT / name) for name in ("deploy/rolling-restart", "scripts/setup", "scripts/browser", ".ci/run")]
    shellcheck = Path(sys.executable).with_name("shellcheck")  # beside this environment's Python
    done = subprocess.run([shellcheck, *scripts], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_proxy_never_shows_figures_nor_logs_signatures() -> None:
    site = (DEPLOY / "nginx.conf").read_text("utf-8")
    assert "location = /metrics { return 404; }" in site
    assert "$request_uri" not in site.replace("return 301 https://$host$request_uri;", "")
    assert '"$request"' not in site
    assert site.count("{") == site.count("}")


def test_services_are_started_again_however_long_the_database_is_away() -> None:
    for name in ("zhaohu-web@.service", "zhaohu-worker.service"):
        unit = (DEPLOY / name).read_text("utf-8").partition("[Service]")
        assert "\nRestart=always\n" in unit[2]
        assert "\nStartLimitIntervalSec=0\n" in unit[0], (
            "in [Unit]: else systemd gives up after five starts in ten seconds"
        )
