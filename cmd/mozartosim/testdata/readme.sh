# Runs a README's commands as they stand, in one shell: what is said of a simulator is done to the one that the test has started
# (MOZARTOSIM_URL, MOZARTOSIM_ADMIN_URL). Commands that never end, need another network or take minutes are run as these functions say.
set -euo pipefail

mozartosim() {
  case "$1 ${2-}" in
  serve*) until_ready 'Try it:' "$@" --public-addr 127.0.0.1:0 --admin-addr 127.0.0.1:0 ;;
  record*) until_ready 'calls are forwarded' record --listen 127.0.0.1:0 --to "$PWD/recordings" --upstream "$MOZARTOSIM_URL" ;;
  listen*) command mozartosim trigger PAYONE approve && command mozartosim "$@" --since 0 --count 1 ;;
  "contract run") contract_run "${@:3}" ;;
  "contract apply") mkdir checkout && cp -rL openapi checkout && command mozartosim "$@" --dir checkout ;; # not the repository
  "contract drift") command mozartosim "$@" || [ $? = 1 ] ;; # 1: there are differences
  "certify --config") command mozartosim certify check "$3" ;; # the certifier's own tests run the sample shops
  *) command mozartosim "$@" ;;
  esac
}

until_ready() { # PATTERN ARGUMENTS: runs until a line matches, then stops it
  local pattern=$1 line ready=
  shift
  coproc SERVER { exec mozartosim "$@" 2>&1; }
  local pid=$SERVER_PID
  while [ -z "$ready" ] && read -r line <&"${SERVER[0]}"; do
    case $line in *$pattern*) ready=yes ;; esac
    echo "$line"
  done
  kill "$pid" || true
  wait "$pid" || true
  [ -n "$ready" ] || return 1
}

contract_run() { # one provider's features, unless the command chooses; the running simulator stands in for the Sandbox, and a person agrees
  local arguments=("$@") chosen= sandbox= argument
  for argument in "$@"; do
    case $argument in
    --psp | --name | --features) chosen=yes ;;
    sandbox) sandbox=yes ;;
    esac
  done
  if [ -z "$chosen" ]; then arguments+=(--psp NEOSURF); fi
  if [ -z "$sandbox" ]; then
    command mozartosim contract run "${arguments[@]}"
  else
    (
      export HTTP_PROXY=$MOZARTOSIM_URL MOZARTOSIM_CONTRACT_BASE_URL=http://sandbox.example
      MOZARTO_COMPANY_TOKEN=$(env -u HTTP_PROXY mozartosim token company)
      export MOZARTO_COMPANY_TOKEN MOZARTOSIM_CONTRACT_COMPANY_TOKEN=$MOZARTO_COMPANY_TOKEN
      command mozartosim contract run "${arguments[@]}" --yes --calls-per-second 0
    )
  fi
}

make() { command make -C "$REPOSITORY" -n "$@"; } # the target is there, and its commands can be made of it
go() { (cd "$REPOSITORY" && command go list "$(package "$@")"); } # the package is there; `.ci/test` runs its tests
package() { for argument in "$@"; do case $argument in ./*) echo "$argument" ;; esac done; }
docker() { test -s "$REPOSITORY/Dockerfile" && test -s "$REPOSITORY/compose.yaml"; } # `make test-docker` runs them
