//! What the spokes share: the hub, the VPC of data, the other Region, transit gateways, names.

use std::fmt::Write;

use super::environment;

/// Draws everything but the spokes.
pub(super) fn draw(text: &mut String, n_spokes: usize) {
    text.push_str(LISTS);
    text.push_str(HUB);
    text.push_str(TOOLS);
    text.push_str(FAR);
    text.push_str(PREMISES);
    draw_data(text, n_spokes);
    draw_transit(text, n_spokes);
    draw_names(text, n_spokes);
}

const LISTS: &str = r#"
[prefix-list.s3]
name = "com.amazonaws.us-east-1.s3"
aws-managed = true
entries = ["52.216.0.0/15", "54.231.0.0/16", "3.5.0.0/19"]
[prefix-list.dynamodb]
name = "com.amazonaws.us-east-1.dynamodb"
aws-managed = true
entries = ["52.94.0.0/22", "52.119.224.0/20"]
[prefix-list.offices]
entries = ["192.0.2.0/24", "192.168.0.0/16", "172.16.0.0/12"]
[prefix-list.partners-v6]
family = "ipv6"
entries = ["2600:1f00::/24", "2a05:d000::/25"]
"#;

const HUB: &str = r#"
[vpc.hub]
cidrs = ["10.255.0.0/16"]
account = "111111111111"
[route-table.hub]
vpc = "hub"
routes = ["10.0.0.0/8 -> transit-gateway:tgw", "192.168.0.0/16 -> transit-gateway:tgw", "172.16.0.0/12 -> transit-gateway:tgw"]
[subnet.vpn]
vpc = "hub"
cidrs = ["10.255.0.0/20"]
zone = "us-east-1a"
zone-id = "use1-az1"
route-table = "hub"
[client-vpn-endpoint.staff]
interfaces = ["vpn"]
authorization-rules = ["10.0.0.0/8 for all", "10.254.0.0/16 for group:data", "10.254.0.0/16 for all"]
routes = ["10.255.0.0/16 -> subnet:vpn", "10.0.0.0/8 -> subnet:vpn"]
[interface.vpn]
subnet = "vpn"
addresses = ["10.255.0.10"]
groups = ["vpn"]
tags = { tier = "vpn" }
[security-group.vpn]
vpc = "hub"
egress = ["all to 10.0.0.0/8"]
"#;

const TOOLS: &str = r#"
[subnet.tools-a]
vpc = "hub"
cidrs = ["10.255.16.0/20"]
zone = "us-east-1a"
zone-id = "use1-az1"
route-table = "hub"
[subnet.tools-c]
vpc = "hub"
cidrs = ["10.255.32.0/20"]
zone = "us-east-1c"
zone-id = "use1-az3"
route-table = "hub"
[endpoint-service.tools]
name = "com.amazonaws.vpce.us-east-1.vpce-svc-0tools"
load-balancers = ["tools"]
allowed-principals = ["arn:aws:iam::222222222222:root"]
[load-balancer.tools]
kind = "network"
interfaces = ["tools-node-a", "tools-node-c"]
dns-name = "tools.elb.us-east-1.amazonaws.com"
listeners = ["tcp/443 -> tools"]
[interface.tools-node-a]
subnet = "tools-a"
addresses = ["10.255.16.10"]
groups = ["tools-node"]
[interface.tools-node-c]
subnet = "tools-c"
addresses = ["10.255.32.10"]
groups = ["tools-node"]
[target-group.tools]
cross-zone = true
targets = ["interface:tools-a:8443", "interface:tools-c:8443"]
[interface.tools-a]
subnet = "tools-a"
addresses = ["10.255.16.20"]
groups = ["tools"]
tags = { tier = "tools" }
[interface.tools-c]
subnet = "tools-c"
addresses = ["10.255.32.20"]
groups = ["tools"]
tags = { tier = "tools" }
[security-group.tools-node]
vpc = "hub"
ingress = ["tcp/443 from 10.0.0.0/8"]
egress = ["tcp/8443 to sg:tools"]
[security-group.tools]
vpc = "hub"
ingress = ["tcp/8443 from sg:tools-node", "tcp/8443 from 10.255.0.0/16"]
egress = ["all to 0.0.0.0/0"]
"#;

const FAR: &str = r#"
[vpc.far]
cidrs = ["10.253.0.0/16"]
region = "eu-west-1"
account = "333333333333"
[route-table.far]
vpc = "far"
routes = ["10.0.0.0/8 -> transit-gateway:far"]
[subnet.far]
vpc = "far"
cidrs = ["10.253.0.0/20"]
route-table = "far"
[interface.far]
subnet = "far"
addresses = ["10.253.0.10"]
groups = ["far"]
tags = { tier = "far" }
[security-group.far]
vpc = "far"
ingress = ["tcp/443 from 10.0.0.0/8"]
egress = ["all to 10.0.0.0/8"]
[transit-gateway.far]
[transit-gateway-attachment.far]
gateway = "far"
vpc = "far"
subnets = ["far"]
association = "far"
[transit-gateway-attachment.far-near]
gateway = "far"
peer = "near-far"
association = "far"
[transit-gateway-route-table.far]
gateway = "far"
routes = ["10.0.0.0/8 -> attachment:far-near"]
propagations = ["far"]
"#;

