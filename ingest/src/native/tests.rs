mod account;
mod client_vpn;
mod on_premises;

use model::{Hole, InboundResolver, Network, NetworkDraft, Value};

use super::{read, write};

fn network(text: &str) -> Network {
    draft(text).validate().expect("the network is valid")
}

fn draft(text: &str) -> NetworkDraft {
    match read(text, "network.toml") {
        Ok((draft, _, _)) => draft,
        Err(errors) => {
            let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
            panic!("{}", errors.join("\n"));
        }
    }
}

fn errors(text: &str) -> String {
    let errors = read(text, "network.toml").expect_err("the file is wrong");
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    errors.join("\n")
}

#[track_caller]
fn assert_says(text: &str, expected: &[&str]) {
    for expected in expected {
        assert!(text.contains(expected), "{expected}\n\nis not in\n\n{text}");
    }
}

/// The law `read(write(n)) == n`.
#[track_caller]
fn assert_round_trip(network: &Network) {
    let text = write(network);
    assert_eq!(&self::network(&text), network, "{text}");
}

const SMALL: &str = r#"
[vpc.main]
cidrs = ["10.0.0.0/16", "2001:db8::/56"]

[subnet.app]
cidrs = ["10.0.1.0/24"]

[security-group.web]
ingress = ["tcp/443 from 10.0.0.0/16", "all from sg:web"]

[interface.web]
subnet = "app"
addresses = ["10.0.1.5 public 198.51.100.7"]
groups = ["web"]
"#;

const RICH: &str = r#"
[vpc.main]
region = "ap-northeast-1"
account = "111122223333"
cidrs = ["10.0.0.0/16", "2001:db8::/56"]
dns-support = false
custom-dns-servers = true
tags = { Name = "main", "a.b" = "c \"d\" \\ e" }
[vpc."odd name"]
cidrs = ["10.1.0.0/16"]
main-route-table = "other"

[subnet.app]
vpc = "main"
cidrs = ["10.0.1.0/24", "2001:db8::/64"]
zone = "ap-northeast-1a"
zone-id = "apne1-az4"
route-table = "app"
network-acl = "strict"
[subnet.open]
vpc = "main"
cidrs = ["10.0.2.0/24"]
route-table = { one-of = ["app", "main-main"], hole = "aws_route_table_association.x" }
network-acl = { any = "the ACL" }
[subnet.far]
vpc = "odd name"
cidrs = ["10.1.1.0/24"]

[route-table.app]
vpc = "main"
routes = [
    "0.0.0.0/0 -> nat-gateway:nat",
    "::/0 -> egress-only-internet-gateway:eigw",
    "pl:s3 -> endpoint:s3",
    "10.1.0.0/16 -> peering:pcx blackhole",
    "192.0.2.0/24 -> unmodelled:core-network:cwan-1 propagated",
    "192.0.3.0/24 -> interface:web",
    "192.0.4.0/24 -> endpoint:gwlb",
    "192.0.5.0/24 -> transit-gateway:tgw blackhole",
    { destination = "192.0.6.0/24", target = { one-of = ["endpoint:gwlb", "endpoint:s3", "transit-gateway:far"], hole = "h" } },
    "198.51.100.0/24 -> internet-gateway:igw blackhole propagated",
    { destination = { any = "the destination" }, target = "internet-gateway:igw" },
    { destination = "pl:a -> b", target = { one-of = ["internet-gateway:igw", { kind = "x:y", id = "a b" }], hole = "h" } },
    { destination = "203.0.113.0/24", target = { kind = "x:y", id = "tgw blackhole" }, propagated = true, blackhole = true },
]
tags = { Name = "app" }
[route-table.other]
vpc = "odd name"
routes = ["0.0.0.0/0 -> unmodelled:transit-gateway:tgw-1", "10.1.0.0/16 -> local"]

[prefix-list.s3]
name = "com.amazonaws.ap-northeast-1.s3"
aws-managed = true
entries = { any = "entries of pl-61a54008" }
[prefix-list.six]
family = "ipv6"
entries = ["2001:db8:1::/48"]
[prefix-list."a -> b"]
entries = { one-of = [["52.219.0.0/20"], ["52.219.0.0/20", "52.219.16.0/20"]], hole = "entries" }

