//! Bad input: what is printed for each mistake that a file can have, word for word, and that no file
//! is too large to be answered.
//!
//! The words stand in `bad_input/expected.txt`. After a change that is meant, `VPCPROOF_ACCEPT=1`
//! in front of `cargo test -p vpcproof --test bad_input` writes them anew; read the difference.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use common::{Place, network};

/// How long an answer may take, on a machine that has other things to do.
const MOST: Duration = Duration::from_secs(20);

/// A run: files, and the arguments after `vpcproof`. Each refuses with exit code 2.
struct Case {
    name: &'static str,
    files: Vec<(&'static str, Vec<u8>)>,
    arguments: &'static [&'static str],
}

/// Waivers that are wrong whatever the network is.
const WAIVERS: &str = r#"[group]
app = "interface tag:tier=app"
[[never]]
name = "x"
from = "app"
to = "internet"
[[sometimes]]
name = "some"
from = "app"
to = "interface tag:tier=db"
[change]
opens = []
[[waive]]
invariant = "x"
[[waive]]
invariant = "y"
from = "app"
reason = "  "
until = "2027-03-31"
[[waive]]
invariant = "some"
from = "app"
reason = "r"
until = 2027-03-31T12:00:00Z
[[waive]]
invariant = "opens"
form = "app"
from = ["internet", "app"]
to = "any"
traffic = "tcp/99999"
reason = 3
[[waive]]
invariant = "opens"
from = "app"
reason = "r"
"#;

/// Waivers that the network shows to be wrong.
const MISFITS: &str = r#"[[never]]
name = "x"
from = "interface"
to = ["interface", "internet"]
[[waive]]
invariant = "x"
to = "interface tag:tier=db"
reason = "r"
[[waive]]
invariant = "x"
from = "interface tag:teir=db"
reason = "r"
"#;

fn case<const N: usize>(
    name: &'static str,
    arguments: &'static [&'static str],
    files: [(&'static str, &str); N],
) -> Case {
    let files = files.into_iter();
    let files = files.map(|(name, text)| (name, text.as_bytes().to_vec()));
    Case {
        name,
        files: files.collect(),
        arguments,
    }
}

fn with_bytes(
    name: &'static str,
    arguments: &'static [&'static str],
    file: &'static str,
    bytes: &[u8],
) -> Case {
    Case {
        name,
        files: vec![(file, bytes.to_vec())],
        arguments,
    }
}

const SNAPSHOT: &[&str] = &["show", "snapshot"];
const PLAN: &[&str] = &["show", "plan.json"];
const TEMPLATE: &[&str] = &["show", "template.yaml"];
const NATIVE: &[&str] = &["show", "network.toml"];
const CLAIMS: &[&str] = &["check", "small.toml", "--no-builtin", "-i", "claims.toml"];
const PRICES: &[&str] = &["check", "small.toml", "--prices", "prices.toml"];
const UPDATE: &[&str] = &[
    "catalogue",
    "update",
    "services.json",
    "--as-of",
    "2026-11-26",
];
const SCOPE: &[&str] = &["import-scope", "scope.json"];
const CATALOGUE: &[&str] = &["check", "small.toml", "--catalogue", "services.toml"];
const FLOWS: &[&str] = &["trace", "small.toml", "--flows", "flows.jsonl"];

const VPCS: &str = r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "default",
  "CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}]}]}"#;
const TABLES: &str = r#"{"RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1",
  "Associations": [{"Main": true, "AssociationState": {"State": "associated"}}],
  "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"},
    {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-9", "Origin": "CreateRoute", "State": "active"},
    {"DestinationCidrBlock": "192.0.2.1/24", "NatGatewayId": "nat-9", "Origin": "CreateRoute", "State": "active"}]}]}"#;
const GATEWAYS: &str =
    r#"{"InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": []}]}"#;
const ENDPOINTS: &str = r#"{"VpcEndpoints": [
  {"VpcEndpointId": "vpce-1", "VpcEndpointType": "Gateway", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-west-1.s3",
   "State": "available", "PolicyDocument": "{\"Statement\": ["},
  {"VpcEndpointId": "vpce-2", "VpcEndpointType": "Gateway", "VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-west-1.s3",
   "State": "available", "PolicyDocument": "{\"Statement\": {\"Efect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"*\", \"Resource\": \"*\"}}"}]}"#;

const DETAILS: &str = r#"{"UserDetailList": [{"Arn": "arn:aws:iam::111122223333:user/ann",
  "UserPolicyList": [{"PolicyName": "a", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "*"}}},
    {"PolicyName": "b", "PolicyDocument": "%7B%22Statement"}]}], "RoleDetailList": [{"Arn": "app"}]}"#;

const ACCOUNTS: &str = r#"[account.1111]
[account.111122223333]
[principal."arn:aws:iam::111122223333:group/staff"]
[principal."arn:aws:iam::111122223333:role/a/app"]
[principal."arn:aws:iam::111122223333:role/b/app"]
[resource-policy."arn:aws:s3:::logs"]
account = "222233334444"
"#;
const VPC: &str = "[vpc.main]\ncidrs = [\"10.0.0.0/16\"]\n";
const TWO_REGIONS: &str = "[vpc.a]\ncidrs = [\"10.0.0.0/16\"]\nregion = \"eu-west-1\"\n[vpc.b]\ncidrs = [\"10.1.0.0/16\"]\nregion = \"us-east-1\"\n\
    [subnet.a]\nvpc = \"a\"\ncidrs = [\"10.0.0.0/24\"]\n[subnet.b]\nvpc = \"b\"\ncidrs = [\"10.1.0.0/24\"]\n\
    [interface.a]\nsubnet = \"a\"\naddresses = [\"10.0.0.4\"]\n[interface.b]\nsubnet = \"b\"\naddresses = [\"10.1.0.4\"]\n";
