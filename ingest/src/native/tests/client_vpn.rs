//! Client VPN endpoints, associations of Direct Connect gateways, names of load balancers.

use model::{Attachment, LoadBalancerName, OnPremisesGateway};

use super::*;

const REMOTE: &str = r#"
[vpc.main]
cidrs = ["10.0.0.0/16"]
[subnet.a]
cidrs = ["10.0.1.0/24"]
[interface.vpn-a]
subnet = "a"
addresses = ["10.0.1.5"]
[interface.vpn-b]
subnet = "a"
addresses = ["10.0.1.6"]
[interface.web]
subnet = "a"
addresses = ["10.0.1.7"]

[client-vpn-endpoint.cvpn]
interfaces = ["vpn-a"]
authorization-rules = ["10.0.0.0/16 for all", "10.1.0.0/16 for group:the admins"]
routes = ["10.0.0.0/16 -> subnet:a", "10.99.0.0/22 -> local"]
tags = { Name = "staff" }
[client-vpn-endpoint.open]
interfaces = ["vpn-b"]
authorization-rules = { any = "rules" }
routes = { one-of = [[], ["10.0.0.0/16 -> subnet:a"]], hole = "routes" }

[virtual-private-gateway.vgw]
prefixes = []
[transit-gateway.tgw]
[transit-gateway-attachment.dx]
on-premises = "direct-connect-gateway"
prefixes = []
[direct-connect-association.vgw]
gateway = "virtual-private-gateway:vgw"
allowed-prefixes = ["10.0.0.0/8"]
other-ways = true
[direct-connect-association.dx]
gateway = "attachment:dx"
allowed-prefixes = { any = "allowed prefixes" }

[load-balancer.web]
kind = "application"
interfaces = ["web"]
dns-name = "Web-1.eu-west-1.elb.amazonaws.com."
internet-facing = true
"#;

#[test]
fn they_are_read_and_written() {
    let network = network(REMOTE);
    assert_round_trip(&network);
    let interface = &network.network_interfaces()[&"vpn-a".into()];
    let kind = Attachment::Other("client_vpn_endpoint".to_owned());
    assert_eq!(interface.attachment, kind);
    let endpoint = &network.client_vpn_endpoints()[&"cvpn".into()];
    let rules = endpoint.authorization_rules.known().expect("known");
    let groups: Vec<_> = rules.iter().map(|rule| rule.group.as_deref()).collect();
    assert_eq!(groups, [None, Some("the admins")]);
    let routes = endpoint.routes.known().expect("known");
    let subnets: Vec<_> = routes.iter().map(|route| route.subnet.clone()).collect();
    assert_eq!(subnets, [Some("a".into()), None]);
    let association = &network.direct_connect_associations()[&"dx".into()];
    let gateway = OnPremisesGateway::Transit("dx".into());
    assert_eq!(association.gateway, gateway);
    let name = LoadBalancerName {
        name: "web-1.eu-west-1.elb.amazonaws.com".to_owned(),
        internet_facing: true,
    };
    assert_eq!(network.load_balancers()[&"web".into()].name, Some(name));
}

#[test]
fn mistakes_about_them_are_named() {
    let text = r#"
[vpc.main]
[client-vpn-endpoint.a]
authorization-rules = ["10.0.0.0/16 for everybody"]
routes = ["10.0.0.0/16 -> a"]
[direct-connect-association.b]
gateway = "vgw"
"#;
    assert_says(
        &errors(text),
        &[
            "key `interfaces` is missing\n  --> network.toml:3 at client-vpn-endpoint.a",
            "`10.0.0.0/16 for everybody` is not like `10.0.0.0/16 for all`",
            "`10.0.0.0/16 -> a` is not like `10.0.0.0/16 -> subnet:ID`",
            "`vgw` is not like `virtual-private-gateway:vgw` or `attachment:dx`",
            "key `allowed-prefixes` is missing\n  --> network.toml:6 at direct-connect-association.b",
        ],
    );
}
