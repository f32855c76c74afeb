//! Random networks in which packets pass devices.

use model::{AttachmentKind, Hole, Middlebox, RouteDestination, Target, Value};

use super::lab::{Lab, cidr};
use super::properties::{Numbers, entries, random};

const MIDDLEBOXES: [Middlebox; 4] = [
    Middlebox::Forwards,
    Middlebox::Forwards,
    Middlebox::Inspects,
    Middlebox::Unknown,
];

/// Two more subnets of `v` with appliances, a transit gateway that joins its VPCs, and another
/// behind a peering.
pub fn with_devices(seed: u64) -> Lab {
    let numbers = &mut Numbers(seed + 7_000_000);
    let middlebox = |numbers: &mut Numbers| MIDDLEBOXES[numbers.below(4)];
    let group = numbers.one(&["v", "v", "g", "h"]).to_owned();
    let (one, other) = (middlebox(numbers), middlebox(numbers));
    let far = numbers.one(&["10.2.0.0/16", "10.2.0.0/16", "10.0.0.0/16"]);
    let (far_subnet, far_address) = match far {
        "10.2.0.0/16" => ("10.2.1.0/24", "10.2.1.10"),
        _ => ("10.0.1.0/24", "10.0.1.10"),
    };
    let mut lab = random(seed)
        .vpc("z", &[far])
        .subnet("fire", "v", &["10.0.3.0/24", "2600:1f00:0:3::/64"])
        .subnet("load", "v", &["10.0.4.0/24", "2600:1f00:0:4::/64"])
        .subnet("far", "z", &[far_subnet])
        .appliance(
            "f",
            "fire",
            &group,
            &["10.0.3.10=203.0.113.30", "2600:1f00:0:3::a"],
            one,
        )
        .gateway_load_balancer_endpoint("l", "v", "load", other)
        .interface("s", "far", "z", &[far_address])
        .transit_gateway("t")
        .transit_gateway("t2")
        .attach("tv", "t", "v", &["load"])
        .attach("tw", "t", "w", &["c"])
        .attach("tz", "t2", "z", &["far"])
        .peer_transit(("pt", "t"), ("pt2", "t2"))
        .table("fire", "v", &["fire"])
        .table("load", "v", &["load"])
        .route("z", "0.0.0.0/0", Target::TransitGateway("t2".into()))
        .route("w", "10.2.0.0/16", Target::TransitGateway("t".into()))
        .transit_route("t2", "8.8.8.0/24", Some("pt2"))
        .transit_route("t2", "10.0.0.0/14", Some("pt2"));
    if numbers.one_in(4) {
        lab = lab.interface("sh", "far", "h", &["10.2.1.11"]);
        if far != "10.2.0.0/16" {
            lab.interface_mut("sh").addresses[0].private =
                model::AddressValue::Known(super::lab::address("10.0.1.12"));
        }
    }
    lab = routes(numbers, lab);
    transit(numbers, &mut lab);
    for (id, vpc, subnet) in [("fa", "v", "fire"), ("la", "v", "load")] {
        if numbers.one_in(3) {
            lab = lab.acl(id, vpc, &[subnet], entries(numbers), entries(numbers));
        }
    }
    if numbers.one_in(2) {
        lab = lab.edge_table("i", "edge", "v");
        for block in ["10.0.1.0/24", "10.0.3.0/24", "2600:1f00::/64"] {
            let target = match numbers.below(4) {
                0 => continue,
                1 | 2 => Target::NetworkInterface("f".into()),
                _ => Target::GatewayLoadBalancerEndpoint("l".into()),
            };
            lab = lab.route("edge", block, target);
        }
    }
    lab
}

/// Routes that send packets past devices, for tables that have none such.
fn routes(numbers: &mut Numbers, mut lab: Lab) -> Lab {
    let targets = [
        Target::NetworkInterface("f".into()),
        Target::GatewayLoadBalancerEndpoint("l".into()),
        Target::TransitGateway("t".into()),
        Target::NatGateway("n".into()),
        Target::InternetGateway("i".into()),
        Target::EgressOnlyInternetGateway("e".into()),
        Target::Peering("q".into()),
    ];
    let blocks = [
        ("0.0.0.0/0", 7),
        ("10.2.0.0/16", 3),
        ("10.1.0.0/16", 3),
        ("10.0.2.0/24", 2),
        ("10.0.1.0/24", 2),
        ("203.0.113.0/24", 3),
        ("::/0", 6),
    ];
    for id in ["v", "private", "fire", "load"] {
        for (block, n_targets) in blocks {
            if numbers.one_in(3) {
                continue;
            }
            // A firewall's own table seldom leads back to it.
            let first = usize::from(id == "fire" && !numbers.one_in(8));
            let target = targets[first + numbers.below(n_targets - first)].clone();
            let destination = Value::Known(RouteDestination::Cidr(cidr(block)));
            let table = lab.table_mut(id);
            table
                .routes
                .retain(|route| route.destination != destination);
            lab = lab.route(id, block, target);
        }
    }
    lab
}

/// The routes and the attachments of the transit gateway.
fn transit(numbers: &mut Numbers, lab: &mut Lab) {
    let targets = ["tv", "tw", "pt", "vpn"];
    *lab = std::mem::take(lab).attach_unmodelled("vpn", "t");
    for block in [
        "0.0.0.0/0",
        "10.2.0.0/16",
        "10.0.0.0/16",
        "10.1.1.10/32",
        "8.8.8.8/32",
    ] {
        if numbers.one_in(3) {
            continue;
        }
        let target = match block {
            "10.2.0.0/16" => "pt",
            _ => targets[numbers.below(4).min(numbers.below(4))],
        };
        let target = Some(target).filter(|_| !numbers.one_in(10));
        *lab = std::mem::take(lab).transit_route("t", block, target);
    }
    for list in ["known", "managed", "unknown"] {
        if numbers.one_in(5) {
            let list = RouteDestination::PrefixList(list.into());
            let target = targets[numbers.below(2)];
            *lab = std::mem::take(lab).transit_route_of("t", list, Some(target));
        }
    }
    if numbers.one_in(10) {
        *lab = std::mem::take(lab).propagate("vpn", "t");
    }
    lab.draft.transit_gateways[0].security_group_referencing = numbers.one_in(2);
    for id in ["tv", "tw"] {
        let zone = numbers.one(&["one", "two"]).to_owned();
        let attachment = lab.attachment_mut(id);
        match numbers.below(12) {
            0 => attachment.available = false,
            1 => attachment.association = None,
            2 => attachment.association = Some(Value::Any(Hole::new("table of an attachment"))),
            _ => {}
        }
        if let AttachmentKind::Vpc {
            subnets,
            appliance_mode,
            ipv6_support,
            security_group_referencing,
            ..
        } = &mut attachment.kind
        {
            *appliance_mode = numbers.one_in(2);
            *ipv6_support = numbers.one_in(2);
            *security_group_referencing = numbers.one_in(2);
            if id == "tv" && numbers.one_in(2) {
                subnets.insert("b".into());
                *lab = std::mem::take(lab).zone("b", &zone).zone("load", "three");
            }
        }
    }
    if numbers.one_in(2) {
        for subnet in ["a", "c", "far"] {
            let zone = numbers.one(&["one", "two", "three"]).to_owned();
            *lab = std::mem::take(lab).zone(subnet, &zone);
        }
    }
}