[security-group.web]
vpc = "main"
name = "the web"
ingress = ["tcp/443 from 10.0.0.0/16", "all from sg:web", "icmp/8/* from pl:six", "tcp/22-23 from outside-sg:111122223333/sg-9", "icmpv6 from ::/0", "icmp/3/4 from 0.0.0.0/0", "udp from 0.0.0.0/0", "tcp from sg:from to"]
egress = ["all to 0.0.0.0/0", "protocol/47 to ::/0"]
[security-group."from to"]
vpc = "main"

[network-acl.strict]
vpc = "main"
ingress = ["90 deny tcp/5432 from 10.0.0.0/24", "100 allow all from 10.0.0.0/16"]
egress = ["1 allow icmpv6/128/0 to ::/0"]
[network-acl.main-open]
vpc = "main"

[interface.web]
subnet = "app"
addresses = ["10.0.1.5", "10.0.1.6 public 198.51.100.7", "within 10.0.1.0/24 (aws_instance.web.private_ip)", "2001:db8::5", "within 10.0.1.0/24 (a) public within 198.51.100.0/24 (b (c))", { private = "within 10.0.1.0/24 (a public b)" }]
groups = ["web"]
instance = "i-1"
source-destination-check = false
middlebox = "inspects"
[interface.lb]
subnet = "app"
addresses = ["10.0.1.20"]
groups = { any = "groups of lb" }
attachment = "other:api_gateway_managed"
[interface.either]
subnet = "app"
groups = { one-of = [["web"], ["web", "from to"], []], hole = "aws_instance.x.vpc_security_group_ids" }
[interface.nat]
subnet = "app"
addresses = ["10.0.1.30 public 198.51.100.8"]
[interface.e1]
subnet = "app"
addresses = ["10.0.1.40"]
groups = ["web"]

[interface."alb a"]
subnet = "app"
addresses = ["10.0.1.50"]
groups = ["web"]
[interface.nlb]
subnet = "app"
addresses = ["10.0.1.51"]

[internet-gateway.igw]
vpc = "main"
edge-route-table = "app"
[internet-gateway.loose]
attached = false

[egress-only-internet-gateway.eigw]
vpc = "main"

[nat-gateway.nat]
interface = "nat"
available = false

[peering.pcx]
requester = "main"
accepter = "odd name"
[peering.pcy]
requester = { outside = "vpc-9" }
accepter = "main"
active = false

[endpoint.s3]
vpc = "main"
service = "com.amazonaws.ap-northeast-1.s3"
kind = "gateway"
prefix-lists = ["s3"]
policy = '{"Statement":{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":["s3:Get*"],"NotResource":"arn:aws:s3:::it''s/*"}}'
[endpoint.sqs]
vpc = "main"
service = "com.amazonaws.ap-northeast-1.sqs"
kind = "interface"
interfaces = ["e1"]
private-dns = true
private-dns-inbound-only = true
private-names = ["sqs.ap-northeast-1.amazonaws.com", "*.queue.amazonaws.com"]
specific-names = ["vpce-1.sqs.vpce.amazonaws.com", "vpce-1-a.sqs.vpce.amazonaws.com -> e1", { name = "a -> b" }]
policy = { any = "aws_vpc_endpoint.sqs.policy" }
[endpoint.open]
vpc = "main"
service = "com.amazonaws.ap-northeast-1.kms"
kind = "interface"
specific-names = { any = "dns_entry" }
policy = { one-of = ['{"Statement":[]}', '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}'], hole = "policy" }
available = false
[endpoint.gwlb]
vpc = "main"
service = "com.amazonaws.vpce.ap-northeast-1.vpce-svc-1"
kind = "gateway-load-balancer"
subnet = "open"
middlebox = "forwards"
available = false
[endpoint.resource]
vpc = "main"
service = "com.amazonaws.vpce.ap-northeast-1.vpce-svc-2"
kind = "unmodelled:Resource"

