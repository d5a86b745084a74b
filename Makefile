# make run    everything with demo data, addresses and logins printed      make test   every test
# make setup  the virtual environment at .venv                             make check  format, lint, types
# make bench  what things cost, as ratios                                  make translations  the English catalogue, from the pages
.PHONY: run test setup check bench bench-engines bench-growth bench-matching bench-soak translations docs

run: .venv/ready
	.venv/bin/zhaohu demo

# three at once on two cores, as much of a test is waiting
test: .venv/ready
	scripts/browser
	PYTHONDONTWRITEBYTECODE= .venv/bin/pytest --numprocesses 3 --dist worksteal

setup: .venv/ready

check: .venv/ready
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

bench: .venv/ready
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	.venv/bin/python -m bench

# both engines with one process and with two: six minutes
bench-engines: .venv/ready
	.venv/bin/python -m bench.engines

# up to five million exchanges on both engines, one after the other: ten minutes, and up to 10 GB of disk
bench-growth: .venv/ready
	.venv/bin/python -m bench.growth

# what two processes hold under load: three minutes
bench-soak: .venv/ready
	.venv/bin/python -m bench.soak

# PUBLIC=folder judges CLINC150 and BANKING77 there as well (docs/matching.md)
bench-matching: .venv/ready
	.venv/bin/python -m bench.matching $(if $(PUBLIC),--public $(PUBLIC))
	.venv/bin/python -m bench.sentiment

translations: .venv/ready
	.venv/bin/python -m bot.web.catalogue

docs: .venv/ready
	.venv/bin/python -m bot.cli.reference

.venv/ready: requirements/dev.txt pyproject.toml scripts/setup
	scripts/setup
