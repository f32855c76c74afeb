#!/usr/bin/env bash
# Records what `vpcproof check` reads of AWS accounts, with the AWS CLI and nothing else.
#
#   collect.sh [--profile P]... [--role-arn ARN]... [--external-id ID] [--region R]...
#              [--organization] [--jobs N] OUTPUT
#
# README.md beside this file says what is recorded where; read-only-policy.json has the permissions.
#
# Exit code: 0 all calls answered, 3 some failed, 2 nothing could be done, 130 interrupted.

# Each account has a shell of its own, whose variables are not to reach the others.
# shellcheck disable=SC2030,SC2031

set -euo pipefail

readonly VERSION=0.1.0
readonly MANIFEST_SCHEMA=1
readonly ALL_WELL=0 NOTHING_DONE=2 PARTLY=3 INTERRUPTED=130
# How many pages of one call are followed where the AWS CLI does not follow them itself.
readonly MAX_PAGES=1000

usage() {
  cat <<'END'
usage: collect.sh [OPTION]... OUTPUT

  --profile P       a profile of the AWS CLI; may be repeated
  --role-arn ARN    a role to assume, with the first profile or else the credentials at hand; may be repeated
  --external-id ID  given when a role is assumed
  --region R        a Region; may be repeated. Default: all that the account has enabled
  --organization    record the organization as its delegated administrator too (its management account always does)
  --jobs N          calls at one time (4)

A call whose answer is in OUTPUT is not made again; what failed is.
END
}

say() { printf '== %s\n' "$*" >&2; }

give_up() {
  printf 'collect.sh: %s\n' "$*" >&2
  exit "$NOTHING_DONE"
}

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# ---------------------------------------------------------------- one call

# Each folder, of an account or of a Region of it, has beside the answers
#
#   .collect/calls/NAME   how the call ended, in one line
#   .collect/lists/       answers that only say what to ask next
#   errors/NAME.txt       what a failed call printed
#
# The reader passes over names that begin with a dot, and over files that are not JSON.

# Writes standard input to a file that is whole whenever it is there.
write_whole() {
  local part
  part=$(mktemp "$work/whole.XXXXXX")
  cat >"$part"
  mv -f "$part" "$1"
}

# The texts that a key has in an answer. The AWS CLI prints one key a line, and a text that holds JSON
# in one line with its quotation marks escaped.
values() {
  sed -n 's/^ *"'"$1"'": "\([^"\\]*\)",\{0,1\}$/\1/p' "$2" | sort -u
}

# The texts of an answer that is one list of them.
texts() {
  sed -n 's/^ *"\([^"\\]*\)",\{0,1\}$/\1/p' "$1" | sort -u
}

# The items of an answer's list.
count_items() {
  grep -c -E '^( {4}| {8})(\{|"[^"]*",?$)' || true
}

# The token of a page that is not the last.
next_token() {
  sed -n 's/^    "\(NextToken\|nextToken\|NextMarker\)": "\(..*\)",\{0,1\}$/\2/p' "$1"
}

without_token() {
  sed 's/^    "\(NextToken\|nextToken\|NextMarker\)": ".*"/    "\1": ""/' "$1"
}

# What the AWS CLI calls an error, or its exit code.
error_code() {
  local code
  code=$(sed -n 's/.*An error occurred (\([A-Za-z0-9._]*\)).*/\1/p' "$1" | head -n 1)
  if [[ -z $code ]] && grep -q 'Could not connect to the endpoint' "$1"; then
    code=CouldNotConnect
  fi
  printf '%s' "${code:-exit-$2}"
}

# The errors that say that there is nothing.
means_none() {
  case "$1 $2" in
    'get-bucket-policy NoSuchBucketPolicy') ;;
    'get-bucket-ownership-controls OwnershipControlsNotFoundError') ;;
    'get-public-access-block NoSuchPublicAccessBlockConfiguration') ;;
    'get-repository-policy RepositoryPolicyNotFoundException') ;;
    'get-resource-policy PolicyNotFoundException') ;;
    'get-policy ResourceNotFoundException') ;;
    'describe-organization AWSOrganizationsNotInUseException') ;;
    *) return 1 ;;
  esac
}

