# The project's commands. `make` alone lists them.
GO        ?= go
BIN       := bin/mozartosim
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
export CGO_ENABLED ?= 0

.PHONY: help run build test test-docker check check-mcp check-readers check-clients check-generated check-release check-vulnerabilities contract lint golangci figures bench bench-report fuzz soak chaos image screenshots clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: build ## build and run the simulator with no configuration
	./$(BIN) serve

build: ## build bin/mozartosim, one static binary
	$(GO) build -trimpath -ldflags "-s -w -X main.release=$(VERSION)" -o $(BIN) ./cmd/mozartosim

test: ## run all tests, under the race detector where goroutines meet
	./.ci/test

test-docker: ## run the image, the compose files and what is under deploy by a Docker engine, which is started if there is none
	./.ci/test-docker

check: ## format, vet, module files, and the bounds of methods, files, cycles, functions and the CLI
	@test -z "$$(gofmt -l .)" || { echo "not gofmt'ed:"; gofmt -l .; exit 1; }
	$(GO) vet $(VETFLAGS) ./...
	$(GO) mod tidy -diff
	$(GO) run ./.ci/figures -check

contract: ## merge the OpenAPI files into what the binary carries
	$(GO) generate ./openapi
	$(GO) generate ./scenarios

lint: ## hold the contract against an independent linter (needs Node.js)
	npx --yes @redocly/cli@2.77.0 lint openapi/cashier.yaml openapi/control.yaml

check-mcp: ## the Model Context Protocol's conformance tests, from npm, against /mcp
	./.ci/check-mcp

check-readers: ## hold reports against Cucumber's schema, html-formatter and xunit-viewer, from npm
	./.ci/readers

check-clients: ## hold the published documents by redocly, openapi-typescript and tsc --strict, from npm, and call a simulator
	./.ci/clients

check-generated: ## compile and call what oapi-codegen and ogen generate, with ogen's client of the admin API, which is too long for CI
	MOZARTOSIM_CLIENTS=./... $(GO) test -count=1 -timeout 30m -run TestGeneratedClients ./simulator/simtest

check-release: ## make a release in dist/ by goreleaser, without publishing; another build must have the same bytes
	./.ci/release

check-vulnerabilities: ## known vulnerabilities that our code can reach, by govulncheck, where its database can be reached
	./.ci/vulnerabilities

golangci: ## golangci-lint 2.x with .golangci.yml, built from its module
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...

figures: ## count lines, types, methods, cycles
	$(GO) run ./.ci/figures

bench: ## measure starts, answers, webhooks, memory, clock, events, stores, features against a plain net/http handler and aims
	$(GO) run ./cmd/mozartobench

bench-report: ## the same, written to BENCHMARKS.md and quoted in README.md; takes six minutes
	$(GO) run ./cmd/mozartobench -report

fuzz: ## fuzz every target in turn for FUZZ_FOR (20s); FUZZ="./openapi/..." picks packages
	./.ci/fuzz $(FUZZ)

soak: ## mixed traffic and faults for SOAK_FOR (5m) in memory, on SQLite (root) and on a PostgreSQL that it starts
	for store in memory sqlite postgres; do $(GO) run ./cmd/mozartosoak -store $$store -for $(or $(SOAK_FOR),5m) $(SOAK_FLAGS) || exit 1; done

chaos: ## two replicas in network namespaces on a PostgreSQL that it starts: partitions and slow links for CHAOS_FOR (3m; root)
	$(GO) run ./cmd/mozartosoak -store replicas -for $(or $(CHAOS_FOR),3m) $(SOAK_FLAGS)

image: ## make the image's file tree without Docker for both platforms, and look at it
	./.ci/image

screenshots: ## write a picture of every page to ./screenshots, and the README's two to .github
	MOZARTOSIM_SCREENSHOTS="$(CURDIR)/screenshots" $(GO) test -count=1 -run '^TestScreenshots$$' ./simulator/browsertest
	@mkdir -p .github && cp screenshots/readme-console.png .github/console.png && cp screenshots/readme-page.png .github/page.png

clean: ## remove what was built
	rm -rf bin dist reports screenshots
