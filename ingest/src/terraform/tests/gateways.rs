//! Gateways and peerings.

use model::{InternetGateway, Value};
use serde_json::{Value as Json, json};

use super::{IN_MAIN, with_subnet, with_vpc};

#[test]
fn a_gateway_is_attached_by_itself_or_by_an_attachment() {
    let attached: &[(&str, &[&str])] = &[
        ("vpc_id", &["aws_vpc.main.id", "aws_vpc.main"]),
        (
            "internet_gateway_id",
            &["aws_internet_gateway.g.id", "aws_internet_gateway.g"],
        ),
    ];
    let nobody: &[(&str, &[&str])] = &[("vpc_id", &[])];
    let plan = || with_vpc().create("aws_internet_gateway.g", json!({}), nobody);
    let outcome = plan().read();
    assert_eq!(
        outcome.get::<InternetGateway>("aws_internet_gateway.g").vpc,
        None
    );
    let outcome = plan()
        .create("aws_internet_gateway_attachment.g", json!({}), attached)
        .read();
    let gateway: InternetGateway = outcome.get("aws_internet_gateway.g");
    assert_eq!(gateway.vpc, Some("aws_vpc.main".into()));
    outcome.network();
}

#[test]
fn a_nat_gateway_has_an_interface_with_an_open_public_address() {
    let open: &[(&str, &[&str])] = &[
        ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]),
        ("allocation_id", &["aws_eip.e.id", "aws_eip.e"]),
        ("private_ip", &[]),
        ("public_ip", &[]),
    ];
    let outcome = with_subnet()
        .create(
            "aws_eip.e",
            json!({}),
            &[("public_ip", &[]), ("instance", &[])],
        )
        .create(
            "aws_nat_gateway.n",
            json!({"connectivity_type": "public"}),
            open,
        )
        .read();
    let interface: model::NetworkInterface = outcome.get("aws_nat_gateway.n#eni");
    let [address] = interface.addresses.as_slice() else {
        panic!()
    };
    let within = |block: &str, hole: &str| {
        model::AddressValue::Within(block.parse().unwrap(), model::Hole::new(hole))
    };
    assert_eq!(
        address.private,
        within("10.0.1.0/24", "aws_nat_gateway.n.private_ip")
    );
    assert_eq!(
        address.public,
        Some(within("0.0.0.0/0", "aws_eip.e.public_ip"))
    );
    assert_eq!(interface.groups, Value::Known([].into()));
    let attachment = model::Attachment::NatGateway("aws_nat_gateway.n".into());
    assert_eq!(interface.attachment, attachment);
    outcome.network();
}

#[test]
fn a_private_nat_gateway_has_no_public_address() {
    let open: &[(&str, &[&str])] = &[("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"])];
    let values = json!({"connectivity_type": "private", "private_ip": "10.0.1.9"});
    let outcome = with_subnet()
        .create("aws_nat_gateway.n", values, open)
        .read();
    let interface: model::NetworkInterface = outcome.get("aws_nat_gateway.n#eni");
    assert_eq!(interface.addresses[0].public, None);
    assert!(matches!(
        interface.addresses[0].private,
        model::AddressValue::Known(_)
    ));
    outcome.network();
}

#[test]
fn peerings_are_active_when_somebody_here_accepts_them() {
    let open: &[(&str, &[&str])] = &[
        ("vpc_id", &["aws_vpc.main.id", "aws_vpc.main"]),
        ("peer_vpc_id", &["aws_vpc.far.id", "aws_vpc.far"]),
        ("accept_status", &[]),
    ];
    let accepter: &[(&str, &[&str])] = &[(
        "vpc_peering_connection_id",
        &[
            "aws_vpc_peering_connection.p.id",
            "aws_vpc_peering_connection.p",
        ],
    )];
    let plan = |values: Json| {
        with_vpc()
            .create("aws_vpc.far", json!({"cidr_block": "10.1.0.0/16"}), &[])
            .create("aws_vpc_peering_connection.p", values, open)
    };
    let accepted = || json!({"auto_accept": true});
    for (outcome, active) in [
        (plan(accepted()).read(), true),
        (plan(json!({})).read(), false),
        (
            plan(json!({}))
                .create(
                    "aws_vpc_peering_connection_accepter.p",
                    accepted(),
                    accepter,
                )
                .read(),
            true,
        ),
    ] {
        let peering: model::Peering = outcome.get("aws_vpc_peering_connection.p");
        assert_eq!(peering.active, active);
        assert_eq!(
            outcome.assumes("peering-acceptance").len(),
            usize::from(!active)
        );
        outcome.network();
    }
}

#[test]
fn a_peering_with_a_vpc_outside_may_be_accepted_there() {
    let values = json!({"peer_vpc_id": "vpc-9", "peer_owner_id": "111122223333"});
    let outcome = with_vpc()
        .create("aws_vpc_peering_connection.p", values, IN_MAIN)
        .read();
    let peering: model::Peering = outcome.get("aws_vpc_peering_connection.p");
    assert_eq!(
        peering.accepter,
        model::PeeringEnd::Outside("vpc-9".to_owned())
    );
    assert!(peering.active);
    assert_eq!(outcome.assumes("peering-acceptance").len(), 1);
    outcome.network();
}
