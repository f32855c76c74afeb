//! What a plan makes available that waits, or is detached, in the network before it.

use model::{
    NetworkAcl, Peering, RouteState, RouteTable, SecurityGroup, TransitGatewayAttachment, Value,
    VpcEndpoint,
};

use super::*;

const NETWORK: &str = r#"
[vpc.vpc-1]
region = "eu-west-1"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-main"
[vpc.vpc-2]
region = "eu-west-1"
cidrs = ["10.2.0.0/16"]
main-route-table = "rtb-2"
[subnet.subnet-a]
vpc = "vpc-1"
cidrs = ["10.0.1.0/24"]
network-acl = "acl-1"
[subnet.subnet-2]
vpc = "vpc-2"
cidrs = ["10.2.1.0/24"]
network-acl = "acl-2"
[route-table.rtb-main]
vpc = "vpc-1"
routes = ["0.0.0.0/0 -> internet-gateway:igw-1 blackhole", "10.2.0.0/16 -> peering:pcx-1 blackhole", "10.3.0.0/16 -> transit-gateway:tgw-1 blackhole"]
[route-table.rtb-2]
vpc = "vpc-2"
[network-acl.acl-1]
vpc = "vpc-1"
ingress = ["100 deny all from 0.0.0.0/0"]
[network-acl.acl-2]
vpc = "vpc-2"
[security-group.sg-default]
vpc = "vpc-1"
name = "default"
[internet-gateway.igw-1]
attached = false
[peering.pcx-1]
requester = "vpc-1"
accepter = "vpc-2"
active = false
[endpoint.vpce-1]
vpc = "vpc-1"
service = "com.amazonaws.vpce.eu-west-1.vpce-svc-1"
kind = "interface"
available = false
[transit-gateway.tgw-1]
[transit-gateway-attachment.tgw-attach-1]
vpc = "vpc-1"
subnets = ["subnet-a"]
available = false
[transit-gateway-attachment.tgw-attach-v]
on-premises = "vpn"
prefixes = ["192.168.0.0/16"]
[transit-gateway-route-table.tgw-rtb-1]
routes = ["192.168.7.0/24 -> blackhole"]
propagations = ["tgw-attach-v"]
[transit-gateway-route-table.tgw-rtb-2]
"#;

#[track_caller]
fn after(plan: Plan) -> Outcome {
    let outcome = read_over(NETWORK, &plan.json());
    outcome.draft.clone().validate().expect("it is valid");
    outcome
}

/// The states of the routes behind the local one.
fn states(outcome: &Outcome) -> Vec<RouteState> {
    let table: RouteTable = outcome.get("rtb-main");
    let routes = table
        .routes
        .iter()
        .filter(|route| route.target.known() != Some(&model::Target::Local));
    routes.map(|route| route.state).collect()
}

#[test]
fn a_blackhole_ends_with_its_cause() {
    use RouteState::{Active, Blackhole};
    assert_eq!(states(&after(Plan::default())), [Blackhole; 3]);
    let attached = json!({"internet_gateway_id": "igw-1", "vpc_id": "vpc-1"});
    let plan = Plan::default().create("aws_internet_gateway_attachment.a", attached, &[]);
    assert_eq!(states(&after(plan)), [Active, Blackhole, Blackhole]);
    let elsewhere = json!({"internet_gateway_id": "igw-1", "vpc_id": "vpc-2"});
    let plan = Plan::default().create("aws_internet_gateway_attachment.a", elsewhere, &[]);
    assert_eq!(states(&after(plan)), [Blackhole; 3]);
    // Also where the plan has the route, as it was.
    let route = json!({"id": "r", "route_table_id": "rtb-main", "destination_cidr_block": "0.0.0.0/0",
        "gateway_id": "igw-1", "state": "blackhole"});
    let attached = json!({"internet_gateway_id": "igw-1", "vpc_id": "vpc-1"});
    let plan = Plan::default().existing("aws_route.r", route);
    let plan = plan.create("aws_internet_gateway_attachment.a", attached, &[]);
    assert_eq!(states(&after(plan)), [Active, Blackhole, Blackhole]);
}

