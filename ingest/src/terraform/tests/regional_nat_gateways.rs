//! Regional NAT gateways: what stands for them, and which are left out.

use model::{
    AddressValue, BlockPublicAccess, Exclusion, NatGateway, NetworkInterface, Route,
    RouteDestination, RouteTable, Subnet, Target, Value, Vpc,
};

use super::*;

const REGIONAL: &str = "aws_nat_gateway.n";

/// What the plan of a new one leaves open.
fn open() -> Vec<(&'static str, &'static [&'static str])> {
    let computed = [
        "route_table_id",
        "auto_provision_zones",
        "regional_nat_gateway_address",
    ];
    let computed = computed.into_iter().map(|name| (name, [].as_slice()));
    IN_MAIN.iter().copied().chain(computed).collect()
}

/// A VPC with a subnet in a zone, and an internet gateway.
fn with_gateway() -> Plan {
    let subnet = json!({"cidr_block": "10.0.1.0/24", "availability_zone": "ap-northeast-1a"});
    with_vpc().create("aws_subnet.a", subnet, IN_MAIN).create(
        "aws_internet_gateway.g",
        json!({}),
        IN_MAIN,
    )
}

/// The same with a regional NAT gateway, automatic or with these zones.
fn with_regional(zones: &[&str]) -> Plan {
    regional(with_gateway(), zones)
}

fn regional(plan: Plan, zones: &[&str]) -> Plan {
    let zones = zones
        .iter()
        .map(|zone| json!({"availability_zone": zone, "allocation_ids": ["eipalloc-1"]}));
    let zones: Vec<_> = zones.collect();
    let values = json!({"availability_mode": "regional", "availability_zone_address": zones});
    plan.create(REGIONAL, values, &open())
}

const OF_REGIONAL: (&str, &[&str]) = (
    "route_table_id",
    &["aws_nat_gateway.n.route_table_id", "aws_nat_gateway.n"],
);

#[track_caller]
fn assert_left_out(outcome: &Outcome, why: &str) {
    let expected = format!("`{REGIONAL}`: {why} is not modelled");
    assert!(
        outcome.messages().contains(&expected),
        "{:#?}",
        outcome.messages()
    );
    assert!(outcome.draft.nat_gateways.is_empty());
    assert!(outcome.draft.network_interfaces.is_empty());
}

fn to_internet(table: &RouteTable) -> Option<&Route> {
    let destination = RouteDestination::Cidr("0.0.0.0/0".parse().unwrap());
    let destination = Value::Known(destination);
    table
        .routes
        .iter()
        .find(|route| route.destination == destination)
}

#[test]
fn a_new_one_has_the_table_that_aws_makes() {
    let outcome = with_regional(&[]).read();
    let network = outcome.network();
    let gateway: NatGateway = outcome.get(REGIONAL);
    assert_eq!(gateway.subnet, "aws_nat_gateway.n#subnet".into());
    assert_eq!(gateway.interface, "aws_nat_gateway.n#eni".into());
    let subnet: Subnet = outcome.get("aws_nat_gateway.n#subnet");
    assert_eq!(subnet.cidrs, ["169.254.0.0/24".parse().unwrap()]);
    let table = "aws_nat_gateway.n#route-table";
    assert_eq!(subnet.route_table, Some(Value::Known(table.into())));
    let table: RouteTable = outcome.get(table);
    let target = Value::Known(Target::InternetGateway("aws_internet_gateway.g".into()));
    assert_eq!(
        to_internet(&table).map(|route| &route.target),
        Some(&target)
    );
    assert_eq!(table.routes.len(), 2);
    let acl = &network.network_acls()[&"aws_nat_gateway.n#network-acl".into()];
    assert_eq!((acl.ingress.len(), acl.egress.len()), (2, 2));
}

#[test]
fn its_addresses_are_several_and_open() {
    let outcome = with_regional(&[]).read();
    let interface: NetworkInterface = outcome.get("aws_nat_gateway.n#eni");
    let holes = interface
        .addresses
        .iter()
        .map(|address| match &address.public {
            Some(AddressValue::Within(_, hole)) => hole.to_string(),
            public => panic!("{public:?}"),
        });
    let expected =
        [0, 1].map(|n| format!("{REGIONAL}.regional_nat_gateway_address[{n}].public_ip"));
    assert_eq!(holes.collect::<Vec<_>>(), expected);
}

#[test]
fn a_route_leads_to_it() {
    let plan = with_regional(&[]).create("aws_route_table.t", json!({}), IN_MAIN);
    let values = json!({"destination_cidr_block": "0.0.0.0/0"});
    let ends: &[(&str, &[&str])] = &[
        (
            "route_table_id",
            &["aws_route_table.t.id", "aws_route_table.t"],
        ),
        (
            "nat_gateway_id",
            &["aws_nat_gateway.n.id", "aws_nat_gateway.n"],
        ),
    ];
    let outcome = plan.create("aws_route.r", values, ends).read();
    let table: RouteTable = outcome.get("aws_route_table.t");
    let target = Value::Known(Target::NatGateway(REGIONAL.into()));
    assert_eq!(
        to_internet(&table).map(|route| &route.target),
        Some(&target)
    );
    outcome.network();
}

#[test]
fn elastic_ips_that_the_plan_knows_are_its_addresses() {
    let elastic = json!({"id": "eipalloc-1", "public_ip": "198.51.100.4"});
    let plan = with_gateway().existing("aws_eip.e", elastic);
    let outcome = regional(plan, &["ap-northeast-1a"]).read();
    let interface: NetworkInterface = outcome.get("aws_nat_gateway.n#eni");
    let public: Vec<_> = interface
        .addresses
        .into_iter()
        .map(|one| one.public)
        .collect();
    let [
        Some(AddressValue::Known(known)),
        Some(AddressValue::Within(..)),
    ] = public.as_slice()
    else {
        panic!("{public:?}");
    };
    assert_eq!(known.to_string(), "198.51.100.4");
}

#[test]
fn zones_that_are_chosen_by_hand_have_to_be_those_of_all_subnets() {
    with_regional(&["ap-northeast-1c", "ap-northeast-1a"])
        .read()
        .network();
    let outcome = with_regional(&["ap-northeast-1c"]).read();
    assert_left_out(
        &outcome,
        "a regional NAT gateway that does not serve the zones of all subnets",
    );
}

#[test]
fn one_without_an_internet_gateway_is_left_out() {
    let outcome = regional(with_vpc(), &[]).read();
    assert_left_out(
        &outcome,
        "a regional NAT gateway in a VPC without an internet gateway",
    );
}

#[test]
fn one_whose_table_is_changed_is_left_out() {
    let why = "a regional NAT gateway whose route table is changed by other resources";
    let route = json!({"destination_cidr_block": "10.9.0.0/16", "gateway_id": "igw-1"});
    let outcome = with_regional(&[])
        .create("aws_route.r", route, &[OF_REGIONAL])
        .read();
    assert_left_out(&outcome, why);
    // No other table gets the route.
    let main: RouteTable = outcome.get("aws_vpc.main#main-route-table");
    assert_eq!(main.routes.len(), 1);
    let subnet: (&str, &[&str]) = ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]);
    let association = with_regional(&[])
        .create(
            "aws_route_table_association.a",
            json!({}),
            &[OF_REGIONAL, subnet],
        )
        .read();
    assert_left_out(&association, why);
    let untraced: (&str, &[&str]) = ("route_table_id", &["local.table"]);
    let route = json!({"destination_cidr_block": "10.9.0.0/16", "gateway_id": "igw-1"});
    let untraced = with_regional(&[])
        .create("aws_route.r", route, &[untraced])
        .read();
    assert_left_out(&untraced, why);
}

