//! Virtual private gateways, and attachments of transit gateways that lead on premises.

use model::{AttachmentKind, OnPremisesService, Target};

use super::*;

const OFFICE: &str = r#"
[vpc.main]
cidrs = ["10.0.0.0/16"]

[route-table.app]
routes = ["192.168.0.0/16 -> virtual-private-gateway:vgw propagated", { destination = "172.16.0.0/12", target = { one-of = ["virtual-private-gateway:vgw", "transit-gateway:tgw"], hole = "h" } }]
[route-table.edge]
routes = []

[virtual-private-gateway.vgw]
edge-route-table = "edge"
prefixes = ["192.168.0.0/16", "fd12::/32"]
tags = { Name = "office" }
[virtual-private-gateway.loose]
attached = false
prefixes = { any = "prefixes of loose" }
[virtual-private-gateway.either]
attached = false
prefixes = { one-of = [[], ["192.168.0.0/16"]], hole = "aws_vpn_connection_route.r" }

[transit-gateway.tgw]
[transit-gateway-attachment.vpn]
on-premises = "vpn"
prefixes = ["192.168.0.0/16"]
[transit-gateway-attachment.dx]
on-premises = "direct-connect-gateway"
prefixes = { any = "prefixes of dx" }
[transit-gateway-attachment.connect]
on-premises = "connect"
prefixes = []
available = false
"#;

#[test]
fn gateways_to_networks_on_premises_are_read_and_written() {
    let network = network(OFFICE);
    assert_round_trip(&network);
    let gateway = &network.virtual_private_gateways()[&"vgw".into()];
    assert_eq!(gateway.vpc, Some("main".into()));
    assert_eq!(gateway.edge_route_table, Some("edge".into()));
    let routes = &network.route_tables()[&"app".into()].routes;
    assert_eq!(
        routes[1].target.known(),
        Some(&Target::VirtualPrivateGateway("vgw".into()))
    );
    let attachments = network.transit_gateway_attachments();
    for service in OnPremisesService::ALL {
        let is_it = |kind: &AttachmentKind| matches!(kind, AttachmentKind::OnPremises { service: one, .. } if *one == service);
        assert!(attachments.values().any(|one| is_it(&one.kind)));
    }
}

#[test]
fn mistakes_about_networks_on_premises_are_named() {
    let text = r#"
[vpc.main]
[virtual-private-gateway.vgw]
[virtual-private-gateway.other]
prefixes = ["192.168.0.1/16"]
[transit-gateway.tgw]
[transit-gateway-attachment.a]
on-premises = "isdn"
[transit-gateway-attachment.b]
on-premises = "vpn"
kind = "vpn"
"#;
    assert_says(
        &errors(text),
        &[
            "error[missing-field]: key `prefixes` is missing\n  --> network.toml:3 at virtual-private-gateway.vgw",
            "error[invalid-value]: `192.168.0.1/16`: bits are set behind the prefix length, expected `192.168.0.0/16`\n  --> network.toml:5 at virtual-private-gateway.other.prefixes[0]",
            "`isdn` is not `direct-connect-gateway`, `connect` or `vpn`\n  --> network.toml:8 at transit-gateway-attachment.a.on-premises",
            "key `prefixes` is missing\n  --> network.toml:7 at transit-gateway-attachment.a",
            "`peer`, `on-premises` and `kind` exclude each other",
        ],
    );
}

#[test]
fn defects_of_virtual_private_gateways_stand_where_they_are_written() {
    let text = r#"
[vpc.main]
cidrs = ["10.0.0.0/16"]
[virtual-private-gateway.vgw]
prefixes = []
[virtual-private-gateway.twin]
prefixes = []
[route-table.t]
routes = ["192.168.0.0/16 -> virtual-private-gateway:gone"]
"#;
    let defects = draft(text).validate().expect_err("it is not valid");
    let (_, provenance, _) = read(text, "network.toml").expect("it can be read");
    let said = crate::defect::explain(defects.iter(), &provenance, "network.toml");
    let said: Vec<_> = said.iter().map(ToString::to_string).collect();
    assert_says(
        &said.join("\n"),
        &[
            "error[two-virtual-private-gateways]: VPC `main` has more than one virtual private gateway\n  --> network.toml:2 at vpc.main",
            "error[not-defined]: virtual private gateway `gone` is used by `t` but is not defined\n  --> network.toml:8 at route-table.t",
        ],
    );
}
