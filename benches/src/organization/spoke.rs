//! A spoke: a VPC of an application, with everything that its subnets need around them.

use std::fmt::Write;

use super::environment;

/// Draws the spoke `k`.
pub(super) fn draw(text: &mut String, k: usize, n_interfaces: usize) {
    draw_ways(text, k);
    draw_subnets(text, k);
    draw_groups(text, k);
    draw_endpoints(text, k);
    draw_load_balancers(text, k, n_interfaces);
    for i in 0..n_interfaces {
        draw_member(text, k, i);
    }
}

/// Gateways, peering and the attachment to the transit gateway. Every fifth spoke has a VPN of its own.
fn draw_ways(text: &mut String, k: usize) {
    let environment = environment(k);
    write!(
        text,
        r#"
[vpc.v{k}]
cidrs = ["10.{k}.0.0/16", "2001:db8:{k}::/56"]
account = "444444444444"
[internet-gateway.igw-{k}]
vpc = "v{k}"
edge-route-table = "edge-{k}"
[egress-only-internet-gateway.eigw-{k}]
vpc = "v{k}"
[nat-gateway.nat-{k}]
interface = "nat-{k}"
[interface.nat-{k}]
subnet = "edge-{k}"
addresses = ["10.{k}.240.10 public 198.51.{k}.10"]
groups = []
[peering.pcx-{k}]
requester = "v{k}"
accepter = "data"
[transit-gateway-attachment.v{k}]
gateway = "tgw"
vpc = "v{k}"
subnets = ["attached-a-{k}", "attached-c-{k}"]
association = "{environment}"
security-group-referencing = true
"#
    )
    .unwrap();
    if has_vpn(k) {
        write!(
            text,
            r#"
[virtual-private-gateway.vgw-{k}]
vpc = "v{k}"
prefixes = ["198.19.{k}.0/24"]
"#
        )
        .unwrap();
    }
}

const fn has_vpn(k: usize) -> bool {
    k.is_multiple_of(5)
}