const PREMISES: &str = r#"
[transit-gateway-attachment.direct-connect]
gateway = "tgw"
on-premises = "direct-connect-gateway"
prefixes = ["172.16.0.0/12"]
association = "premises"
[direct-connect-association.hub]
gateway = "attachment:direct-connect"
allowed-prefixes = ["10.0.0.0/9", "10.255.0.0/16"]
[transit-gateway-attachment.branches]
gateway = "tgw"
on-premises = "vpn"
prefixes = ["192.168.0.0/16"]
association = "premises"
[virtual-private-gateway.data]
vpc = "data"
prefixes = ["198.18.0.0/16"]
[direct-connect-association.data]
gateway = "virtual-private-gateway:data"
allowed-prefixes = ["10.254.0.0/16"]
"#;

/// The databases that every spoke reads by a peering of its own; from here each spoke's service is
/// used by an endpoint.
fn draw_data(text: &mut String, n_spokes: usize) {
    let routes: String = (0..n_spokes)
        .map(|k| format!(r#", "10.{k}.0.0/16 -> peering:pcx-{k}""#))
        .collect();
    write!(
        text,
        r#"
[vpc.data]
cidrs = ["10.254.0.0/16"]
account = "222222222222"
[route-table.data]
vpc = "data"
routes = ["198.18.0.0/16 -> virtual-private-gateway:data propagated", "10.0.0.0/8 -> transit-gateway:tgw"{routes}]
[subnet.data]
vpc = "data"
cidrs = ["10.254.0.0/20"]
zone = "us-east-1b"
zone-id = "use1-az1"
route-table = "data"
[subnet.pull]
vpc = "data"
cidrs = ["10.254.16.0/20"]
zone = "us-east-1b"
zone-id = "use1-az1"
[interface.data-0]
subnet = "data"
addresses = ["10.254.0.10"]
groups = ["data"]
tags = {{ tier = "data" }}
[interface.data-1]
subnet = "data"
addresses = ["10.254.0.11"]
groups = ["data"]
tags = {{ tier = "data" }}
[security-group.data]
vpc = "data"
ingress = ["tcp/5432 from 10.0.0.0/8", "tcp/5432 from 198.18.0.0/16"]
egress = ["all to 0.0.0.0/0"]
[security-group.pull]
vpc = "data"
ingress = ["tcp/443 from sg:data"]
"#
    )
    .unwrap();
    for k in 0..n_spokes {
        let host = 10 + k;
        write!(
            text,
            r#"
[endpoint.orders-{k}]
vpc = "data"
service = "com.amazonaws.vpce.us-east-1.vpce-svc-orders-{k}"
kind = "interface"
interfaces = ["orders-{k}"]
[interface.orders-{k}]
subnet = "pull"
addresses = ["10.254.16.{host}"]
groups = ["pull"]
"#
        )
        .unwrap();
    }
}

/// Production and development do not reach each other; both reach the shared VPCs.
fn draw_transit(text: &mut String, n_spokes: usize) {
    let of = |wanted: &str| -> Vec<_> {
        let all = (0..n_spokes).filter(|k| environment(*k) == wanted);
        all.map(|k| format!(r#""v{k}""#)).collect()
    };
    let (production, development) = (of("production"), of("development"));
    let spokes = [&production[..], &development[..]].concat().join(", ");
    let production = production.join(", ");
    let development = development.join(", ");
    let before = |spokes: &str| if spokes.is_empty() { "" } else { ", " };
    let comma = before(&development);
    write!(
        text,
        r#"
[transit-gateway.tgw]
security-group-referencing = true
[transit-gateway-attachment.hub]
gateway = "tgw"
vpc = "hub"
subnets = ["tools-a", "tools-c"]
association = "shared"
appliance-mode = true
[transit-gateway-attachment.data]
gateway = "tgw"
vpc = "data"
subnets = ["data"]
association = "shared"
[transit-gateway-attachment.near-far]
gateway = "tgw"
peer = "far-near"
association = "shared"
[transit-gateway-route-table.shared]
gateway = "tgw"
routes = ["10.253.0.0/16 -> attachment:near-far"]
propagations = ["hub", "data", "direct-connect", "branches", {spokes}]
[transit-gateway-route-table.premises]
gateway = "tgw"
propagations = ["hub", {production}]
[transit-gateway-route-table.production]
gateway = "tgw"
routes = ["10.253.0.0/16 -> attachment:near-far"]
propagations = ["hub", "direct-connect", "branches", {production}]
[transit-gateway-route-table.development]
gateway = "tgw"
routes = ["192.168.0.0/16 -> blackhole"]
propagations = ["hub"{comma}{development}]
"#
    )
    .unwrap();
}

fn draw_names(text: &mut String, n_spokes: usize) {
    let vpcs: String = (0..n_spokes).map(|k| format!(r#", "v{k}""#)).collect();
    let records: String = (0..n_spokes)
        .map(|k| format!(r#", "orders-{k}.corp.example -> endpoint:orders-{k}""#))
        .collect();
    write!(
        text,
        r#"
[hosted-zone.corp]
name = "corp.example"
vpcs = ["hub", "data"{vpcs}]
records = ["data.corp.example -> 10.254.0.10, 10.254.0.11", "tools.corp.example -> name:tools.elb.us-east-1.amazonaws.com"{records}]
[resolver-rule.premises]
domain = "premises.example"
action = "forward"
vpcs = ["hub"{vpcs}]
[resolver-rule.shared]
domain = "shared.example"
action = "forward"
forward-to = "hub"
vpcs = ["data"{vpcs}]
[hosted-zone.shared]
name = "shared.example"
vpcs = ["hub"]
records = ["tools.shared.example -> 10.255.16.10, 10.255.32.10"]
"#
    )
    .unwrap();
}