[load-balancer.alb]
kind = "application"
interfaces = ["alb a"]
listeners = ["tcp/80", "tcp/443 -> six web", { at = "tcp/8443", groups = ["a -> b"] }]
tags = { Name = "front" }
[load-balancer.nlb]
kind = "network"
interfaces = ["nlb"]
listeners = { any = "listeners of nlb" }
private-link-ingress = false
[target-group.web]
cross-zone = true
targets = ["interface:either:80", "10.0.1.7:8080"]
[target-group.six]
family = "ipv6"
targets = ["[2001:db8:0:1::7]:8080"]
[target-group."a -> b"]
targets = { any = "targets of a -> b" }
[target-group.front]
preserve-client-address = true
targets = ["load-balancer:alb:443"]
tags = { Name = "front" }
[endpoint-service.db]
name = "com.amazonaws.vpce.ap-northeast-1.vpce-svc-3"
load-balancers = ["nlb"]
allowed-principals = ["*", "arn:aws:iam::111122223333:root"]
acceptance-required = false
[endpoint-service.later]
name = "aws_vpc_endpoint_service.later"
allowed-principals = { any = "allowed_principals" }
acceptance-required = { any = "acceptance_required" }

[transit-gateway.tgw]
security-group-referencing = true
tags = { Name = "hub" }
[transit-gateway.far]

[transit-gateway-attachment.a]
gateway = "tgw"
vpc = "main"
subnets = ["app", "open"]
appliance-mode = true
ipv6-support = true
security-group-referencing = true
association = "hub"
available = false
[transit-gateway-attachment.p]
gateway = "tgw"
peer = "q"
association = { one-of = ["hub", "b -> c"], hole = "association of p" }
[transit-gateway-attachment.q]
gateway = "far"
peer = "p"
association = { any = "association of q" }
[transit-gateway-attachment.outside]
gateway = "tgw"
peer = { outside = true }
[transit-gateway-attachment."v -> w"]
gateway = "tgw"
kind = "network-function"
tags = { Name = "office" }

[transit-gateway-route-table.hub]
gateway = "tgw"
routes = [
    "10.0.0.0/8 -> attachment:a",
    "pl:six -> attachment:p",
    "0.0.0.0/0 -> blackhole",
    "192.0.2.0/24 -> attachment:v -> w",
    { destination = "pl:a -> b", target = "attachment:a" },
]
propagations = ["a", "v -> w"]
tags = { Name = "hub" }
[transit-gateway-route-table."b -> c"]
gateway = "tgw"
"#;

const NAMES: &str = r#"
[vpc.main]
cidrs = ["10.0.0.0/16"]
dns-firewall = ["block bad.example, *.bad.example", { action = "pass", domains = { any = "domains of rslvr-fdl-1" } }, { action = "block", domains = [] }, "override x.example", "pass *"]
[vpc.hub]
cidrs = ["10.1.0.0/16"]
[subnet.a]
vpc = "main"
cidrs = ["10.0.1.0/24"]
[interface.e]
subnet = "a"
addresses = ["10.0.1.5"]
[endpoint.ssm]
vpc = "main"
service = "com.amazonaws.us-east-1.ssm"
kind = "interface"
interfaces = ["e"]
[hosted-zone.z]
name = "Example.com."
vpcs = ["main", "hub"]
records = ["db.example.com -> 10.0.1.5, 10.0.2.5, 2001:db8::5", "API.example.com. -> endpoint:ssm", "www.example.com -> name:DB.example.com.", "*.example.com -> unmodelled:load-balancer", { name = "x.example.com", unmodelled = "a \"b\"" }]
tags = { Name = "z" }
[hosted-zone.open]
name = "open.example"
vpcs = []
records = { any = "records of Z1" }
[hosted-zone.either]
name = "either.example"
vpcs = ["hub"]
records = { one-of = [["a.either.example -> 10.0.0.9"], []], hole = "records of Z2" }
[resolver-rule.r]
domain = "corp.example"
action = "forward"
vpcs = ["main"]
[resolver-rule.hub]
domain = "hub.example"
action = "forward"
forward-to = "hub"
vpcs = ["main"]
tags = { Name = "hub" }
[resolver-rule.all]
domain = "."
action = "unmodelled:delegate"
vpcs = ["hub"]
[resolver-rule.s]
domain = "s.corp.example"
action = "system"
vpcs = ["main", "hub"]
"#;