fn draw_subnets(text: &mut String, k: usize) {
    let vpn = if has_vpn(k) {
        format!(r#", "198.19.{k}.0/24 -> virtual-private-gateway:vgw-{k} propagated""#)
    } else {
        String::new()
    };
    let inside = format!(
        r#""10.254.0.0/16 -> peering:pcx-{k}", "10.0.0.0/8 -> transit-gateway:tgw", "172.16.0.0/12 -> transit-gateway:tgw", "192.168.0.0/16 -> transit-gateway:tgw"{vpn}"#
    );
    write!(
        text,
        r#"
[subnet.attached-a-{k}]
vpc = "v{k}"
cidrs = ["10.{k}.224.0/28"]
zone = "us-east-1a"
zone-id = "use1-az1"
[subnet.attached-c-{k}]
vpc = "v{k}"
cidrs = ["10.{k}.224.16/28"]
zone = "us-east-1c"
zone-id = "use1-az3"
[subnet.edge-{k}]
vpc = "v{k}"
cidrs = ["10.{k}.240.0/20", "2001:db8:{k}:f0::/64"]
zone = "us-east-1a"
zone-id = "use1-az1"
route-table = "out-{k}"
[subnet.public-{k}]
vpc = "v{k}"
cidrs = ["10.{k}.0.0/20", "2001:db8:{k}::/64"]
zone = "us-east-1a"
zone-id = "use1-az1"
route-table = "public-{k}"
[subnet.private-a-{k}]
vpc = "v{k}"
cidrs = ["10.{k}.16.0/20", "2001:db8:{k}:10::/64"]
zone = "us-east-1a"
zone-id = "use1-az1"
route-table = "private-a-{k}"
[subnet.private-c-{k}]
vpc = "v{k}"
cidrs = ["10.{k}.32.0/20", "2001:db8:{k}:20::/64"]
zone = "us-east-1c"
zone-id = "use1-az3"
route-table = "private-c-{k}"
[subnet.db-{k}]
vpc = "v{k}"
cidrs = ["10.{k}.48.0/20"]
zone = "us-east-1c"
zone-id = "use1-az3"
route-table = "db-{k}"
network-acl = "db-{k}"
[route-table.edge-{k}]
vpc = "v{k}"
routes = ["10.{k}.0.0/20 -> endpoint:firewall-{k}", "2001:db8:{k}::/64 -> endpoint:firewall-{k}"]
[route-table.out-{k}]
vpc = "v{k}"
routes = ["0.0.0.0/0 -> internet-gateway:igw-{k}", "::/0 -> internet-gateway:igw-{k}"]
[route-table.public-{k}]
vpc = "v{k}"
routes = ["0.0.0.0/0 -> endpoint:firewall-{k}", "::/0 -> endpoint:firewall-{k}", {inside}]
[route-table.private-a-{k}]
vpc = "v{k}"
routes = ["0.0.0.0/0 -> nat-gateway:nat-{k}", "::/0 -> egress-only-internet-gateway:eigw-{k}", "pl:s3 -> endpoint:s3-{k}", {inside}]
[route-table.private-c-{k}]
vpc = "v{k}"
routes = ["0.0.0.0/0 -> nat-gateway:nat-{k}", "pl:dynamodb -> endpoint:dynamodb-{k}", {inside}]
[route-table.db-{k}]
vpc = "v{k}"
routes = [{inside}]
[network-acl.db-{k}]
vpc = "v{k}"
ingress = ["90 deny tcp/5432 from 10.{k}.0.0/20", "100 allow tcp/5432 from 10.{k}.0.0/16", "110 allow tcp/5432 from 10.0.0.0/8", "120 allow tcp/5432 from 192.168.0.0/16", "130 allow tcp/5432 from 198.19.0.0/16"]
egress = ["100 allow tcp/1024-65535 to 10.0.0.0/8", "110 allow tcp/1024-65535 to 192.168.0.0/16", "120 allow tcp/1024-65535 to 198.19.0.0/16"]
"#
    )
    .unwrap();
}

fn draw_groups(text: &mut String, k: usize) {
    write!(
        text,
        r#"
[security-group.web-{k}]
vpc = "v{k}"
ingress = ["tcp/443 from 0.0.0.0/0", "tcp/443 from ::/0", "tcp/22 from pl:offices", "tcp/8443 from pl:partners-v6"]
egress = ["all to 0.0.0.0/0", "all to ::/0"]
[security-group.app-{k}]
vpc = "v{k}"
ingress = ["tcp/8080 from sg:web-{k}", "tcp/8080 from sg:front-{k}", "tcp/8080-8090 from sg:app-{k}", "tcp/8081 from sg:orders-{k}", "tcp/9090 from 10.255.0.0/16", "tcp/9090 from 10.253.0.0/16", "tcp/9090 from pl:offices", "icmp/8 from 10.0.0.0/8"]
egress = ["all to 0.0.0.0/0", "all to ::/0"]
[security-group.db-{k}]
vpc = "v{k}"
ingress = ["tcp/5432 from sg:app-{k}", "tcp/5432 from 10.255.0.0/20", "tcp/5432 from 198.19.0.0/16"]
[security-group.front-{k}]
vpc = "v{k}"
ingress = ["tcp/443 from 0.0.0.0/0", "tcp/443 from ::/0"]
egress = ["tcp/8080 to sg:app-{k}"]
[security-group.orders-{k}]
vpc = "v{k}"
ingress = ["tcp/443 from 10.{k}.0.0/16", "tcp/443 from 10.254.0.0/16"]
egress = ["tcp/8081 to sg:app-{k}"]
[security-group.endpoint-{k}]
vpc = "v{k}"
ingress = ["tcp/443 from 10.{k}.0.0/16"]
"#
    )
    .unwrap();
}

/// One endpoint of each kind and more: the policies are those of a perimeter.
fn draw_endpoints(text: &mut String, k: usize) {
    write!(
        text,
        r#"
[endpoint.firewall-{k}]
vpc = "v{k}"
service = "com.amazonaws.vpce.us-east-1.vpce-svc-0firewall"
kind = "gateway-load-balancer"
subnet = "edge-{k}"
middlebox = "forwards"
[endpoint.s3-{k}]
vpc = "v{k}"
service = "com.amazonaws.us-east-1.s3"
kind = "gateway"
prefix-lists = ["s3"]
policy = '{{"Statement": [{{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {{"StringEquals": {{"aws:PrincipalOrgID": "o-own", "aws:ResourceOrgID": "o-own"}}}}}}, {{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::prod-*-starport-layer-bucket/*"}}]}}'
[endpoint.dynamodb-{k}]
vpc = "v{k}"
service = "com.amazonaws.us-east-1.dynamodb"
kind = "gateway"
prefix-lists = ["dynamodb"]
[endpoint.sqs-{k}]
vpc = "v{k}"
service = "com.amazonaws.us-east-1.sqs"
kind = "interface"
private-dns = true
private-names = ["sqs.us-east-1.amazonaws.com"]
specific-names = ["vpce-{k}.sqs.us-east-1.vpce.amazonaws.com"]
interfaces = ["sqs-{k}"]
policy = '{{"Statement": [{{"Effect": "Allow", "Principal": "*", "Action": ["sqs:SendMessage", "sqs:Receive*"], "Resource": "arn:aws:sqs:us-east-1:444444444444:spoke-{k}-*"}}]}}'
[interface.sqs-{k}]
subnet = "private-a-{k}"
addresses = ["10.{k}.16.5"]
groups = ["endpoint-{k}"]
[endpoint.tools-{k}]
vpc = "v{k}"
service = "com.amazonaws.vpce.us-east-1.vpce-svc-0tools"
kind = "interface"
interfaces = ["tools-{k}"]
[interface.tools-{k}]
subnet = "private-a-{k}"
addresses = ["10.{k}.16.6"]
groups = ["endpoint-{k}"]
"#
    )
    .unwrap();
}

/// An application's front on the internet, and the service that the VPC of data uses.
fn draw_load_balancers(text: &mut String, k: usize, n_interfaces: usize) {
    let applications: Vec<_> = (0..n_interfaces).filter(|i| tier(*i) == "app").collect();
    let targets = |port: u16| -> String {
        let all = applications.iter();
        let all: Vec<_> = all
            .map(|i| format!(r#""interface:app-{k}-{i}:{port}""#))
            .collect();
        all.join(", ")
    };
    let (front, orders) = (targets(8080), targets(8081));
    write!(
        text,
        r#"
[load-balancer.front-{k}]
kind = "application"
interfaces = ["front-{k}"]
dns-name = "front-{k}.us-east-1.elb.amazonaws.com"
internet-facing = true
listeners = ["tcp/443 -> front-{k}"]
[interface.front-{k}]
subnet = "public-{k}"
addresses = ["10.{k}.0.20 public 198.51.{k}.20"]
groups = ["front-{k}"]
[target-group.front-{k}]
cross-zone = true
targets = [{front}]
[load-balancer.orders-{k}]
kind = "network"
interfaces = ["orders-node-{k}"]
listeners = ["tcp/443 -> orders-{k}"]
[interface.orders-node-{k}]
subnet = "private-a-{k}"
addresses = ["10.{k}.16.7"]
groups = ["orders-{k}"]
[target-group.orders-{k}]
cross-zone = true
targets = [{orders}]
[endpoint-service.orders-{k}]
name = "com.amazonaws.vpce.us-east-1.vpce-svc-orders-{k}"
load-balancers = ["orders-{k}"]
allowed-principals = ["arn:aws:iam::222222222222:root"]
acceptance-required = false
"#
    )
    .unwrap();
}

/// Of ten interfaces two are in the public subnet, six are applications, two are databases.
const fn tier(i: usize) -> &'static str {
    match i % 10 {
        0 | 1 => "web",
        2..=7 => "app",
        _ => "db",
    }
}

fn draw_member(text: &mut String, k: usize, i: usize) {
    let host = 30 + i;
    let tier = tier(i);
    let (subnet, addresses) = match i % 10 {
        0 | 1 => (
            "public",
            vec![
                format!("10.{k}.1.{host} public 203.0.{k}.{host}"),
                format!("2001:db8:{k}::{host}"),
            ],
        ),
        2..=4 => (
            "private-a",
            vec![
                format!("10.{k}.17.{host}"),
                format!("2001:db8:{k}:10::{host}"),
            ],
        ),
        5..=7 => ("private-c", vec![format!("10.{k}.33.{host}")]),
        _ => ("db", vec![format!("10.{k}.49.{host}")]),
    };
    let addresses: Vec<_> = addresses.iter().map(|one| format!("{one:?}")).collect();
    let addresses = addresses.join(", ");
    write!(
        text,
        r#"
[interface.{tier}-{k}-{i}]
subnet = "{subnet}-{k}"
addresses = [{addresses}]
groups = ["{tier}-{k}"]
tags = {{ tier = "{tier}", environment = "{environment}" }}
"#,
        environment = environment(k)
    )
    .unwrap();
}