#[test]
fn one_beside_an_edge_route_table_is_left_out() {
    let ends: &[(&str, &[&str])] = &[
        (
            "route_table_id",
            &["aws_route_table.t.id", "aws_route_table.t"],
        ),
        (
            "gateway_id",
            &["aws_internet_gateway.g.id", "aws_internet_gateway.g"],
        ),
    ];
    let outcome = with_regional(&[])
        .create("aws_route_table.t", json!({}), IN_MAIN)
        .create("aws_route_table_association.edge", json!({}), ends)
        .read();
    assert_left_out(
        &outcome,
        "a regional NAT gateway beside a route table of the internet gateway's own",
    );
}

#[test]
fn one_where_subnets_are_excluded_from_block_public_access_is_left_out() {
    let excluded = |mode: &str| {
        let subnet: (&str, &[&str]) = ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]);
        let exclusion = json!({"internet_gateway_exclusion_mode": "allow-egress"});
        with_regional(&[])
            .create(
                "aws_vpc_block_public_access_options.o",
                json!({"internet_gateway_block_mode": mode}),
                &[],
            )
            .create(
                "aws_vpc_block_public_access_exclusion.x",
                exclusion,
                &[subnet],
            )
            .read()
    };
    let outcome = excluded("block-ingress");
    let vpc: Vpc = outcome.get("aws_vpc.main");
    assert_eq!(
        vpc.block_public_access,
        Value::Known(BlockPublicAccess::Ingress)
    );
    let subnet: Subnet = outcome.get("aws_subnet.a");
    assert_eq!(subnet.exclusion, Some(Exclusion::Egress));
    assert_left_out(
        &outcome,
        "a regional NAT gateway where VPC Block Public Access has exclusions of subnets",
    );
    excluded("off").network();
}