#[test]
fn zones_and_rules_are_read_back_as_they_were_written() {
    assert_round_trip(&network(NAMES));
    let text = write(&network(NAMES));
    assert_eq!(write(&network(&text)), text);
    assert_says(
        &text,
        &[
            r#""block *.bad.example, bad.example""#,
            r#"{ action = "pass", domains = { any = "domains of rslvr-fdl-1" } }"#,
            r#"{ action = "block", domains = [] }"#,
            r#"name = "example.com""#,
            r#""api.example.com -> endpoint:ssm""#,
            r#""www.example.com -> name:db.example.com""#,
            r#"records = { any = "records of Z1" }"#,
            r#"domain = ".""#,
            r#"forward-to = "hub""#,
            r#"action = "unmodelled:delegate""#,
        ],
    );
}

#[test]
fn in_a_file_of_one_vpc_zones_and_rules_are_its_own() {
    let text = "[vpc.main]\ncidrs = [\"10.0.0.0/16\"]\n\n[hosted-zone.z]\nname = \"a.example\"\n\n\
                [resolver-rule.r]\ndomain = \".\"\naction = \"system\"\n";
    assert_eq!(write(&network(text)), text);
    let unused = text.replace(
        "name = \"a.example\"\n",
        "name = \"a.example\"\nvpcs = []\n",
    );
    assert_eq!(write(&network(&unused)), unused);
}

#[test]
fn mistakes_in_zones_and_rules_are_named() {
    let text = r#"
[vpc.a]
cidrs = ["10.0.0.0/16"]
dns-firewall = ["block", "drop x.example"]
[vpc.b]
cidrs = ["10.1.0.0/16"]
[hosted-zone.z]
records = ["a.example 10.0.0.5", "b.example -> endpont:x", { name = "c.example" }]
[resolver-rule.r]
domain = "x.example"
action = "system"
forward-to = "a"
vpcs = ["a"]
[resolver-rule.q]
domain = "y.example"
action = "reverse"
vpcs = ["a"]
"#;
    assert_says(
        &errors(text),
        &[
            "`block` is not like `block bad.example, *.bad.example`",
            "`drop` is not `pass`, `block` or `override`",
            "key `name` is missing",
            "key `vpcs` is missing",
            "`a.example 10.0.0.5` is not like",
            "`endpont:x` is not an address",
            "one of `endpoint` and `unmodelled`",
            "`forward-to` is for the action `forward`",
            "`reverse` is not `forward`, `system` or like",
        ],
    );
}

/// TOML has no escape in literal strings, so the quote is put in as JSON's.
fn rich() -> String {
    RICH.replace("it''s", "it\\u0027s")
}

#[test]
fn a_network_is_read_back_as_it_was_written() {
    assert_round_trip(&network(SMALL));
    assert_round_trip(&network(&rich()));
    assert_round_trip(&network(""));
}

#[test]
fn the_writer_gives_every_file_its_one_form() {
    for text in [SMALL, &rich()] {
        let once = write(&network(text));
        assert_eq!(write(&network(&once)), once);
    }
}

#[test]
fn what_is_implied_is_not_written() {
    let expected = SMALL.trim_start();
    assert_eq!(write(&network(SMALL)), expected);
    let network = network(SMALL);
    let tables: Vec<_> = network
        .route_tables()
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(tables, ["main-main"]);
    let acls: Vec<_> = network
        .network_acls()
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(acls, ["main-open"]);
    assert_eq!(network.network_acls()[&"main-open".into()].ingress.len(), 2);
    assert_eq!(network.route_tables()[&"main-main".into()].routes.len(), 2);
}

#[test]
fn unused_parts_that_look_implied_are_written() {
    // No subnet asks for the open ACL, and the table is not the VPC's main one.
    let text = r#"
[vpc.a]
cidrs = ["10.0.0.0/16"]
main-route-table = "x"
[route-table.x]
[route-table.a-main]
[network-acl.a-open]
ingress = ["100 allow all from 0.0.0.0/0", "101 allow all from ::/0"]
egress = ["100 allow all to 0.0.0.0/0", "101 allow all to ::/0"]
"#;
    assert_round_trip(&network(text));
}