# STATUS EXIT ITEMS ERROR, of the call that `name` and `call` say. A list that only says what to ask
# next is not kept in the snapshot, and neither is the nothing that some calls print.
record() {
  local kept=false
  [[ ! -e $folder/$name.json ]] || kept=true
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$(now)" "$kept" "$call" | write_whole "$folder/.collect/calls/$name"
}

was_answered() {
  local status
  [[ -e $folder/.collect/calls/$1 ]] || return 1
  read -r status _ <"$folder/.collect/calls/$1"
  [[ $status != failed ]]
}

# The name of a page: its number stands before the subject, at which names end.
page_name() {
  if [[ $2 -eq 1 ]]; then
    printf '%s' "$1"
  else
    printf '%s-page%s%s' "$operation" "$2" "${1#"$operation"}"
  fi
}

# Makes a call, all its pages, and records how it ended: INTO NAME SERVICE OPERATION ARGUMENT...
make_call() {
  local into=$1 name=$2 operation=$4 call="$3 $4" pages=0 token='' code=0 items=0 error
  shift 2
  local scratch
  scratch=$(mktemp -d "$work/call.XXXXXX")
  while :; do
    pages=$((pages + 1))
    aws "$@" ${token:+--next-token "$token"} --output json >"$scratch/$pages" 2>"$scratch/error" || {
      code=$?
      break
    }
    token=$(next_token "$scratch/$pages")
    [[ -n $token ]] || break
    if [[ $pages -ge $MAX_PAGES ]]; then
      printf 'there are more than %s pages\n' "$MAX_PAGES" >"$scratch/error"
      code=1
      break
    fi
  done
  if [[ $code -ne 0 ]]; then
    error=$(error_code "$scratch/error" "$code")
    if means_none "$operation" "$error"; then
      rm -f "$folder/errors/$name.txt"
      record none "$code" 0 "$error"
    else
      {
        printf '%s: exit code %s\n' "$call" "$code"
        cat "$scratch/error"
      } | write_whole "$folder/errors/$name.txt"
      record failed "$code" 0 "$error"
    fi
  else
    items=$(cat "$scratch"/[0-9]* | count_items)
    keep_pages
    rm -f "$folder/errors/$name.txt"
    record complete 0 "$items" ''
  fi
  rm -rf "$scratch"
}

# Puts the pages of a call in their places.
keep_pages() {
  local page
  for ((page = 1; page <= pages; page++)); do
    if [[ -s $scratch/$page ]]; then
      # No pipe: its end would go on with a part when its beginning is interrupted.
      without_token "$scratch/$page" >"$scratch/whole"
      mv -f "$scratch/whole" "$into/$(page_name "$name" "$page").json"
    fi
  done
}

running=0

# Makes a call in the background, unless it was answered before.
start() {
  if was_answered "$2"; then
    return
  fi
  if [[ $running -ge $jobs ]]; then
    wait -n || true
    running=$((running - 1))
  fi
  make_call "$@" &
  running=$((running + 1))
}

await_all() {
  wait
  running=0
}

# Records an answer: NAME SERVICE OPERATION ARGUMENT...
fetch() { start "$folder" "$@"; }

# The same under the operation's own name.
fetch_plain() { fetch "$2" "$@"; }

# Records an answer that only says what to ask next.
list() { start "$folder/.collect/lists" "$@"; }

# What a file's name may have of a subject.
as_name() { printf '%s' "${1//[^A-Za-z0-9._-]/_}"; }

# The texts that a key has in an answer of this folder; none when it is not there.
subjects() {
  local file=$folder/$2.json
  if [[ -e $file ]]; then
    values "$1" "$file"
  fi
}

# The texts of a list of this folder.
listed() {
  local file=$folder/.collect/lists/$1.json
  if [[ -e $file ]]; then
    texts "$file"
  fi
}

# ---------------------------------------------------------------- what is asked of a Region

# The configuration of a VPN's customer gateway and the options of its tunnels hold pre-shared keys.
readonly CONNECTIONS='{VpnConnections: VpnConnections[].{VpnConnectionId: VpnConnectionId, State: State, Type: Type, Category: Category,
  CustomerGatewayId: CustomerGatewayId, VpnGatewayId: VpnGatewayId, TransitGatewayId: TransitGatewayId,
  Options: Options.{StaticRoutesOnly: StaticRoutesOnly, LocalIpv4NetworkCidr: LocalIpv4NetworkCidr, RemoteIpv4NetworkCidr: RemoteIpv4NetworkCidr},
  Routes: Routes, Tags: Tags}}'