#[test]
fn a_peering_that_waits_is_accepted() {
    let accepter = |values: Json| {
        let open: &[(&str, &[&str])] = &[("vpc_id", &[]), ("peer_vpc_id", &[])];
        Plan::default().create("aws_vpc_peering_connection_accepter.p", values, open)
    };
    let accepts = json!({"vpc_peering_connection_id": "pcx-1", "auto_accept": true});
    let outcome = after(accepter(accepts));
    assert!(outcome.get::<Peering>("pcx-1").active);
    assert_eq!(states(&outcome)[1], RouteState::Active);
    let waits = json!({"vpc_peering_connection_id": "pcx-1"});
    assert!(!after(accepter(waits)).get::<Peering>("pcx-1").active);
}

#[test]
fn an_endpoint_that_waits_is_accepted() {
    let accepter = json!({"vpc_endpoint_service_id": "vpce-svc-1", "vpc_endpoint_id": "vpce-1"});
    let address = "aws_vpc_endpoint_connection_accepter.a";
    let is_available = |plan: Plan| after(plan).get::<VpcEndpoint>("vpce-1").available;
    assert!(!is_available(Plan::default()));
    assert!(is_available(Plan::default().create(
        address,
        accepter.clone(),
        &[]
    )));
    let endpoint = json!({"id": "vpce-1", "vpc_id": "vpc-1", "vpc_endpoint_type": "Interface",
        "service_name": "com.amazonaws.vpce.eu-west-1.vpce-svc-1", "subnet_ids": [],
        "security_group_ids": ["sg-default"], "state": "pendingAcceptance"});
    let plan = || Plan::default().existing("aws_vpc_endpoint.e", endpoint.clone());
    assert!(!is_available(plan()));
    assert!(is_available(plan().create(address, accepter, &[])));
}

#[test]
fn a_transit_gateway_attachment_that_waits_is_accepted() {
    let accepter = |more: Json| {
        let mut values = json!({"transit_gateway_attachment_id": "tgw-attach-1"});
        values
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let address = "aws_ec2_transit_gateway_vpc_attachment_accepter.a";
        after(Plan::default().create(address, values, &[]))
    };
    let outcome = accepter(json!({}));
    let attachment: TransitGatewayAttachment = outcome.get("tgw-attach-1");
    assert!(attachment.available);
    assert!(matches!(attachment.association, Some(Value::Any(_))));
    assert_eq!(states(&outcome)[2], RouteState::Active);
    let outcome = accepter(json!({
        "transit_gateway_default_route_table_association": false,
        "transit_gateway_default_route_table_propagation": false,
    }));
    let attachment: TransitGatewayAttachment = outcome.get("tgw-attach-1");
    assert!(attachment.available);
    assert_eq!(attachment.association, None);
}

#[test]
fn behind_a_static_route_of_a_transit_gateway_stands_what_is_propagated() {
    let prefixes = |plan: Plan| {
        let attachment: TransitGatewayAttachment = after(plan).get("tgw-attach-v");
        let model::AttachmentKind::OnPremises { prefixes, .. } = attachment.kind else {
            panic!("it is on premises");
        };
        prefixes.known().is_some()
    };
    assert!(prefixes(Plan::default()));
    let route = |table: &str| {
        json!({"id": "r", "transit_gateway_route_table_id": table, "blackhole": true,
            "destination_cidr_block": "192.168.7.0/24"})
    };
    let address = "aws_ec2_transit_gateway_route.r";
    assert!(!prefixes(
        Plan::default().deleted(address, route("tgw-rtb-1"))
    ));
    assert!(prefixes(
        Plan::default().deleted(address, route("tgw-rtb-2"))
    ));
    let further = json!({"transit_gateway_route_table_id": "tgw-rtb-2",
        "transit_gateway_attachment_id": "tgw-attach-v"});
    let address = "aws_ec2_transit_gateway_route_table_propagation.p";
    assert!(!prefixes(Plan::default().create(address, further, &[])));
}