const CLAIM: &str = "[[never]]\nname = \"x\"\nfrom = \"internet\"\nto = \"interface\"\n";

/// Four kilobytes that mean nothing, the same in every run.
fn noise() -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(4096).collect()
}

/// A plan with these resources of the root module.
fn plan(resources: &str) -> String {
    format!(
        "{{\"format_version\": \"1.2\", \"configuration\": {{}}, \"resource_changes\": [],\n \
         \"planned_values\": {{\"root_module\": {{\"resources\": [{resources}]}}}}}}"
    )
}

fn resource(address: &str, id: &str, values: &str) -> String {
    let (of, name) = address.split_once('.').unwrap();
    format!(
        r#"{{"address": "{address}", "mode": "managed", "type": "{of}", "name": "{name}",
  "values": {{"id": "{id}", {values}}}}}"#
    )
}

fn describe() -> Vec<Case> {
    let open = "[".repeat(10_000);
    let deep = format!("{{\"Vpcs\": {open}");
    let next = format!("{}, \"NextToken\": \"eyJ\"}}", &VPCS[..VPCS.len() - 1]);
    vec![
        case(
            "describe: wrong JSON",
            SNAPSHOT,
            [("snapshot/vpcs.json", "{\"Vpcs\": [\n  vpc]}")],
        ),
        case(
            "describe: truncated files",
            SNAPSHOT,
            [
                ("snapshot/a.json", &VPCS[..VPCS.len() / 2]),
                ("snapshot/b.json", &TABLES[..TABLES.len() - 2]),
            ],
        ),
        case(
            "describe: one page of several",
            SNAPSHOT,
            [("snapshot/vpcs.json", &next)],
        ),
        case(
            "describe: two resources with one id",
            SNAPSHOT,
            [
                ("snapshot/more.json", GATEWAYS),
                ("snapshot/gateways.json", GATEWAYS),
            ],
        ),
        case(
            "describe: a route to what is not there, and host bits",
            SNAPSHOT,
            [
                ("snapshot/tables.json", TABLES),
                ("snapshot/vpcs.json", VPCS),
            ],
        ),
        case(
            "describe: policies of accounts",
            SNAPSHOT,
            [
                ("snapshot/details.json", DETAILS),
                ("snapshot/get-bucket-policy-logs.json", r#"{"Policy": "{"}"#),
                ("snapshot/policy.json", r#"{"Policy": "{}"}"#),
                (
                    "snapshot/parents.json",
                    r#"{"Parents": [{"Id": "r-ab12"}]}"#,
                ),
            ],
        ),
        case(
            "describe: policies that do not parse",
            SNAPSHOT,
            [("snapshot/endpoints.json", ENDPOINTS)],
        ),
        case(
            "describe: nested 10,000 deep",
            SNAPSHOT,
            [("snapshot/vpcs.json", &deep)],
        ),
        with_bytes(
            "describe: random bytes",
            SNAPSHOT,
            "snapshot/vpcs.json",
            &noise(),
        ),
        with_bytes(
            "describe: not UTF-8",
            SNAPSHOT,
            "snapshot/vpcs.json",
            b"{\"Vpcs\": [\"\xff\"]}",
        ),
        case(
            "describe: an empty file",
            SNAPSHOT,
            [("snapshot/vpcs.json", "")],
        ),
        case(
            "describe: a directory with no known file",
            SNAPSHOT,
            [("snapshot/main.tf", "x")],
        ),
        case(
            "describe: JSON of something else",
            SNAPSHOT,
            [("snapshot/package.json", "{\"name\": \"x\"}")],
        ),
        case("describe: a path that is not there", SNAPSHOT, []),
        case(
            "describe: every mistake in one run",
            SNAPSHOT,
            [
                ("snapshot/a-page.json", &next),
                ("snapshot/b-policies.json", ENDPOINTS),
                ("snapshot/c-tables.json", TABLES),
                ("snapshot/d-truncated.json", &TABLES[..100]),
                ("snapshot/e-empty.json", " "),
                ("snapshot/f-strange.json", "[1]"),
            ],
        ),
    ]
}

/// Templates: one mistake each, and several in one run.
fn cloudformation() -> Vec<Case> {
    let vpc = "Resources:\n  Main:\n    Type: AWS::EC2::VPC\n    Properties:\n      CidrBlock: 10.0.0.0/16\n";
    let with = |more: &str| format!("{vpc}{more}");
    let open = "Parameters:\n  Stage: { Type: String }\nConditions:\n  IsLive: !Equals [!Ref Stage, live]\n";
    vec![
        case(
            "template: a tag that is no function",
            TEMPLATE,
            [("template.yaml", "Resources:\n  Main:\n    Type: !Reff x\n")],
        ),
        case(
            "template: truncated YAML",
            TEMPLATE,
            [(
                "template.yaml",
                "Resources:\n  Main: { Type: 'AWS::EC2::VPC',\n",
            )],
        ),
        case(
            "template: a key that stands twice",
            TEMPLATE,
            [("template.yaml", &with("      CidrBlock: 10.1.0.0/16\n"))],
        ),
        case(
            "template: a name that is not there",
            TEMPLATE,
            [(
                "template.yaml",
                &with("  A: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: !Ref Mian } }\n"),
            )],
        ),
        case(
            "template: resources in a circle",
            TEMPLATE,
            [(
                "template.yaml",
                &with(
                    "  A: { Type: 'AWS::EC2::SecurityGroup', Properties: { VpcId: !Ref Main, GroupDescription: !Ref B } }\n  \
                     B: { Type: 'AWS::EC2::SecurityGroup', Properties: { VpcId: !Ref Main, GroupDescription: !Ref A } }\n",
                ),
            )],
        ),
        case(
            "template: a resource whose condition is not decided",
            TEMPLATE,
            [(
                "template.yaml",
                &format!(
                    "{open}{}",
                    with(
                        "  A: { Type: 'AWS::EC2::RouteTable', Condition: IsLive, Properties: { VpcId: !Ref Main } }\n"
                    )
                ),
            )],
        ),
        case(
            "template: a macro, and a resource without a type",
            TEMPLATE,
            [(
                "template.yaml",
                &format!("Transform: Expand\n{}", with("  A: { Properties: {} }\n")),
            )],
        ),
        case(
            "template: a block that is none",
            TEMPLATE,
            [(
                "template.yaml",
                &vpc.replace("10.0.0.0/16", "!Join ['/', [10.0.0.1, 16]]"),
            )],
        ),
        case(
            "template: parameters that no template has",
            &["show", "template.yaml", "parameters.json"],
            [
                ("template.yaml", vpc),
                ("parameters.json", "{\"Stage\": \"live\"}"),
            ],
        ),
        case(
            "template: YAML of something else",
            TEMPLATE,
            [("template.yaml", "services:\n  web: { image: x }\n")],
        ),
    ]
}

fn terraform() -> Vec<Case> {
    let vpc = resource("aws_vpc.main", "vpc-1", r#""cidr_block": "10.0.0.0/16""#);
    let twin = resource("aws_vpc.twin", "vpc-1", r#""cidr_block": "10.1.0.0/16""#);
    let bits = resource("aws_vpc.bits", "vpc-2", r#""cidr_block": "10.0.0.1/16""#);
    let route =
        r#""vpc_id": "vpc-1", "route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-9"}]"#;
    let table = resource("aws_route_table.main", "rtb-1", route);
    let endpoint = |name: &str, policy: &str| {
        let values = format!(
            r#""vpc_id": "vpc-1", "service_name": "com.amazonaws.eu-west-1.s3", "vpc_endpoint_type": "Gateway", "policy": "{policy}""#
        );
        resource(
            &format!("aws_vpc_endpoint.{name}"),
            &format!("vpce-{name}"),
            &values,
        )
    };
    let cut = endpoint("cut", "{\\\"Statement\\\": [");
    let effect = endpoint(
        "effect",
        "{\\\"Statement\\\": {\\\"Effect\\\": \\\"Maybe\\\"}}",
    );
    let deep = format!(
        "{{\"format_version\": \"1.2\", \"values\": {}",
        "{\"a\":".repeat(10_000)
    );
    let whole = plan(&vpc);
    vec![
        case(
            "plan: wrong JSON",
            PLAN,
            [("plan.json", "{\"format_version\": \"1.2\",\n nope}")],
        ),
        case(
            "plan: truncated",
            PLAN,
            [("plan.json", &whole[..whole.len() / 2])],
        ),
        case(
            "plan: a format that is not known",
            PLAN,
            [("plan.json", "{\"format_version\": \"2.0\", \"values\": {}}")],
        ),
        case(
            "plan: two resources with one id",
            PLAN,
            [("plan.json", &plan(&format!("{vpc},\n {twin}")))],
        ),
        case(
            "plan: a route to what is not there",
            PLAN,
            [("plan.json", &plan(&format!("{vpc},\n {table}")))],
        ),
        case(
            "plan: policies that do not parse",
            PLAN,
            [("plan.json", &plan(&format!("{vpc},\n {cut},\n {effect}")))],
        ),
        case(
            "plan: a CIDR block with host bits",
            PLAN,
            [("plan.json", &plan(&bits))],
        ),
        case("plan: nested 10,000 deep", PLAN, [("plan.json", &deep)]),
        with_bytes("plan: random bytes", PLAN, "plan.json", &noise()),
        with_bytes(
            "plan: not UTF-8",
            PLAN,
            "plan.json",
            b"{\"format_version\": \"1.2\", \"\xff\": 1}",
        ),
        case("plan: an empty file", PLAN, [("plan.json", "")]),
        case(
            "plan: an empty state",
            PLAN,
            [("plan.json", "{\"format_version\": \"1.0\"}")],
        ),
        case(
            "plan: the plan file of Terraform itself",
            &["show", "tfplan"],
            [("tfplan", &format!("PK\u{3}\u{4}{}tfplan", "\0".repeat(26)))],
        ),
        case(
            "state: the form of Terraform 0.11",
            &["show", "terraform.tfstate"],
            [(
                "terraform.tfstate",
                "{\"version\": 3, \"serial\": 1, \"lineage\": \"\", \"modules\": []}",
            )],
        ),
        case(
            "a file of Terraform instead of its plan",
            &["show", "main.tf"],
            [("main.tf", "resource \"aws_vpc\" \"main\" {}\n")],
        ),
        case("plan: a path that is not there", PLAN, []),
        case(
            "plan: every mistake in one run",
            PLAN,
            [(
                "plan.json",
                &plan(&format!("{bits},\n {vpc},\n {twin},\n {cut},\n {effect}")),
            )],
        ),
    ]
}

fn native() -> Vec<Case> {
    let after = |text: &str| format!("{VPC}{text}");
    let open = "[".repeat(10_000);
    let deep = format!("x = {open}");
    vec![
        case(
            "native: wrong TOML",
            NATIVE,
            [(
                "network.toml",
                &after("[subnet.app\ncidrs = [10.0.1.0/24]\n"),
            )],
        ),
        case(
            "native: truncated",
            NATIVE,
            [("network.toml", &after("[subnet.app]\ncidrs = [\"10.0.1"))],
        ),
        case(
            "native: two resources with one id",
            NATIVE,
            [("network.toml", &after("\n[vpc.main]\n"))],
        ),
        case(
            "native: a route to what is not there",
            NATIVE,
            [(
                "network.toml",
                &after("[route-table.main-main]\nroutes = [\"0.0.0.0/0 -> nat-gateway:nat\"]\n"),
            )],
        ),
        case(
            "native: an id that is not there",
            NATIVE,
            [(
                "network.toml",
                &after(
                    "[route-table.main-main]\nroutes = [\"0.0.0.0/0 -> internet-gateway:ogw\", \"pl:pl-s3 -> local\"]\n[internet-gateway.igw]\n",
                ),
            )],
        ),
        case(
            "native: policies that do not parse",
            NATIVE,
            [(
                "network.toml",
                &after(
                    "[endpoint.a]\nservice = 's3'\nkind = 'gateway'\npolicy = '{\"Statement\": ['\n\
                 [endpoint.b]\nservice = 's3'\nkind = 'gateway'\npolicy = '{\"Statement\": {\"Effect\": \"Maybe\"}}'\n",
                ),
            )],
        ),
        case(
            "native: accounts and principals that are none",
            NATIVE,
            [("network.toml", &after(ACCOUNTS))],
        ),
        case(
            "native: CIDR blocks that are none",
            NATIVE,
            [(
                "network.toml",
                "[vpc.main]\ncidrs = [\"10.0.0.1/16\", \"10.0.0.0/99\", \"ten\"]\n",
            )],
        ),
        case(
            "native: nested 10,000 deep",
            NATIVE,
            [("network.toml", &deep)],
        ),
        with_bytes("native: random bytes", NATIVE, "network.toml", &noise()),
        with_bytes("native: not UTF-8", NATIVE, "network.toml", b"[vpc.\xff]"),
        case("native: an empty file", NATIVE, [("network.toml", "\n\n")]),
        case(
            "native: nothing but comments",
            NATIVE,
            [("network.toml", "# to be done\n")],
        ),
        case("native: a path that is not there", NATIVE, []),
        case(
            "native: every mistake in one run",
            NATIVE,
            [(
                "network.toml",
                "[vpc.main]\ncidrs = [\"10.0.0.1/16\"]\ncidr = 3\n[subnet.a]\ncidrs = \"10.0.0.0/24\"\n[subnt.b]\n\
                 [interface.i]\nsubnet = \"b\"\naddresses = [\"10.0.0.300\"]\n[security-group.g]\n\
                 ingress = [\"tcp/99999 from 0.0.0.0/0\", \"tpc/1 from 0.0.0.0/0\", \"tcp/443 to 0.0.0.0/0\"]\n",
            )],
        ),
        case(
            "several inputs: every mistake of each",
            &["show", "snapshot", "plan.json", "network.toml", "gone"],
            [
                ("snapshot/vpcs.json", "{\"Vpcs\": ["),
                ("plan.json", "{"),
                ("network.toml", "[vpc.main]\ncidr = []\n"),
            ],
        ),
    ]
}

fn claims() -> Vec<Case> {
    let open = "[".repeat(10_000);
    let deep = format!("x = {open}");
    let doubling: String = (0..24)
        .map(|step| format!("g{step} = [\"g{}\", \"g{}\"]\n", step + 1, step + 1))
        .collect();
    let laughs = format!(
        "[group]\n{doubling}g24 = \"any\"\n[[never]]\nname = \"x\"\nfrom = \"g0\"\nto = \"any\"\n"
    );
    let chain: String = (0..40)
        .map(|step| format!("g{step:02} = \"g{:02}\"\n", step + 1))
        .collect();
    let chain = format!("[group]\n{chain}g40 = \"any\"\n{CLAIM}");
    let mut claims = vec![
        case(
            "claims: wrong TOML",
            CLAIMS,
            [("claims.toml", "[[never]\nname = \"x\"\nfrom = internet\n")],
        ),
        case("claims: JSON", CLAIMS, [("claims.toml", "{\"never\": []}")]),
        case(
            "claims: truncated",
            CLAIMS,
            [("claims.toml", "[[never]]\nname = \"x\"\nfrom = \"inter")],
        ),
        case(
            "claims: two with one name",
            CLAIMS,
            [("claims.toml", &format!("{CLAIM}{CLAIM}"))],
        ),
        case(
            "claims: a key twice",
            CLAIMS,
            [("claims.toml", &format!("{CLAIM}name = \"y\"\n"))],
        ),
        case(
            "claims: CIDR blocks that are none",
            CLAIMS,
            [(
                "claims.toml",
                "[[never]]\nname = \"x\"\nfrom = \"ip:10.0.0.1/8\"\nto = [\"ip:10.0.0.0/40\", \"ip:ten\"]\n",
            )],
        ),
        case(
            "claims: nested 10,000 deep",
            CLAIMS,
            [("claims.toml", &deep)],
        ),
        with_bytes("claims: random bytes", CLAIMS, "claims.toml", &noise()),
        with_bytes(
            "claims: not UTF-8",
            CLAIMS,
            "claims.toml",
            b"[[never]]\nname = \"\xff\"\n",
        ),
        case("claims: an empty file", CLAIMS, [("claims.toml", "")]),
        case(
            "claims: nothing but comments",
            CLAIMS,
            [("claims.toml", "# to be done\n")],
        ),
        case("claims: a path that is not there", CLAIMS, []),
        case(
            "claims: groups that double and double",
            CLAIMS,
            [("claims.toml", &laughs)],
        ),
        case(
            "claims: groups that lead too far",
            CLAIMS,
            [("claims.toml", &chain)],
        ),
        case(
            "claims: what the network does not have",
            CLAIMS,
            [(
                "claims.toml",
                "[[never]]\nname = \"a\"\nfrom = \"interface tag:teir=app\"\nto = \"interface vpc:man\"\n",
            )],
        ),
        case(
            "claims: a recipe that there is not",
            CLAIMS,
            [(
                "claims.toml",
                "[[always]]\nname = \"a\"\nfrom = \"interface\"\nto = \"recipe:ecr-pul\"\ntraffic = \"tcp/443\"\n\
                 [[never]]\nname = \"b\"\nfrom = \"recipe:ecr-pull\"\nto = \"internet\"\n\
                 [[only]]\nname = \"c\"\nfrom = \"interface\"\nto = \"internet\"\nvia = \"recipe:ecr-pull\"\n",
            )],
        ),
        case(
            "claims: every mistake in one run",
            CLAIMS,
            [(
                "claims.toml",
                "[group]\nloop = \"loop\"\napp = \"interface tag:tier=app\"\n[[never]]\nname = 3\nfrom = \"interent\"\nto = []\n\
                 [[allways]]\n[[always]]\nname = \"a\"\nfrom = \"app\"\nto = \"db\"\ntraffic = \"tcp/99999\"\n\
                 [[only]]\nname = \"b\"\nfrom = \"interface\"\nto = \"any\"\nseverity = \"hihg\"\n",
            )],
        ),
    ];
    claims.push(case(
        "claims: waivers, every mistake in one run",
        CLAIMS,
        [("claims.toml", WAIVERS)],
    ));
    claims.push(case(
        "claims: waivers that do not fit their claim",
        CLAIMS,
        [("claims.toml", MISFITS)],
    ));
    // Senders in two Regions.
    claims.push(case(
        "claims: a recipe for two Regions",
        &["check", "two.toml", "--no-builtin", "-i", "claims.toml"],
        [
            ("two.toml", TWO_REGIONS),
            (
                "claims.toml",
                "[[always]]\nname = \"a\"\nfrom = \"interface\"\nto = \"recipe:ecr-pull\"\ntraffic = \"tcp/443\"\n",
            ),
        ],
    ));
    for case in &mut claims {
        let small = fs::read(network("small.toml")).unwrap();
        case.files.push(("small.toml", small));
    }
    claims
}

fn prices() -> Vec<Case> {
    let price = "[[price]]\ncomponent = \"nat-gateway\"\nregion = \"eu-west-1\"\nper-gigabyte-usd = 0.048\n\
                 as-of = 2026-10-02\nsource = \"the price list\"\n";
    let mistakes = format!("{price}{}", price.replace("0.048", "nan"));
    let mut cases = vec![
        case("prices: a path that is not there", PRICES, []),
        with_bytes("prices: noise", PRICES, "prices.toml", &noise()),
        case(
            "prices: not TOML",
            PRICES,
            [("prices.toml", "[[price]\nregion = eu-west-1\n")],
        ),
        case(
            "prices: a component that has no price",
            PRICES,
            [("prices.toml", &price.replace("nat-gateway", "router"))],
        ),
        case(
            "prices: a price without a source",
            PRICES,
            [("prices.toml", &price.replace("source", "sauce"))],
        ),
        case(
            "prices: a day that is none",
            PRICES,
            [("prices.toml", &price.replace("2026-10-02", "\"October\""))],
        ),
        case(
            "prices: every mistake in one run",
            PRICES,
            [("prices.toml", &mistakes)],
        ),
    ];
    for case in &mut cases {
        let small = fs::read(network("small.toml")).unwrap();
        case.files.push(("small.toml", small));
    }
    cases
}

/// Scopes of AWS's Network Access Analyzer.
fn scopes() -> Vec<Case> {
    let wrong = r#"{"MatchPaths": [
  {"Source": {"ResourceStatement": {"Resources": ["vpc-1"], "ResourceTypes": ["AWS::EC2::InternetGateway"]}},
   "Destination": {"PacketHeaderStatement": {"Protocols": ["icmp"], "DestinationPorts": ["ssh", "90-80", "65536", 22],
     "SourceAddresses": ["10.0.0.1/8", "2001:db8::/32", "10.0.0.300"], "SourcePrefixLists": ["pl-1"]}}},
  {"Sources": {}, "Destination": {"ResourceStatements": {}}},
  {"Source": {"ResourceStatement": {}}, "Destination": {"PacketHeaderStatement": {}}},
  {}, 7],
 "ExcludePath": [],
 "ExcludePaths": [{"ThroughResources": [
  {"ResourceStatement": {"ResourceTypes": ["AWS::EC2::NatGateway"]}}, {"ResourceStatement": {"Resources": ["nat-1"]}}]}]}"#;
    let refused = r#"{"MatchPaths": [
  {"Source": {"ResourceStatement": {"Resources": ["igw-1", "vgw-1", "tgw-attach-1", "pcx-1", "vpce-1", "vpce-svc-1", "nat-1",
     "arn:aws:resource-groups:us-east-1:123456789012:group/web", "rtb-1", "vpc-*", "arn:aws:s3:::bucket"]}},
   "Destination": {"ResourceStatement": {"ResourceTypes": ["AWS::EC2::VPCEndpointService", "AWS::EC2::NatGateway", "AWS::RDS::DBInstance"]}}},
  {"Source": {"PacketHeaderStatement": {"Protocols": ["tcp"]}}, "Destination": {"PacketHeaderStatement": {"Protocols": ["udp"]}},
   "ThroughResources": [{"ResourceStatement": {"ResourceTypes": ["AWS::EC2::NatGateway"]}}]}],
 "ExcludePaths": [{"ThroughResources": [{"ResourceStatement": {"Resources": ["pcx-1", "tgw-attach-1", "subnet-1", "vpce-svc-1",
   "arn:aws:network-firewall:us-east-1:123456789012:firewall/f", "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/gwy/g/1"]}}]}]}"#;
    let deep = format!("{{\"MatchPaths\": {}", "[".repeat(10_000));
    vec![
        case("scope: a path that is not there", SCOPE, []),
        case(
            "scope: wrong JSON",
            SCOPE,
            [("scope.json", "{\"MatchPaths\": [}")],
        ),
        case("scope: nested deep", SCOPE, [("scope.json", &deep)]),
        case(
            "scope: the output of another call",
            SCOPE,
            [("scope.json", VPCS)],
        ),
        case("scope: a list", SCOPE, [("scope.json", "[]")]),
        case(
            "scope: no match",
            SCOPE,
            [(
                "scope.json",
                "{\"NetworkInsightsAccessScopeContent\": {\"MatchPaths\": []}}",
            )],
        ),
        case(
            "scope: every mistake in one run",
            SCOPE,
            [("scope.json", wrong)],
        ),
        case(
            "scope: what is not said exactly, all in one run",
            SCOPE,
            [("scope.json", refused)],
        ),
    ]
}

fn catalogues() -> Vec<Case> {
    let service =
        |fields: &str| format!("{{\"ServiceDetails\": [{{\"Owner\": \"amazon\", {fields}}}]}}");
    let wrong = service(
        "\"ServiceName\": 7, \"ServiceType\": [{\"ServiceType\": null}], \"PrivateDnsNames\": {}, \"VpcEndpointPolicySupported\": \"yes\"",
    );
    let name = service(
        "\"ServiceName\": \"com.amazonaws.eu-west-1.x\", \"PrivateDnsName\": \"[not a name]\"",
    );
    let page = "{\"ServiceDetails\": [], \"NextToken\": \"eyJ\"}";
    let deep = format!("{{\"ServiceDetails\": {}", "[".repeat(10_000));
    let other = "as-of = 2026-11-26\n[[service]]\nname = \"kms\"\nendpoints = [\"gatway\"]\n";
    let twice = "as-of = 2026-11-26\n[[service]]\nname = \"kms\"\n[[service]]\nname = \"kms\"\n";
    let mut cases = vec![
        case("catalogue: a path that is not there", UPDATE, []),
        case(
            "catalogue: wrong JSON",
            UPDATE,
            [("services.json", "{\"ServiceDetails\": [}")],
        ),
        case("catalogue: nested deep", UPDATE, [("services.json", &deep)]),
        case(
            "catalogue: the output of another call",
            UPDATE,
            [("services.json", VPCS)],
        ),
        case("catalogue: one page", UPDATE, [("services.json", page)]),
        case(
            "catalogue: every mistake in one run",
            UPDATE,
            [("services.json", &wrong)],
        ),
        case(
            "catalogue: a name that is none",
            UPDATE,
            [("services.json", &name)],
        ),
        case(
            "catalogue: a day that is none",
            &["catalogue", "update", "services.json", "--as-of", "today"],
            [("services.json", page)],
        ),
        case(
            "catalogue: a kind that there is not",
            CATALOGUE,
            [("services.toml", other)],
        ),
        case(
            "catalogue: a service twice",
            CATALOGUE,
            [("services.toml", twice)],
        ),
    ];
    for case in &mut cases {
        let small = fs::read(network("small.toml")).unwrap();
        case.files.push(("small.toml", small));
    }
    cases
}

fn flows() -> Vec<Case> {
    let tcp = r#"{"id":1,"from":"app","to":"10.0.2.10","protocol":"tcp","destination_port":5432}"#;
    let deep = "[".repeat(10_000);
    let long = format!("{{\"id\": \"{}\"}}", "x".repeat(70_000));
    let lines = [
        "{",
        "not JSON",
        "[]",
        "{}",
        r#"{"id":2,"form":"app"}"#,
        r#"{"id":3,"from":"app","to":"10.0.2.10"}"#,
        r#"{"id":4,"from":"app","to":"10.0.2.10","protocol":"tpc"}"#,
        r#"{"id":5,"from":"app","to":"10.0.2.10","protocol":"tcp","destination_port":65536}"#,
        r#"{"id":6,"from":"app","to":"10.0.2.10","protocol":"tcp","destination_port":1,"icmp_type":8}"#,
        r#"{"id":7,"from":"ap","to":"10.0.2.10","protocol":"tcp","destination_port":1}"#,
        r#"{"id":8,"from":"app","to":"10.0.0.0/8","protocol":"tcp","destination_port":1}"#,
        r#"{"id":9,"from":"app","to":"10.0.2.10","source_ip":"10.0.2.300","protocol":"tcp","destination_port":1}"#,
        r#"{"id":{"a":[1]},"from":7,"to":"10.0.2.10","protocol":"tcp","destination_port":1}"#,
        &deep,
        &long,
    ];
    let bytes = [b"\xff\xfe\n".as_slice(), tcp.as_bytes(), b"\n\n"].concat();
    let small = fs::read(network("small.toml")).unwrap();
    let mut cases = vec![
        case(
            "flows: every line has an answer in its place",
            FLOWS,
            [("flows.jsonl", &lines.join("\n"))],
        ),
        case("flows: truncated", FLOWS, [("flows.jsonl", &tcp[..40])]),
        with_bytes(
            "flows: bytes that are not UTF-8",
            FLOWS,
            "flows.jsonl",
            &bytes,
        ),
        case("flows: a path that is not there", FLOWS, []),
        case("flows: a directory", FLOWS, [("flows.jsonl/x", "")]),
    ];
    for case in &mut cases {
        case.files.push(("small.toml", small.clone()));
    }
    let neither = case(
        "flows: neither the network nor the flows",
        &["trace", "gone.toml", "--flows", "gone.jsonl"],
        [],
    );
    cases.push(neither);
    cases
}

/// What a run printed, after the arguments; every run is refused, and soon.
fn printed(case: &Case) -> String {
    let place = Place::new();
    for (name, bytes) in &case.files {
        let path = place.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let started = Instant::now();
    let run = place.run(case.arguments);
    let elapsed = started.elapsed();
    assert_eq!(run.code, 2, "{}\n{}{}", case.name, run.out, run.err);
    assert!(elapsed < MOST, "{}: {elapsed:?}", case.name);
    let arguments = case.arguments.join(" ");
    let mut text = format!("=== {}\n$ vpcproof {arguments}\n{}", case.name, run.out);
    write!(text, "{}", run.err).unwrap();
    text
}

#[test]
fn each_mistake_is_said_word_for_word() {
    let mut cases = describe();
    cases.extend(terraform());
    cases.extend(cloudformation());
    cases.extend(native());
    cases.extend(claims());
    cases.extend(prices());
    cases.extend(catalogues());
    cases.extend(scopes());
    cases.extend(flows());
    let found: Vec<String> = cases.iter().map(printed).collect();
    let path: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "tests",
        "bad_input",
        "expected.txt",
    ]
    .iter()
    .collect();
    if std::env::var_os("VPCPROOF_ACCEPT").is_some() {
        fs::write(&path, found.join("\n")).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    let expected: Vec<&str> = expected.split("\n=== ").collect();
    assert_eq!(expected.len(), cases.len(), "the cases have changed");
    for (expected, found) in expected.into_iter().zip(&found) {
        let expected = expected.trim_start_matches("=== ").trim_end();
        let found = found.trim_start_matches("=== ").trim_end();
        assert!(
            expected == found,
            "expected:\n\n{expected}\n\nfound:\n\n{found}\n"
        );
    }
    // Every error has a code or ends the run, and every one that is of a file names it.
    for line in found.iter().flat_map(|text| text.lines()) {
        let is_error = line.starts_with("error");
        assert!(
            !is_error || line.starts_with("error[") || line.starts_with("error: "),
            "{line}"
        );
    }
}

/// A hundred megabytes of an item and a separator, between a beginning and an end.
fn write_large(path: &Path, begin: &str, item: &str, end: &str) {
    const BYTES: usize = 100_000_000;
    let mut file = BufWriter::new(File::create(path).unwrap());
    file.write_all(begin.as_bytes()).unwrap();
    for _ in 0..BYTES / item.len() {
        file.write_all(item.as_bytes()).unwrap();
    }
    file.write_all(end.as_bytes()).unwrap();
    file.into_inner().unwrap().sync_all().unwrap();
}

/// Runs with a gigabyte and a half of addresses, of which the program and its libraries take some.
/// What it says before the last line, and its exit code.
fn run_in_little_memory(directory: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let limit = "ulimit -v 1572864; exec \"$0\" \"$@\"";
    let started = Instant::now();
    let output = std::process::Command::new("sh")
        .args(["-c", limit, env!("CARGO_BIN_EXE_vpcproof")])
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    let elapsed = started.elapsed();
    assert!(elapsed < 2 * MOST, "{arguments:?}: {elapsed:?}");
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), text.concat())
}

