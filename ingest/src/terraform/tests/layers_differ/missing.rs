//! What only the plan has.

use super::whole::{plan, resources, uncertain, without};
use super::*;

const IGW: &str = "[internet-gateway.igw-1]\nedge-route-table = \"rtb-edge\"\n";
const DX: &str = "[direct-connect-association.ga-1]\ngateway = \"virtual-private-gateway:vgw-1\"\nallowed-prefixes = [\"10.0.0.0/16\"]\n";

/// Each row is what is taken out of the network, and what is not certain then.
#[test]
fn what_only_the_plan_has_may_not_be_there() {
    let (route, propagation) = (
        "routes = [\"10.0.0.0/16 -> attachment:tgw-attach-1\"]\n",
        "propagations = [\"tgw-attach-1\"]\n",
    );
    let rows: [(&[&str], &[&str]); 8] = [
        (
            &["[security-group.sg-1]\n", "groups = [\"sg-1\"]\n"],
            &["id of sg-1"],
        ),
        (&[IGW], &["id of igw-1"]),
        (
            &[
                "[nat-gateway.nat-1]\ninterface = \"eni-nat\"\n",
                "attachment = \"nat-gateway:nat-1\"\n",
            ],
            &["id of nat-1"],
        ),
        (
            &[
                "[virtual-private-gateway.vgw-1]\nprefixes = [\"192.168.0.0/16\"]\nedge-route-table = \"rtb-edge\"\n",
                DX,
            ],
            &["id of vgw-1"],
        ),
        (
            &[
                "[hosted-zone.Z1]\nname = \"corp.internal\"\nrecords = [\"db.corp.internal -> 10.0.1.9\"]\n",
            ],
            &["id of Z1"],
        ),
        (
            &["[resolver-rule.rslvr-rr-1]\ndomain = \"example.com\"\naction = \"forward\"\n"],
            &["id of rslvr-rr-1"],
        ),
        (
            &[
                "[transit-gateway-attachment.tgw-attach-1]\nsubnets = [\"subnet-a\"]\nassociation = \"tgw-rtb-1\"\n",
                route,
                propagation,
            ],
            &[
                "routes of tgw-rtb-1",
                "propagations of tgw-rtb-1",
                "id of tgw-attach-1",
            ],
        ),
        (
            &[
                "[transit-gateway-route-table.tgw-rtb-1]\n",
                "association = \"tgw-rtb-1\"\n",
                route,
                propagation,
            ],
            &[
                "transit_gateway_route_table_id of tgw-attach-1",
                "id of tgw-rtb-1",
            ],
        ),
    ];
    for (parts, expected) in rows {
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(uncertain(&without(parts), plan(|_, _| {})), expected);
    }
}

/// What the change takes away is not there afterwards, whatever was there before.
#[test]
fn what_the_plan_deletes_need_not_be_there() {
    let network = without(&[IGW]);
    let (address, gateway) = (
        "aws_internet_gateway.i",
        json!({"id": "igw-1", "vpc_id": "vpc-1"}),
    );
    let kept = resources().into_iter().filter(|(one, _)| *one != address);
    let plan = kept.fold(Plan::default(), |plan, (address, values)| {
        plan.existing(address, values)
    });
    assert_eq!(uncertain(&network, plan.deleted(address, gateway)), [""; 0]);
}

/// Another stack's state does not list what is there of others.
#[test]
fn a_state_before_the_plan_need_not_have_it() {
    let mut sink = Sink::default();
    let others = ["aws_vpc.v", "aws_subnet.a"];
    let of_others = resources()
        .into_iter()
        .filter(|(one, _)| others.contains(one));
    let state = of_others.fold(Plan::default(), |plan, (address, values)| {
        plan.existing(address, values)
    });
    read_into(&state.json(), &mut sink);
    read_into(&plan(|_, _| {}).json(), &mut sink);
    assert_eq!(outcome(sink).assumes(DIFFER), [""; 0]);
}

/// What a snapshot lists and its reader leaves out is there.
#[test]
fn what_is_left_out_of_the_snapshot_is_not_missing() {
    let network = without(&[IGW]);
    let mut sink = Sink::default();
    crate::native::read_into(&network, &Arc::from("network.toml"), &mut sink);
    let listed = (crate::provenance::Kind::InternetGateway, "igw-1".to_owned());
    sink.listed.insert(listed);
    read_into(&plan(|_, _| {}).json(), &mut sink);
    assert_eq!(outcome(sink).assumes(DIFFER), [""; 0]);
}