/// A VPC that exists, and a regional NAT gateway of it.
fn existing() -> Plan {
    let vpc = json!({
        "id": "vpc-1",
        "cidr_block": "10.0.0.0/16",
        "main_route_table_id": "rtb-1",
        "default_route_table_id": "rtb-1",
        "default_network_acl_id": "acl-1",
        "default_security_group_id": "sg-1",
    });
    let address = json!({"public_ip": "198.51.100.4", "availability_zone": "ap-northeast-1a"});
    let gateway = json!({
        "id": "nat-1",
        "vpc_id": "vpc-1",
        "availability_mode": "regional",
        "auto_provision_zones": "enabled",
        "route_table_id": "rtb-9",
        "regional_nat_gateway_address": [address],
    });
    Plan::default()
        .existing("aws_vpc.main", vpc)
        .existing(REGIONAL, gateway)
}

#[test]
fn one_that_exists_needs_its_table_in_the_input() {
    let outcome = existing().read();
    assert_left_out(
        &outcome,
        "a regional NAT gateway whose route table is not in the input",
    );
    let table = json!({"id": "rtb-9", "vpc_id": "vpc-1", "route": []});
    let outcome = existing().existing("aws_route_table.own", table).read();
    outcome.network();
    let subnet: Subnet = outcome.get("nat-1");
    assert_eq!(subnet.route_table, Some(Value::Known("rtb-9".into())));
    let interface: NetworkInterface = outcome.get("nat-1");
    let public = interface
        .addresses
        .first()
        .and_then(|one| one.public.clone());
    assert!(matches!(public, Some(AddressValue::Known(_))));
}

#[test]
fn one_takes_the_place_of_what_an_earlier_input_says_of_it() {
    let table = json!({"id": "rtb-9", "vpc_id": "vpc-1", "route": []});
    let state = existing().existing("aws_route_table.own", table).json();
    let mut sink = Sink::default();
    read_into(&state, &mut sink);
    let once = sink.draft.clone();
    read_into(&state, &mut sink);
    assert_eq!(sink.draft, once);
}
