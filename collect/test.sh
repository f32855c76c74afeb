#!/usr/bin/env bash
# Runs collect.sh against an AWS emulator on loopback, whole, partly failing and interrupted, and
# `vpcproof check` on what it recorded.
#
#   VPCPROOF=target/debug/vpcproof collect/test.sh
#
# Needs the AWS CLI, and python3 with moto 5.2 (server extra). Takes some minutes. Nothing but
# loopback is asked.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
vpcproof=$(realpath "${VPCPROOF:-$here/../target/debug/vpcproof}")
# Of some Regions version 1 of the AWS CLI asks SQS elsewhere than it is told.
readonly REGION=eu-central-2 ACCOUNT=123456789012
work=$(mktemp -d)
servers=()

cleanup() {
  [[ ${#servers[@]} -eq 0 ]] || kill "${servers[@]}" 2>/dev/null || true
  wait
  [[ -n ${KEEP:-} ]] || rm -rf "$work"
}
trap cleanup EXIT

say() { printf '== %s\n' "$*" >&2; }

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# ---- the emulator and the proxy that fails, and nothing of the user's own configuration

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

unset AWS_PROFILE AWS_SESSION_TOKEN AWS_REGION no_proxy NO_PROXY
export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_EC2_METADATA_DISABLED=true
# The name of a bucket stays in the path, where the proxy looks.
printf '[default]\ns3 =\n  addressing_style = path\n' >"$work/config"
export AWS_CONFIG_FILE="$work/config" AWS_SHARED_CREDENTIALS_FILE="$work/none" AWS_DEFAULT_REGION=$REGION
export AWS_MAX_ATTEMPTS=2 PYTHONDONTWRITEBYTECODE=1

emulator_port=$(free_port)
python3 "$here/../fixtures/recording/emulator.py" -H 127.0.0.1 -p "$emulator_port" >"$work/moto.log" 2>&1 &
servers+=($!)
: >"$work/faults"
: >"$work/log"
proxy_port=$(free_port)
python3 "$here/test/faulty.py" "$proxy_port" "$emulator_port" "$work" 2>"$work/proxy.log" &
servers+=($!)
# No host of this name is looked up: the proxy answers for it.
export AWS_ENDPOINT_URL=http://aws.test
export http_proxy="http://127.0.0.1:$proxy_port" https_proxy=http://127.0.0.1:9

up=
for _ in $(seq 100); do
  if curl -fs -o "$work/up" "http://aws.test/moto-api/"; then
    up=yes
    break
  fi
  sleep 0.3
done
[[ -n $up ]] || fail "the emulator did not start: $(cat "$work/moto.log" "$work/proxy.log")"
python3 "$here/test/network.py"

# ---- what is checked

# EXIT_CODE OUTPUT: what the run asks stands in $work/log.
collect() {
  local code=0
  : >"$work/log"
  "$here/collect.sh" --region "$REGION" --jobs 8 "$work/$2" 2>"$work/said" || code=$?
  [[ $code -eq $1 ]] || fail "collect.sh ended with $code, not $1: $(cat "$work/said")"
}

# EXIT_CODE OUTPUT: the report stands in $work/report.
check() {
  local code=0
  "$vpcproof" check "$work/$2" -i "$here/test/claims.toml" --no-builtin >"$work/report" 2>"$work/remarks" || code=$?
  [[ $code -eq $1 ]] || fail "vpcproof ended with $code, not $1: $(cat "$work/report" "$work/remarks")"
}

reports() { grep -qF -- "$1" "$work/report" || fail "the report does not say: $1"$'\n'"$(cat "$work/report")"; }

has() { [[ -e $work/$1 ]] || fail "$1 is missing"; }

asked() { # what the last run asked, besides who it is
  grep -v '^GetCallerIdentity$' "$work/log" | sort || true
}

# What a snapshot holds, without the times.
answers() { (cd "$work/$1" && find . -name '*.json' -not -path '*/.*' -not -name manifest.json | sort | xargs sha256sum); }

say "a whole run"
collect 0 whole
has "whole/$ACCOUNT/manifest.json"
for name in describe-vpcs get-key-policy get-queue-attributes-orders search-transit-gateway-routes-tgw-rtb describe-vpc-attribute-vpc \
  get-managed-prefix-list-entries-pl secretsmanager-get-resource-policy-team_password list-hosted-zones-by-vpc-vpc; do
  compgen -G "$work/whole/$ACCOUNT/$REGION/$name*.json" >/dev/null || fail "no answer of $name"
done
for name in get-bucket-policy-with-policy get-caller-identity list-buckets; do
  has "whole/$ACCOUNT/$name.json"
done
[[ ! -e $work/whole/$ACCOUNT/get-bucket-policy-without-policy.json ]] || fail "a bucket without a policy has one"
check 0 whole
reports 'PROVED    database-is-private'
reports "(account $ACCOUNT, region $REGION)"
cp "$work/report" "$work/report-of-whole"
check 0 whole
cmp "$work/report" "$work/report-of-whole" || fail "the same input gave another report"

say "all pages"
has "whole/$ACCOUNT/$REGION/describe-vpc-block-public-access-exclusions-page2.json"

say "no secrets"
if grep -rqE 'pre_shared_key|PreSharedKey|key-of-the-peers|never-to-be-seen' "$work/whole"; then
  fail "a secret was recorded"
fi

say "a second run asks nothing"
collect 0 whole
[[ -z $(asked) ]] || fail "it asked again: $(asked)"

say "a run that fails in parts"
cat >"$work/faults" <<'END'
DescribeVpcPeeringConnections 403 UnauthorizedOperation
ListResolverRules 400 AccessDeniedException
DescribeAddresses 503 RequestLimitExceeded
GetRestApis 500 InternalFailure
END
collect 3 partly
for name in describe-vpc-peering-connections list-resolver-rules describe-addresses get-rest-apis; do
  has "partly/$ACCOUNT/$REGION/errors/$name.txt"
  [[ ! -e $work/partly/$ACCOUNT/$REGION/$name.json ]] || fail "$name failed and has an answer"
done
check 3 partly
reports 'UNKNOWN   database-is-private'
reports 'ec2 describe-vpc-peering-connections` failed: UnauthorizedOperation'
reports 'ec2 describe-addresses` failed: RequestLimitExceeded'
reports 'route53resolver list-resolver-rules` failed: AccessDeniedException'

say "what failed, and nothing else, is asked again"
: >"$work/faults"
collect 0 partly
[[ $(asked) == $'DescribeAddresses\nDescribeVpcPeeringConnections\nGetRestApis\nListResolverRules' ]] || fail "it asked: $(asked)"
check 0 partly
[[ ! -e $work/partly/$ACCOUNT/$REGION/errors ]] || fail "errors of calls that are answered now stayed"

say "a run that is interrupted"
: >"$work/log"
"$here/collect.sh" --region "$REGION" --jobs 8 "$work/half" 2>"$work/said" &
collector=$!
until [[ $(wc -l <"$work/log") -gt 40 ]]; do
  kill -0 "$collector" || fail "it ended before it could be interrupted"
  sleep 0.2
done
kill -TERM "$collector"
code=0
wait "$collector" || code=$?
[[ $code -eq 130 ]] || fail "the interrupted run ended with $code"
asked_by_then=$(wc -l <"$work/log")
sleep 3
[[ $(wc -l <"$work/log") -eq $asked_by_then ]] || fail "it went on after it was interrupted"
grep -q '"finished": null' "$work/half/$ACCOUNT/$REGION/manifest.json" || fail "the manifest does not say that it is not finished"
collect 0 half
diff <(answers half) <(answers whole) || fail "what was resumed differs from what was recorded at once"
check 0 half

say "a file that went missing is not taken for an empty one"
rm "$work/half/$ACCOUNT/$REGION/describe-nat-gateways.json"
check 3 half
reports 'describe-nat-gateways.json` is not there'

say "nothing can be done"
echo 'GetCallerIdentity 403 InvalidClientTokenId' >"$work/faults"
collect 2 nothing

say "passed"