#[test]
fn what_a_resource_adopts_is_of_the_earlier_vpc() {
    let route = json!({"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"});
    let table = json!({"default_route_table_id": "rtb-main", "route": [route]});
    let open: &[(&str, &[&str])] = &[("vpc_id", &[])];
    let outcome = after(Plan::default().create("aws_default_route_table.d", table, open));
    let adopted: RouteTable = outcome.get("rtb-main");
    assert_eq!((adopted.vpc.as_str(), adopted.routes.len()), ("vpc-1", 2));
    assert_eq!(outcome.messages(), Vec::<String>::new());
    let entry = json!({"rule_no": 100, "action": "allow", "protocol": "-1", "from_port": 0,
        "to_port": 0, "cidr_block": "0.0.0.0/0"});
    let acl = json!({"default_network_acl_id": "acl-1", "ingress": [entry], "egress": []});
    let outcome = after(Plan::default().create("aws_default_network_acl.d", acl, open));
    let acl: NetworkAcl = outcome.get("acl-1");
    assert_eq!(acl.ingress[0].action, model::AclAction::Allow);
    let rule =
        json!({"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["10.0.0.0/8"]});
    let group = |vpc: &str| {
        let group = json!({"vpc_id": vpc, "ingress": [rule], "egress": []});
        after(Plan::default().create("aws_default_security_group.d", group, &[]))
    };
    let outcome = group("vpc-1");
    assert_eq!(outcome.get::<SecurityGroup>("sg-default").ingress.len(), 1);
    assert_eq!(outcome.draft.security_groups.len(), 1);
    assert_eq!(outcome.unplaced(), Vec::<&str>::new());
    // What the earlier input does not have may be used by anything in it.
    assert_eq!(
        group("vpc-2").unplaced(),
        ["aws_default_security_group.d.vpc_id"]
    );
    let unsaid = json!({"ingress": [rule], "egress": []});
    let outcome = after(Plan::default().create("aws_default_security_group.d", unsaid, open));
    assert!(
        outcome
            .unplaced()
            .contains(&"aws_default_security_group.d.vpc_id")
    );
    let unseen = json!({"default_route_table_id": "rtb-9", "route": []});
    let outcome = after(Plan::default().create("aws_default_route_table.d", unseen, open));
    assert_eq!(
        outcome.unplaced(),
        ["aws_default_route_table.d.default_route_table_id"]
    );
}

#[test]
fn a_plan_does_not_take_back_what_an_earlier_one_adds() {
    let rule =
        json!({"security_group_id": "sg-default", "ip_protocol": "-1", "cidr_ipv4": "10.0.0.0/8"});
    let address = "aws_vpc_security_group_ingress_rule.r";
    let adds = Plan::default().create(address, rule, &[]).json();
    let group = json!({"id": "sg-default", "vpc_id": "vpc-1", "name": "default", "ingress": [],
        "egress": []});
    let lists = Plan::default()
        .existing("aws_security_group.g", group)
        .json();
    let both = |plans: [&Json; 2]| {
        let mut sink = Sink::default();
        crate::native::read_into(NETWORK, &Arc::from("network.toml"), &mut sink);
        for plan in plans {
            read_into(plan, &mut sink);
        }
        outcome(sink)
    };
    assert_eq!(both([&lists, &adds]).doubts(), []);
    let what = "aws_vpc_security_group_ingress_rule.r of a plan before, since aws_security_group.g is listed as it was \
                without it: name that plan behind this one, or plan this one again once that is applied";
    let doubt = (Touches::Everything, what, true);
    assert_eq!(both([&adds, &lists]).doubts(), [doubt]);
}

#[test]
fn a_default_vpc_that_is_adopted_may_be_any() {
    let adopted = || Plan::default().create("aws_default_vpc.d", json!({}), &[]);
    assert_eq!(after(adopted()).unplaced(), ["aws_default_vpc.d.id"]);
    assert_eq!(adopted().read().unplaced(), Vec::<&str>::new());
}