# A virtual interface has the key of its BGP peers, and the router's configuration with it.
readonly INTERFACES='{virtualInterfaces: virtualInterfaces[].{virtualInterfaceId: virtualInterfaceId, virtualInterfaceName: virtualInterfaceName,
  virtualInterfaceType: virtualInterfaceType, virtualInterfaceState: virtualInterfaceState, ownerAccount: ownerAccount, region: region,
  virtualGatewayId: virtualGatewayId, directConnectGatewayId: directConnectGatewayId}, nextToken: nextToken}'

collect_network() {
  local operation
  for operation in \
    vpcs subnets route-tables network-acls security-groups security-group-rules network-interfaces instances \
    internet-gateways egress-only-internet-gateways nat-gateways addresses \
    vpc-endpoints vpc-endpoint-services vpc-endpoint-service-configurations \
    managed-prefix-lists vpc-peering-connections dhcp-options \
    vpc-block-public-access-options vpc-block-public-access-exclusions \
    transit-gateways transit-gateway-attachments transit-gateway-vpc-attachments \
    transit-gateway-peering-attachments transit-gateway-route-tables \
    vpn-gateways client-vpn-endpoints carrier-gateways; do
    fetch_plain ec2 "describe-$operation"
  done
  fetch_plain ec2 describe-vpn-connections --query "$CONNECTIONS"
  fetch_plain elbv2 describe-load-balancers
  fetch_plain elbv2 describe-target-groups
  fetch describe-classic-load-balancers elb describe-load-balancers
  fetch_plain directconnect describe-virtual-interfaces --query "$INTERFACES"
  fetch_plain route53resolver list-resolver-rules
  fetch_plain route53resolver list-resolver-rule-associations
  fetch_plain route53resolver list-resolver-endpoints
  fetch_plain route53resolver list-firewall-rule-group-associations
  # AWS does not tell the domains of its own lists.
  list list-firewall-domain-lists route53resolver list-firewall-domain-lists \
    --query 'FirewallDomainLists[?ManagedOwnerName==null].Id'
}

collect_resources() {
  fetch_plain apigateway get-rest-apis
  fetch_plain kms list-keys
  list list-queues sqs list-queues --query 'QueueUrls'
  list list-topics sns list-topics --query 'Topics[].TopicArn'
  list list-secrets secretsmanager list-secrets --query 'SecretList[].ARN'
  list describe-repositories ecr describe-repositories --query 'repositories[].repositoryName'
  list list-tables dynamodb list-tables --query 'TableNames'
  # The environment of a function may hold secrets.
  list list-functions lambda list-functions --query 'Functions[].FunctionName'
}

collect_subjects_of_network() {
  local id attribute
  for id in $(subjects VpcId describe-vpcs); do
    for attribute in enableDnsSupport enableDnsHostnames; do
      fetch "describe-vpc-attribute-$id-$attribute" ec2 describe-vpc-attribute --vpc-id "$id" --attribute "$attribute"
    done
    fetch "list-hosted-zones-by-vpc-$id" route53 list-hosted-zones-by-vpc --vpc-id "$id" --vpc-region "$region"
  done
  for id in $(subjects PrefixListId describe-managed-prefix-lists); do
    fetch "get-managed-prefix-list-entries-$id" ec2 get-managed-prefix-list-entries --prefix-list-id "$id"
  done
  for id in $(subjects ServiceId describe-vpc-endpoint-service-configurations); do
    fetch "describe-vpc-endpoint-service-permissions-$id" ec2 describe-vpc-endpoint-service-permissions --service-id "$id"
  done
  collect_transit_gateway_tables
  for id in $(subjects VpnGatewayId describe-vpn-gateways) $(subjects TransitGatewayId describe-transit-gateways); do
    fetch "describe-direct-connect-gateway-associations-$id" directconnect describe-direct-connect-gateway-associations --associated-gateway-id "$id"
  done
  for id in $(subjects ClientVpnEndpointId describe-client-vpn-endpoints); do
    for attribute in target-networks routes authorization-rules; do
      fetch "describe-client-vpn-$attribute-$id" ec2 "describe-client-vpn-$attribute" --client-vpn-endpoint-id "$id"
    done
  done
  collect_resolver
  collect_load_balancers
}