#[cfg(target_os = "linux")]
#[test]
fn a_hundred_megabytes_are_read_or_refused_by_a_named_limit() {
    let place = Place::new();
    let directory = place.path("snapshot");
    fs::create_dir(&directory).unwrap();
    fs::copy(network("small.toml"), place.path("small.toml")).unwrap();
    let inside = |name: &str| directory.join(name);
    let interface = format!(
        "{{\"NetworkInterfaceId\": \"eni-1\", \"Description\": \"{}\"}},\n",
        "x".repeat(1000)
    );
    let refused = [
        // Interfaces that lack nearly everything: the errors have a limit too.
        (
            inside("a.json"),
            "{\"NetworkInterfaces\": [",
            interface.as_str(),
            "{}]}",
            SNAPSHOT,
            "errors, and ",
        ),
        // What takes the most memory for its size.
        (
            inside("a.json"),
            "{\"Vpcs\": [",
            "{\"a\":0},",
            "{}]}",
            SNAPSHOT,
            "the input has more than 1250000 objects",
        ),
        (
            inside("a.json"),
            "{\"Vpcs\": [",
            "0,",
            "0]}",
            SNAPSHOT,
            "the input has more than 8000000 values",
        ),
        (
            place.path("plan.json"),
            "{\"format_version\": \"1.2\", \"values\": [",
            "[],",
            "0]}",
            PLAN,
            "the input has more than 8000000 values",
        ),
        (
            place.path("network.toml"),
            "x = [",
            "0,",
            "0]",
            NATIVE,
            "the file is larger than 8388608 bytes, as TOML",
        ),
        (
            place.path("claims.toml"),
            "x = [",
            "0,",
            "0]",
            CLAIMS,
            "the file is larger than 1048576 bytes",
        ),
        (
            place.path("flows.jsonl"),
            "[",
            "0,",
            "0]",
            FLOWS,
            "the line is longer than 65536 bytes",
        ),
    ];
    for (path, begin, item, end, arguments, expected) in refused {
        write_large(&path, begin, item, end);
        let (code, text) = run_in_little_memory(&place.path("."), arguments);
        let start: String = text.chars().take(500).collect();
        assert_eq!(code, Some(2), "{arguments:?}\n{start}");
        assert!(text.contains(expected), "{expected}\n{start}");
        fs::remove_file(path).unwrap();
    }
    // A gigabyte, of which nothing lies on the disk.
    File::create(place.path("plan.json"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    let (code, text) = run_in_little_memory(&place.path("."), PLAN);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("error[file-too-large]: the file is larger than 268435456 bytes"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn files_that_cannot_be_read_say_so() {
    let place = Place::new();
    fs::create_dir(place.path("snapshot")).unwrap();
    std::os::unix::fs::symlink("loop.json", place.path("snapshot/loop.json")).unwrap();
    let run = place.run(SNAPSHOT);
    let expected = "error[unreadable-file]: cannot be read: Too many levels of symbolic links (os error 40)\n  \
                    --> snapshot/loop.json\n";
    assert_eq!(run.code, 2);
    assert!(run.err.starts_with(expected), "{}", run.err);
}

/// Time that grows with the square of the size would show here.
#[test]
fn a_claim_file_of_a_megabyte_is_refused_soon() {
    let repeated = |text: &dyn Fn(usize) -> String| -> String {
        let mut all = String::new();
        for position in 0.. {
            let next = text(position);
            if all.len() + next.len() > 1_000_000 {
                break;
            }
            all.push_str(&next);
        }
        all
    };
    let claims = repeated(&|n| format!("[[never]]\nname=\"x{n}\"\nfrom=\"a\"\nto=\"b\"\n"));
    let groups = repeated(&|n| format!("g{n} = \"g{}\"\n", n + 1));
    let names = repeated(&|_| CLAIM.to_owned());
    for (text, expected) in [
        (claims, "`a` is neither a kind nor a group of this file"),
        (
            format!("[group]\n{groups}"),
            "leads through more than 32 groups",
        ),
        (names, "the name `x` is used already"),
        ("]\n".repeat(500_000), "not valid TOML"),
    ] {
        let place = Place::new();
        fs::copy(network("small.toml"), place.path("small.toml")).unwrap();
        fs::write(place.path("claims.toml"), text).unwrap();
        let started = Instant::now();
        let run = place.run(CLAIMS);
        let elapsed = started.elapsed();
        let start: String = run.err.chars().take(500).collect();
        assert_eq!(run.code, 2, "{start}");
        assert!(run.err.contains(expected), "{expected}\n{start}");
        assert!(elapsed < MOST, "{expected}: {elapsed:?}");
    }
}