/// Each row is one more thing that the plan says is there.
#[test]
fn of_each_kind_one_may_not_be_there() {
    let balancer = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/net/x/9";
    let known = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/net/l/1";
    let rows = [
        (
            "aws_subnet.x",
            json!({"id": "subnet-x", "vpc_id": "vpc-1", "cidr_block": "10.0.9.0/24"}),
            "id of subnet-x",
        ),
        (
            "aws_route_table.x",
            json!({"id": "rtb-x", "vpc_id": "vpc-1", "route": []}),
            "id of rtb-x",
        ),
        (
            "aws_network_acl.x",
            json!({"id": "acl-x", "vpc_id": "vpc-1", "ingress": [], "egress": [], "subnet_ids": []}),
            "id of acl-x",
        ),
        (
            "aws_network_interface.x",
            json!({"id": "eni-x", "subnet_id": "subnet-a", "private_ips": ["10.0.1.77"],
                "security_groups": ["sg-1"]}),
            "id of eni-x",
        ),
        (
            "aws_egress_only_internet_gateway.x",
            json!({"id": "eigw-x", "vpc_id": "vpc-1"}),
            "id of eigw-x",
        ),
        (
            "aws_vpc_endpoint.x",
            json!({"id": "vpce-x", "vpc_id": "vpc-1", "vpc_endpoint_type": "Gateway",
                "service_name": "com.amazonaws.ap-northeast-1.dynamodb", "state": "available"}),
            "id of vpce-x",
        ),
        (
            "aws_vpc_peering_connection.x",
            json!({"id": "pcx-x", "vpc_id": "vpc-1", "peer_vpc_id": "vpc-9", "accept_status": "active"}),
            "id of pcx-x",
        ),
        (
            "aws_lb.x",
            json!({"id": balancer, "arn": balancer, "load_balancer_type": "network",
                "internal": true, "subnets": ["subnet-a"], "security_groups": ["sg-1"]}),
            "id of net/x/9",
        ),
        (
            "aws_vpc_endpoint_service.x",
            json!({"id": "vpce-svc-x", "acceptance_required": true,
                "service_name": "com.amazonaws.vpce.ap-northeast-1.vpce-svc-x",
                "network_load_balancer_arns": [known], "allowed_principals": []}),
            "id of vpce-svc-x",
        ),
    ];
    for (address, values, expected) in rows {
        let more = plan(|_, _| {}).existing(address, values);
        assert_eq!(uncertain(whole::NETWORK, more), [expected], "{address}");
    }
}

/// A VPC belongs to a Region of an account: a snapshot of the same lists it.
#[test]
fn a_vpc_may_not_be_there_where_the_snapshot_has_others_of_its_region_and_account() {
    let vpc = |account: &str| {
        format!("[vpc.vpc-2]\nregion = \"ap-northeast-1\"\n{account}cidrs = [\"10.5.0.0/16\"]\n")
    };
    let of = |network: &str, owner: &str| {
        let mut values = resources().swap_remove(0).1;
        values["owner_id"] = json!(owner);
        uncertain(network, Plan::default().existing("aws_vpc.v", values))
    };
    let network = vpc("account = \"111122223333\"\n");
    assert_eq!(of(&network, "111122223333"), ["id of vpc-1"]);
    assert_eq!(of(&network, "444455556666"), [""; 0]);
    assert_eq!(of(&vpc(""), ""), [""; 0]);
}

/// A rule of its own that a snapshot does not show may be gone; the state of another stack may be the older one.
#[test]
fn what_a_state_does_not_show_of_a_part_is_there() {
    let rule = json!({"id": "sgr-1", "security_group_id": "sg-1", "cidr_ipv4": "10.0.0.0/8",
        "ip_protocol": "-1"});
    let address = "aws_vpc_security_group_ingress_rule.r";
    let plan = || Plan::default().existing(address, rule.clone()).json();
    let over_snapshot = read_over(whole::NETWORK, &plan());
    assert_eq!(over_snapshot.assumes(DIFFER).len(), 1);
    let mut sink = Sink::default();
    let owners = ["aws_vpc.v", "aws_security_group.g"];
    let owners = resources()
        .into_iter()
        .filter(|(one, _)| owners.contains(one));
    let state = owners.fold(Plan::default(), |plan, (address, values)| {
        plan.existing(address, values)
    });
    read_into(&state.json(), &mut sink);
    read_into(&plan(), &mut sink);
    let over_state = outcome(sink);
    assert_eq!(over_state.assumes(DIFFER), [""; 0]);
    let rules = over_state.get::<SecurityGroup>("sg-1").ingress;
    assert!(matches!(rules.as_slice(), [one] if matches!(one.peer, RulePeer::Cidr(_))));
}
