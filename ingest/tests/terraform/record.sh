#!/usr/bin/env bash
# Makes modules/plan.json, change/plan.json and load_balancers/plan.json again from the *.tf files beside them.
#
#   TF_PLUGIN_DIR=<dir> ./record.sh
#
# TF_PLUGIN_DIR is the directory to give to `terraform init -plugin-dir`; it must hold the provider
# hashicorp/aws. Also needed: terraform, and python3 with moto (its server extra). No network but
# loopback, no credentials. Ids of the emulator change with every run; no test names one.

set -euo pipefail
: "${TF_PLUGIN_DIR:?set it to the directory that holds the Terraform AWS provider}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server"; rm -rf "$work"' EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export AWS_ENDPOINT_URL="http://127.0.0.1:$port" AWS_EC2_METADATA_DISABLED=true
export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing
export AWS_CONFIG_FILE="$work/none" AWS_SHARED_CREDENTIALS_FILE="$work/none"
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1 CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0
unset AWS_PROFILE AWS_SESSION_TOKEN
python3 "$here/../../../fixtures/tokyo-endpoints/emulator.py" -H 127.0.0.1 -p "$port" >"$work/moto.log" 2>&1 &
server=$!
sleep 5

# The time and the list of contributing attributes are not read, and would change with every run.
write() {
  python3 -c '
import json, sys
plan = json.load(sys.stdin)
for key in ("timestamp", "relevant_attributes"):
    plan.pop(key, None)
print(json.dumps(plan, indent=1, sort_keys=True))'
}

for name in modules change load_balancers; do
  cp -r "$here/$name" "$work/$name"
  rm -f "$work/$name/plan.json"
  tf() { terraform -chdir="$work/$name" "$@" >&2; }
  tf init -no-color -backend=false -plugin-dir="$TF_PLUGIN_DIR"
  variables=()
  if [[ $name == change ]]; then
    tf apply -no-color -auto-approve -var changed=false
    # Once more, so that the table and the group show what stand-alone resources put into them.
    tf apply -no-color -auto-approve -refresh-only -var changed=false
    variables=(-var changed=true)
  fi
  tf plan -no-color -out=plan "${variables[@]}"
  terraform -chdir="$work/$name" show -json plan | write >"$here/$name/plan.json"
done