#[test]
fn local_routes_in_another_place_are_kept() {
    let text = r#"
[vpc.a]
cidrs = ["10.0.0.0/16", "10.1.0.0/16"]
[route-table.a-main]
routes = ["10.1.0.0/16 -> local", "10.0.0.0/16 -> local"]
[route-table.b]
routes = ["10.0.0.0/16 -> local", "10.1.0.0/16 -> local", "0.0.0.0/0 -> unmodelled:x:y"]
"#;
    assert_round_trip(&network(text));
    let text = write(&network(text));
    assert!(text.contains(r#"routes = ["10.1.0.0/16 -> local", "10.0.0.0/16 -> local"]"#));
    assert!(text.contains(r#"routes = ["0.0.0.0/0 -> unmodelled:x:y"]"#));
}

#[test]
fn a_route_in_the_place_of_a_local_one_leaves_it_out() {
    let text = r#"
[vpc.a]
cidrs = ["10.0.0.0/16", "10.1.0.0/16"]
[subnet.s]
cidrs = ["10.0.0.0/24"]
[interface.fw]
subnet = "s"
[route-table.edge]
routes = ["10.0.0.0/16 -> interface:fw"]
"#;
    let network = network(text);
    assert_round_trip(&network);
    let routes = &network.route_tables()[&"edge".into()].routes;
    assert_eq!(routes.len(), 2);
    let text = write(&network);
    assert!(
        text.contains(r#"routes = ["10.0.0.0/16 -> interface:fw"]"#),
        "{text}"
    );
}

#[test]
fn places_have_the_line_and_the_path_and_count_implied_routes() {
    use model::{ComponentId, RuleIndex};
    let text = "[vpc.main]\ncidrs = [\"10.0.0.0/16\"]\n[route-table.main-main]\nroutes = [\n  \
                \"0.0.0.0/0 -> unmodelled:x:y\",\n]\n";
    let (_, provenance, _) = read(text, "network.toml").expect("valid");
    let table = ComponentId::RouteTable("main-main".into());
    let place = |rule| provenance.rule(&table, rule).map(|place| place.to_string());
    assert_eq!(place(RuleIndex::Route(0)), None);
    assert_eq!(
        place(RuleIndex::Route(1)).as_deref(),
        Some("network.toml:5 at route-table.main-main.routes[0]")
    );
    let component = provenance.component(&table).map(ToString::to_string);
    assert_eq!(
        component.as_deref(),
        Some("network.toml:3 at route-table.main-main")
    );
}

#[test]
fn every_mistake_is_named_with_line_and_path() {
    let text = r#"
[vpc.main]
cidr = ["10.0.0.0/16"]
cidrs = ["10.0.0.1/16", 7, "10.0.0.0"]
dns-support = "yes"

[subnett.app]
cidrs = []

[subnet.app]
vpc = "mian"
zone = { a = 1 }

[route-table.x]
routes = ["0.0.0.0/0 nat-gateway:nat", "0.0.0.0/0 -> nat:nat", { target = "local", via = "x" }]

[security-group.web]
ingress = ["tcp/443 to 10.0.0.0/16", "tcp/443-22 from 0.0.0.0/0", "tcp/70000 from 0.0.0.0/0", "http from 0.0.0.0/0"]

[network-acl.x]
egress = ["allow all to 0.0.0.0/0", "99999 allow all to 0.0.0.0/0"]

[interface.web]
addresses = ["10.0.1", "within 10.0.1.0/24"]
attachment = "nat"

[nat-gateway.nat]
interface = "gone"

[peering.pcx]
requester = "main"

[endpoint.s3]
service = "s3"
kind = "gatway"
[endpoint.gwlb]
service = "x"
kind = "gateway-load-balancer"
subnet = "app"
middlebox = "rewrites"

[transit-gateway.a]
[transit-gateway.b]
[transit-gateway-attachment.none]
[transit-gateway-attachment.both]
gateway = "a"
peer = "x"
kind = "vpn"
[transit-gateway-attachment.inside]
gateway = "a"
peer = { outside = false }
[transit-gateway-route-table.t]
gateway = "a"
routes = ["10.0.0.0/8 attachment:x", "10.0.0.0/8 -> vpc:x", "10.0.0.0/8 -> blackhole:x"]

[endpoint.policy]
service = "s3"
kind = "gateway"
policy = '{"Statement": {}}'
"#;
    assert_says(
        &errors(text),
        &[
            "error[unknown-key]: unknown key `cidr`\n  --> network.toml:3 at vpc.main.cidr\n  help: did you mean `cidrs`",
            "error[invalid-value]: `10.0.0.1/16`: bits are set behind the prefix length, expected `10.0.0.0/16`\n  --> network.toml:4 at vpc.main.cidrs[0]",
            "error[wrong-type]: expected a string, found an integer\n  --> network.toml:4 at vpc.main.cidrs[1]",
            "expected true or false, found a string\n  --> network.toml:5 at vpc.main.dns-support",
            "unknown key `subnett`\n  --> network.toml:7 at subnett\n  help: did you mean `subnet`",
            "expected a string, found a table\n  --> network.toml:12 at subnet.app.zone",
            "`0.0.0.0/0 nat-gateway:nat` is not like `0.0.0.0/0 -> nat-gateway:nat`\n  --> network.toml:15 at route-table.x.routes[0]",
            "`nat:nat` is not a target like",
            "key `destination` is missing\n  --> network.toml:15 at route-table.x.routes[2]",
            "unknown key `via`",
            "`tcp/443 to 10.0.0.0/16` is not like `tcp/443 from 10.0.0.0/16`",
            "ports `443-22` end before they begin",
            "`70000` is not a port (0 to 65535)",
            "`http` is not traffic like",
            "`allow all to 0.0.0.0/0` is not like `100 allow tcp/443 to 10.0.0.0/16`",
            "`99999` is not an entry number (1 to 32766)",
            "key `subnet` is missing\n  --> network.toml:23 at interface.web",
            "`10.0.1` is not an address like `10.0.1.5` or `2001:db8::5`",
            "`within 10.0.1.0/24` is not like `within 10.0.1.0/24 (name of the hole)`",
            "`nat` is not like `nat-gateway:nat`",
            "error[not-defined]: interface `gone` is not defined\n  --> network.toml:27 at nat-gateway.nat",
            "key `accepter` is missing",
            "`gatway` is not `gateway`, `interface`, `gateway-load-balancer` or like",
            "`rewrites` is not `forwards` or `inspects`",
            "key `gateway` is missing\n  --> network.toml:44 at transit-gateway-attachment.none\n  help: it may be left out only in a file of exactly one transit gateway",
            "`peer`, `on-premises` and `kind` exclude each other",
            "a peer is an attachment's id or `{ outside = true }`",
            "`10.0.0.0/8 attachment:x` is not like `0.0.0.0/0 -> attachment:a`",
            "`vpc:x` is not a target like `attachment:a` or `blackhole`",
            "`blackhole:x` is not a target like",
            "error[invalid-policy]: the policy at `/Statement`: field `Effect` is missing\n  --> network.toml:59 at endpoint.policy.policy",
        ],
    );
}

#[test]
fn the_only_transit_gateway_need_not_be_named() {
    let text = r#"
[vpc.a]
cidrs = ["10.0.0.0/16"]
[subnet.t]
cidrs = ["10.0.0.0/24"]
[transit-gateway.tgw]
[transit-gateway-attachment.a]
subnets = ["t"]
association = "table"
[transit-gateway-route-table.table]
propagations = ["a"]
"#;
    let network = network(text);
    assert_round_trip(&network);
    assert!(
        !write(&network).contains("gateway = "),
        "{}",
        write(&network)
    );
}

#[test]
fn defects_of_transit_gateways_stand_at_the_component_that_has_them() {
    let text = r#"
[vpc.a]
cidrs = ["10.0.0.0/16"]
[transit-gateway.tgw]
[transit-gateway-attachment.a]
association = "gone"
"#;
    let defects = draft(text).validate().expect_err("it is not valid");
    let (_, provenance, _) = read(text, "network.toml").expect("it can be read");
    let said = crate::defect::explain(defects.iter(), &provenance, "network.toml");
    let said: Vec<_> = said.iter().map(ToString::to_string).collect();
    let place = "\n  --> network.toml:5 at transit-gateway-attachment.a";
    assert_says(
        &said.join("\n"),
        &["error[attachment-zones]", "`gone`", place],
    );
    assert_eq!(said.join("\n").matches(place).count(), said.len());
}

#[test]
fn a_vpc_may_be_left_out_only_beside_exactly_one() {
    let text = "[vpc.a]\n[vpc.b]\n[subnet.x]\n[route-table.y]\n";
    assert_says(
        &errors(text),
        &[
            "key `vpc` is missing\n  --> network.toml:3 at subnet.x\n  help: it may be left out only in a file of exactly one VPC",
            "key `vpc` is missing\n  --> network.toml:4 at route-table.y",
        ],
    );
}

#[test]
fn a_file_that_is_not_toml_says_every_line() {
    let text = errors("[vpc.a]\ncidrs = [\n[vpc.b\nx = = 1\n");
    assert_says(
        &text,
        &["error[invalid-toml]: not valid TOML", "network.toml:"],
    );
    assert!(text.matches("error[").count() > 1, "{text}");
}

#[test]
fn the_example_of_the_documentation_is_valid() {
    let source = include_str!("mod.rs");
    let lines = source
        .lines()
        .skip_while(|line| *line != "//! ```toml")
        .skip(1);
    let lines = lines.take_while(|line| *line != "//! ```");
    let example: Vec<_> = lines.map(|line| line.trim_start_matches("//!")).collect();
    assert!(example.len() > 10);
    assert_round_trip(&network(&example.join("\n")));
}

#[test]
fn block_public_access_is_read_and_written() {
    let with = |vpc: &str, subnet: &str| {
        let text = SMALL.replacen("[vpc.main]\n", &format!("[vpc.main]\n{vpc}"), 1);
        text.replacen("[subnet.app]\n", &format!("[subnet.app]\n{subnet}"), 1)
    };
    for mode in [
        r#""block-ingress""#,
        r#""block-bidirectional""#,
        r#"{ any = "mode of the account" }"#,
        r#"{ one-of = ["off", "block-ingress"], hole = "mode of the account" }"#,
    ] {
        let line = format!("block-public-access = {mode}\n");
        let vpc = format!("{line}exclusion = \"allow-egress\"\n");
        let network = network(&with(&vpc, "exclusion = \"allow-bidirectional\"\n"));
        assert_round_trip(&network);
        assert_says(
            &write(&network),
            &[&vpc, "exclusion = \"allow-bidirectional\"\n"],
        );
    }
    let off = network(&with("block-public-access = \"off\"\n", ""));
    assert_eq!(off, network(SMALL));
    assert_says(
        &errors(&with(
            "block-public-access = \"on\"\n",
            "exclusion = \"all\"\n",
        )),
        &[
            "`on` is not `off`, `block-bidirectional` or `block-ingress`",
            "`all` is not `allow-bidirectional` or `allow-egress`",
        ],
    );
}

#[test]
fn inbound_resolvers_and_dns64_are_read_and_written() {
    let network = network(
        r#"
[vpc.unsaid]
cidrs = ["10.0.0.0/16"]
[vpc.none]
cidrs = ["10.1.0.0/16"]
inbound-resolver = false
[vpc.one]
cidrs = ["10.2.0.0/16"]
inbound-resolver = true
[vpc.dns64]
cidrs = ["10.3.0.0/16"]
inbound-resolver = true
inbound-resolver-dns64 = true
[vpc.open]
cidrs = ["10.4.0.0/16"]
inbound-resolver = true
inbound-resolver-dns64 = { any = "which is asked" }
[subnet.six]
vpc = "one"
dns64 = true
[subnet.plain]
vpc = "one"
"#,
    );
    assert_round_trip(&network);
    let resolver = |id: &str| network.vpcs()[&id.into()].inbound_resolver.clone();
    let present = |dns64| InboundResolver::Present { dns64 };
    assert_eq!(resolver("unsaid"), InboundResolver::Unknown);
    assert_eq!(resolver("none"), InboundResolver::Absent);
    assert_eq!(resolver("one"), present(Value::Known(false)));
    assert_eq!(resolver("dns64"), present(Value::Known(true)));
    let hole = Value::Any(Hole::new("which is asked"));
    assert_eq!(resolver("open"), present(hole));
    let dns64 = |id: &str| network.subnets()[&id.into()].dns64;
    assert_eq!([dns64("six"), dns64("plain")], [true, false]);
    for resolver in ["", "inbound-resolver = false\n"] {
        let text = format!("[vpc.main]\n{resolver}inbound-resolver-dns64 = true\n");
        let expected = "`inbound-resolver-dns64` is for `inbound-resolver = true`";
        assert_says(&errors(&text), &[expected]);
    }
}