collect_transit_gateway_tables() {
  local id what
  for id in $(subjects TransitGatewayRouteTableId describe-transit-gateway-route-tables); do
    for what in associations propagations; do
      fetch "get-transit-gateway-route-table-$what-$id" ec2 "get-transit-gateway-route-table-$what" --transit-gateway-route-table-id "$id"
    done
    fetch "get-transit-gateway-prefix-list-references-$id" ec2 get-transit-gateway-prefix-list-references --transit-gateway-route-table-id "$id"
    # The call wants a filter; a route is one of these two.
    fetch "search-transit-gateway-routes-$id" ec2 search-transit-gateway-routes --transit-gateway-route-table-id "$id" \
      --filters Name=type,Values=static,propagated
  done
}

collect_resolver() {
  local id
  for id in $(subjects Id list-resolver-endpoints); do
    fetch "list-resolver-endpoint-ip-addresses-$id" route53resolver list-resolver-endpoint-ip-addresses --resolver-endpoint-id "$id"
  done
  for id in $(subjects FirewallRuleGroupId list-firewall-rule-group-associations); do
    fetch "list-firewall-rules-$id" route53resolver list-firewall-rules --firewall-rule-group-id "$id"
  done
  for id in $(listed list-firewall-domain-lists); do
    fetch "list-firewall-domains-$id" route53resolver list-firewall-domains --firewall-domain-list-id "$id"
  done
}

collect_load_balancers() {
  local arn name
  for arn in $(subjects LoadBalancerArn describe-load-balancers); do
    name=${arn##*/}
    fetch "describe-load-balancer-attributes-$name" elbv2 describe-load-balancer-attributes --load-balancer-arn "$arn"
    fetch "describe-listeners-$name" elbv2 describe-listeners --load-balancer-arn "$arn"
    fetch "describe-tags-$name" elbv2 describe-tags --resource-arns "$arn"
  done
  for arn in $(subjects TargetGroupArn describe-target-groups); do
    name=${arn##*/}
    fetch "describe-target-group-attributes-$name" elbv2 describe-target-group-attributes --target-group-arn "$arn"
    fetch "describe-target-health-$name" elbv2 describe-target-health --target-group-arn "$arn"
  done
}

collect_rules_of_listeners() {
  local arn listener
  for arn in $(subjects LoadBalancerArn describe-load-balancers); do
    # Only an Application Load Balancer has rules.
    [[ $arn == */app/* ]] || continue
    for listener in $(subjects ListenerArn "describe-listeners-${arn##*/}"); do
      fetch "describe-rules-${arn##*/}-${listener##*/}" elbv2 describe-rules --listener-arn "$listener"
    done
  done
}

collect_policies_of_resources() {
  local id
  for id in $(subjects KeyId list-keys); do
    fetch "get-key-policy-$id" kms get-key-policy --key-id "$id" --policy-name default
  done
  for id in $(listed list-queues); do
    fetch "get-queue-attributes-$(as_name "${id##*/}")" sqs get-queue-attributes --queue-url "$id" --attribute-names All
  done
  for id in $(listed list-topics); do
    fetch "get-topic-attributes-$(as_name "${id##*:}")" sns get-topic-attributes --topic-arn "$id"
  done
  for id in $(listed list-secrets); do
    fetch "secretsmanager-get-resource-policy-$(as_name "${id##*:}")" secretsmanager get-resource-policy --secret-id "$id"
  done
  for id in $(listed describe-repositories); do
    fetch "get-repository-policy-$(as_name "$id")" ecr get-repository-policy --repository-name "$id"
  done
  for id in $(listed list-tables); do
    fetch "get-resource-policy-$(as_name "$id")" dynamodb get-resource-policy \
      --resource-arn "arn:$partition:dynamodb:$region:$account:table/$id"
  done
  for id in $(listed list-functions); do
    fetch "get-policy-$(as_name "$id")" lambda get-policy --function-name "$id"
  done
}

collect_region() {
  enter "$output/$account/$region"
  collect_network
  collect_resources
  await_all
  collect_subjects_of_network
  collect_policies_of_resources
  await_all
  collect_rules_of_listeners
  await_all
  leave
}

# ---------------------------------------------------------------- what is asked of an account

collect_account() {
  local id
  enter "$output/$account"
  fetch_plain sts get-caller-identity
  fetch_plain iam get-account-authorization-details
  fetch_plain iam get-account-summary
  fetch_plain s3api list-buckets
  fetch "get-public-access-block-$account" s3control get-public-access-block --account-id "$account"
  fetch_plain organizations describe-organization
  fetch_plain route53 list-hosted-zones
  # What public zones answer is not asked of a VPC.
  list private-hosted-zones route53 list-hosted-zones --query 'HostedZones[?Config.PrivateZone].Id'
  await_all
  # The owner of the buckets has no key of this name.
  for id in $(subjects Name list-buckets); do
    fetch "get-bucket-policy-$id" s3api get-bucket-policy --bucket "$id"
    fetch "get-bucket-ownership-controls-$id" s3api get-bucket-ownership-controls --bucket "$id"
    fetch "get-public-access-block-$id" s3api get-public-access-block --bucket "$id"
  done
  for id in $(listed private-hosted-zones); do
    fetch "get-hosted-zone-${id##*/}" route53 get-hosted-zone --id "$id"
    fetch "list-resource-record-sets-${id##*/}" route53 list-resource-record-sets --hosted-zone-id "$id"
  done
  await_all
  leave
}

# The organization as far as it concerns the accounts that are in OUTPUT.
collect_organization() {
  local id above child policy level filter
  enter "$output/$account"
  fetch_plain organizations list-roots
  fetch_plain organizations list-accounts
  await_all
  local -A targets=()
  for id in "$output"/[0-9]*/; do
    child=$(basename "$id")
    # From the account up to its root.
    for level in 1 2 3 4 5 6 7; do
      targets[$child]=$level
      [[ $child != r-* ]] || break
      fetch "list-parents-$child" organizations list-parents --child-id "$child"
      await_all
      above=$(subjects Id "list-parents-$child")
      [[ -n $above ]] || break
      child=$above
    done
  done
  for id in "${!targets[@]}"; do
    for filter in scp:SERVICE_CONTROL_POLICY rcp:RESOURCE_CONTROL_POLICY; do
      # A type that is not in use has no policies to list.
      grep -q "\"${filter#*:}\"" "$folder/list-roots.json" 2>/dev/null || continue
      fetch "list-policies-for-target-${filter%:*}-$id" organizations list-policies-for-target --target-id "$id" --filter "${filter#*:}"
    done
  done
  await_all
  for id in "${!targets[@]}"; do
    for filter in scp rcp; do
      for policy in $(subjects Id "list-policies-for-target-$filter-$id"); do
        fetch "describe-policy-$policy" organizations describe-policy --policy-id "$policy"
      done
    done
    await_all
  done
  leave
}

is_management() {
  [[ $(subjects MasterAccountId describe-organization) == "$account" ]]
}

# ---------------------------------------------------------------- folders and their manifests

folder='' account='' region='' started=''

# Begins with a folder: OUTPUT/ACCOUNT or OUTPUT/ACCOUNT/REGION.
enter() {
  folder=$1
  mkdir -p "$folder/.collect/calls" "$folder/.collect/lists" "$folder/errors"
  if [[ ! -e $folder/.collect/started ]]; then
    now | write_whole "$folder/.collect/started"
  fi
  # What was answered earlier stays, so that the folder is as old as its first call.
  started=$(<"$folder/.collect/started")
  write_manifest null
}

leave() {
  write_manifest "\"$(now)\""
  rmdir "$folder/errors" 2>/dev/null || true
  local n_failed
  n_failed=$(count failed)
  say "$account ${region:-global}: $(count complete) calls answered, $(count none) said that there is nothing, $n_failed failed"
  n_answered_all=$((n_answered_all + $(count complete)))
  n_failed_all=$((n_failed_all + n_failed))
}

count() {
  local records=("$folder"/.collect/calls/*)
  [[ -e ${records[0]} ]] || {
    printf 0
    return
  }
  cut -f 1 "${records[@]}" | grep -c "^$1\$" || true
}

# Says what was asked and how it ended: FINISHED, as JSON.
write_manifest() {
  local in_region=null record status code items error time kept call separator=''
  [[ -z $region ]] || in_region="\"$region\""
  {
    printf '{\n    "schema_version": %s,\n' "$MANIFEST_SCHEMA"
    printf '    "tool": {"name": "collect.sh", "version": "%s"},\n' "$VERSION"
    printf '    "account": "%s",\n    "region": %s,\n' "$account" "$in_region"
    printf '    "started": "%s",\n    "finished": %s,\n' "$started" "$1"
    printf '    "counts": {"complete": %s, "none": %s, "failed": %s},\n' "$(count complete)" "$(count none)" "$(count failed)"
    printf '    "calls": ['
    for record in "$folder"/.collect/calls/*; do
      [[ -e $record ]] || continue
      # Between tabs an empty field would be lost.
      IFS=$'\x1f' read -r status code items error time kept call < <(tr '\t' '\037' <"$record")
      printf '%s\n        {"name": "%s", "call": "%s", "status": "%s", "time": "%s", ' \
        "$separator" "${record##*/}" "$call" "$status" "$time"
      if [[ $status == complete ]]; then
        printf '"items": %s, "kept": %s}' "$items" "$kept"
      else
        printf '"exit": %s, "error": "%s"}' "$code" "$error"
      fi
      separator=,
    done
    printf '\n    ]\n}\n'
  } | write_whole "$folder/manifest.json"
}

# ---------------------------------------------------------------- whose accounts

# Sets the credentials of an identity for the rest of the shell: PROFILE ROLE, each may be empty.
become() {
  local answer
  if [[ -n $1 ]]; then
    # What stands in the environment would win over a profile that does too.
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
    export AWS_PROFILE=$1
  fi
  [[ -n $2 ]] || return 0
  answer=$(aws sts assume-role --role-arn "$2" --role-session-name vpcproof-collect \
    ${external_id:+--external-id "$external_id"} \
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text) || return 1
  unset AWS_PROFILE
  read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<<"$answer"
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
}

# Sets `account` and `partition` to those of the credentials.
identify() {
  local answer
  answer=$(aws sts get-caller-identity --query '[Account,Arn]' --output text) || return 1
  read -r account partition <<<"$answer"
  partition=${partition#arn:}
  partition=${partition%%:*}
  [[ $account =~ ^[0-9]{12}$ ]]
}

# Version 1 of the AWS CLI reads the one, version 2 prefers the other.
in_region() { export AWS_DEFAULT_REGION=$1 AWS_REGION=$1; }

# Acts as an identity: PROFILE ROLE. Global calls want a Region too.
begin() {
  in_region "${regions[0]:-${AWS_REGION:-${AWS_DEFAULT_REGION:-us-east-1}}}"
  become "$1" "$2" && identify
}

regions_of_account() {
  if [[ ${#regions[@]} -gt 0 ]]; then
    printf '%s\n' "${regions[@]}"
  else
    aws ec2 describe-regions --query 'Regions[].[RegionName]' --output text
  fi
}

# Records an account: PROFILE ROLE. Run as a job, since it ends its shell, whose exit code says how it went.
collect_identity() {
  n_answered_all=0 n_failed_all=0
  trap interrupted TERM
  begin "$1" "$2" || exit "$NOTHING_DONE"
  all=$(regions_of_account) || {
    say "$account: its Regions are not known; say them with --region"
    exit "$NOTHING_DONE"
  }
  # From the start each folder says that it is not finished, so that none is missing without a word.
  for region in $all; do
    [[ -e $output/$account/$region/manifest.json ]] || enter "$output/$account/$region"
  done
  region=''
  collect_account
  for region in $all; do
    in_region "$region"
    collect_region
  done
  ended
}

# The organization comes last, when the accounts are there; a job too.
collect_organization_of() {
  n_answered_all=0 n_failed_all=0
  trap interrupted TERM
  begin "$1" "$2" || exit "$NOTHING_DONE"
  folder=$output/$account
  if [[ -n $organization ]] || is_management; then
    collect_organization
    ended
  fi
}

ended() {
  if [[ $n_answered_all -eq 0 ]]; then
    exit "$NOTHING_DONE"
  elif [[ $n_failed_all -gt 0 ]]; then
    exit "$PARTLY"
  fi
  exit "$ALL_WELL"
}

# What is under way is not awaited: it is not recorded, and so made again by the next run.
interrupted() {
  trap '' TERM
  local calls
  mapfile -t calls < <(jobs -p)
  [[ ${#calls[@]} -eq 0 ]] || kill "${calls[@]}" 2>/dev/null || true
  wait
  [[ -z $folder ]] || write_manifest null
  exit "$INTERRUPTED"
}

# ---------------------------------------------------------------- the run

running_stage=''

stop_stage() {
  trap '' INT TERM
  if [[ -n $running_stage ]]; then
    kill -TERM "$running_stage" 2>/dev/null || true
    wait "$running_stage" || true
  fi
  say "interrupted; run again to go on"
  exit "$INTERRUPTED"
}

profiles=() roles=() regions=() external_id='' organization='' jobs=4 output=''

read_arguments() {
  while [[ $# -gt 0 ]]; do
    case $1 in
      --help | -h)
        usage
        exit "$ALL_WELL"
        ;;
      --organization) organization=yes ;;
      --profile | --role-arn | --region | --external-id | --jobs)
        [[ $# -ge 2 ]] || give_up "$1 wants a value"
        case $1 in
          --profile) profiles+=("$2") ;;
          --role-arn) roles+=("$2") ;;
          --region) regions+=("$2") ;;
          --external-id) external_id=$2 ;;
          --jobs) jobs=$2 ;;
        esac
        shift
        ;;
      -*) give_up "\`$1\` is no option; --help lists them" ;;
      *)
        [[ -z $output ]] || give_up 'one OUTPUT is wanted'
        output=$1
        ;;
    esac
    shift
  done
  [[ -n $output ]] || give_up 'OUTPUT is missing; --help says how this is called'
  [[ $jobs =~ ^[1-9][0-9]?$ ]] || give_up '--jobs wants a number from 1 to 99'
}

main() {
  local identities=() identity profile role code n_well=0 n_not_well=0
  [[ ${BASH_VERSINFO[0]} -gt 4 || (${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4) ]] || give_up 'bash 4.4 or newer is needed'
  command -v aws >/dev/null || give_up 'the AWS CLI is not installed'
  read_arguments "$@"
  mkdir -p "$output" || give_up "\`$output\` cannot be made"
  output=$(cd "$output" && pwd)
  # Here, since a file is moved into its place only within one file system. What may hold a part of an
  # answer is nobody else's to read.
  umask 077
  work=$(mktemp -d "$output/.work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  export AWS_PAGER='' AWS_RETRY_MODE="${AWS_RETRY_MODE:-standard}" AWS_MAX_ATTEMPTS="${AWS_MAX_ATTEMPTS:-8}"

  for profile in "${profiles[@]}"; do
    identities+=("$profile|")
  done
  for role in "${roles[@]}"; do
    identities+=("${profiles[0]:-}|$role")
  done
  [[ ${#identities[@]} -gt 0 ]] || identities=('|')

  local stage
  trap 'stop_stage' INT TERM
  for stage in collect_identity collect_organization_of; do
    for identity in "${identities[@]}"; do
      code=0
      # In the background, so that a signal is heard at once; a shell there hears no SIGINT.
      "$stage" "${identity%%|*}" "${identity#*|}" &
      running_stage=$!
      wait "$running_stage" || code=$?
      case $code in
        "$ALL_WELL") n_well=$((n_well + 1)) ;;
        "$PARTLY") n_well=$((n_well + 1)) n_not_well=$((n_not_well + 1)) ;;
        *)
          n_not_well=$((n_not_well + 1))
          say "nothing could be recorded with the profile \`${identity%%|*}\` and the role \`${identity#*|}\`"
          ;;
      esac
    done
  done
  if [[ $n_well -eq 0 ]]; then
    exit "$NOTHING_DONE"
  elif [[ $n_not_well -gt 0 ]]; then
    say "partly: errors/ beside the answers says what failed; run again to try it again"
    exit "$PARTLY"
  fi
}

main "$@"
