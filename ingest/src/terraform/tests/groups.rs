//! Security groups and their rules.

use model::{
    Hole, IcmpFilter, PrefixList, RuleIndex, RulePeer, RulePorts, RuleTraffic, SecurityGroup,
};
use serde_json::{Map, Value as Json, json};

use super::{IN_MAIN, Outcome, Plan, read, read_into, with_vpc};
use crate::diagnostic::Code;
use crate::native;
use crate::sink::Sink;

pub(super) const OF_GROUP: (&str, &[&str]) = (
    "security_group_id",
    &["aws_security_group.g.id", "aws_security_group.g"],
);

/// A new group to which nobody gave a rule.
pub(super) fn with_group() -> Plan {
    let open: &[(&str, &[&str])] = &[
        ("vpc_id", &["aws_vpc.main.id", "aws_vpc.main"]),
        ("ingress", &[]),
        ("egress", &[]),
    ];
    with_vpc().create("aws_security_group.g", json!({"name": "g"}), open)
}

pub(super) fn group(outcome: &Outcome) -> SecurityGroup {
    outcome.get("aws_security_group.g")
}

fn tcp(port: u16) -> RuleTraffic {
    RuleTraffic::Tcp(RulePorts {
        from: port,
        to: port,
    })
}

/// A group with inline ingress, of which the group peers are open.
fn inline(rules: Json, mask: Json, references: &[&str]) -> Outcome {
    let unknown = json!({"id": true, "vpc_id": true, "ingress": mask, "egress": true});
    let mut expressions = Map::new();
    expressions.insert("vpc_id".to_owned(), json!({"references": IN_MAIN[0].1}));
    expressions.insert("ingress".to_owned(), json!({ "references": references }));
    let plan = with_group().create("aws_security_group.h", json!({"name": "h"}), IN_MAIN);
    let values = json!({"name": "i", "ingress": rules});
    plan.masked("aws_security_group.i", values, unknown, expressions)
        .read()
}

#[test]
fn a_group_without_rules_has_none() {
    let outcome = with_group().read();
    let group = group(&outcome);
    assert_eq!((group.ingress.len(), group.egress.len()), (0, 0));
    assert_eq!(group.name, "g");
    outcome.network();
}

#[test]
fn an_inline_rule_is_one_rule_for_each_peer() {
    let rule = json!([{
        "protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8", "192.0.2.0/24"],
        "ipv6_cidr_blocks": ["::/0"], "prefix_list_ids": [], "security_groups": [], "self": true,
    }]);
    let outcome = with_vpc()
        .create(
            "aws_security_group.g",
            json!({"name": "g", "ingress": rule}),
            IN_MAIN,
        )
        .read();
    let group = group(&outcome);
    let peers: Vec<_> = group.ingress.iter().map(|rule| rule.peer.clone()).collect();
    let cidr = |text: &str| RulePeer::Cidr(text.parse().unwrap());
    let itself = RulePeer::Group(group.id.clone());
    assert_eq!(
        peers,
        [
            cidr("10.0.0.0/8"),
            cidr("192.0.2.0/24"),
            cidr("::/0"),
            itself
        ]
    );
    assert!(group.ingress.iter().all(|rule| rule.traffic == tcp(443)));
    let component = model::ComponentId::SecurityGroup(group.id);
    let place = outcome
        .provenance
        .rule(&component, RuleIndex::IngressRule(3))
        .unwrap();
    let pointer = "/planned_values/root_module/resources/1/values/ingress/0";
    assert_eq!(place.pointer.as_deref(), Some(pointer));
    outcome.network();
}

#[test]
fn an_open_group_of_one_inline_rule_is_the_one_referred_to() {
    let rule = json!([{"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": []}]);
    let mask = json!([{"security_groups": true}]);
    let outcome = inline(
        rule,
        mask,
        &["aws_security_group.g.id", "aws_security_group.g"],
    );
    let group: SecurityGroup = outcome.get("aws_security_group.i");
    assert_eq!(
        group.ingress[0].peer,
        RulePeer::Group("aws_security_group.g".into())
    );
    outcome.network();
}

#[test]
fn open_groups_of_several_inline_rules_cannot_be_told_apart() {
    let rule = |port: u16| json!({"protocol": "tcp", "from_port": port, "to_port": port});
    let mask = json!([{"security_groups": true}, {"security_groups": true}]);
    let references: &[&str] = &[
        "aws_security_group.g.id",
        "aws_security_group.g",
        "aws_security_group.h.id",
        "aws_security_group.h",
    ];
    let outcome = inline(json!([rule(80), rule(81)]), mask, references);
    let group: SecurityGroup = outcome.get("aws_security_group.i");
    let peer = |position: u8| {
        RulePeer::OutsideGroup(format!(
            "aws_security_group.i.ingress[{position}].security_groups"
        ))
    };
    let peers: Vec<_> = group.ingress.iter().map(|rule| rule.peer.clone()).collect();
    assert_eq!(peers, [peer(0), peer(1)]);
    outcome.network();
}

#[test]
fn a_dynamic_block_leaves_no_expression_and_its_open_group_is_a_hole() {
    let rule = json!([{"protocol": "tcp", "from_port": 80, "to_port": 80}]);
    let unknown = json!({"id": true, "vpc_id": true, "ingress": [{"security_groups": true}]});
    let mut expressions = Map::new();
    expressions.insert("vpc_id".to_owned(), json!({"references": IN_MAIN[0].1}));
    let values = json!({"name": "g", "ingress": rule});
    let outcome = with_vpc()
        .masked("aws_security_group.g", values, unknown, expressions)
        .read();
    let hole = "aws_security_group.g.ingress[0].security_groups".to_owned();
    assert_eq!(
        group(&outcome).ingress[0].peer,
        RulePeer::OutsideGroup(hole)
    );
    outcome.network();
}

#[test]
fn an_open_block_is_a_list_that_is_not_known() {
    let open: &[(&str, &[&str])] = &[OF_GROUP, ("cidr_ipv4", &["local.block"])];
    let values = json!({"ip_protocol": "tcp", "from_port": 22, "to_port": 22});
    let outcome = with_group()
        .create("aws_vpc_security_group_ingress_rule.r", values, open)
        .read();
    let [rule] = group(&outcome).ingress.try_into().unwrap();
    let RulePeer::PrefixList(list) = rule.peer else {
        panic!()
    };
    let list: PrefixList = outcome.get(list.as_str());
    let hole = "aws_vpc_security_group_ingress_rule.r.cidr_ipv4";
    assert_eq!(list.entries.hole().unwrap().attribute(), hole);
    outcome.network();
}

#[test]
fn the_three_generations_of_rules_say_the_same() {
    let peer: &[&str] = &["aws_security_group.g.id", "aws_security_group.g"];
    let old = json!({"type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22});
    let new = json!({"ip_protocol": "tcp", "from_port": 22, "to_port": 22});
    let resources: [(&str, Json, &str); 2] = [
        ("aws_security_group_rule.r", old, "source_security_group_id"),
        (
            "aws_vpc_security_group_ingress_rule.r",
            new,
            "referenced_security_group_id",
        ),
    ];
    for (address, values, attribute) in resources {
        let open: &[(&str, &[&str])] = &[OF_GROUP, (attribute, peer)];
        let outcome = with_group().create(address, values, open).read();
        let group = group(&outcome);
        let [rule] = group.ingress.as_slice() else {
            panic!("{address}")
        };
        assert_eq!(rule.traffic, tcp(22));
        assert_eq!(rule.peer, RulePeer::Group(group.id.clone()));
        let component = model::ComponentId::SecurityGroup(group.id);
        let place = outcome
            .provenance
            .rule(&component, RuleIndex::IngressRule(0))
            .unwrap();
        let pointer = "/planned_values/root_module/resources/2";
        assert_eq!(place.pointer.as_deref(), Some(pointer));
        outcome.network();
    }
}

#[test]
fn egress_rules_go_out() {
    let rule = json!({"ip_protocol": "-1", "cidr_ipv6": "::/0"});
    let itself = json!({
        "type": "egress", "protocol": "-1", "from_port": 0, "to_port": 0, "self": true,
    });
    let outcome = with_group()
        .create("aws_vpc_security_group_egress_rule.r", rule, &[OF_GROUP])
        .create("aws_security_group_rule.r", itself, &[OF_GROUP])
        .read();
    let group = group(&outcome);
    assert!(group.ingress.is_empty());
    let peers: Vec<_> = group.egress.iter().map(|rule| rule.peer.clone()).collect();
    let everywhere = RulePeer::Cidr("::/0".parse().unwrap());
    assert!(peers.contains(&everywhere) && peers.contains(&RulePeer::Group(group.id.clone())));
    assert!(
        group
            .egress
            .iter()
            .all(|rule| rule.traffic == RuleTraffic::All)
    );
    assert_eq!(outcome.codes(), [Code::MixedStyles]);
    outcome.warned();
}

#[test]
fn protocols_are_read_as_aws_reads_them() {
    let icmp = |icmp_type, code| RuleTraffic::Icmp(IcmpFilter { icmp_type, code });
    for (protocol, from, to, expected) in [
        ("-1", Json::Null, Json::Null, RuleTraffic::All),
        (
            "tcp",
            json!(1),
            json!(2),
            RuleTraffic::Tcp(RulePorts { from: 1, to: 2 }),
        ),
        ("6", json!(-1), json!(-1), RuleTraffic::Tcp(RulePorts::ALL)),
        (
            "UDP",
            json!(0),
            json!(65535),
            RuleTraffic::Udp(RulePorts::ALL),
        ),
        ("icmp", json!(-1), json!(-1), icmp(None, None)),
        ("icmp", json!(8), json!(-1), icmp(Some(8), None)),
        ("1", json!(3), json!(4), icmp(Some(3), Some(4))),
        ("50", Json::Null, Json::Null, RuleTraffic::Protocol(50)),
    ] {
        let values = json!({
            "ip_protocol": protocol, "from_port": from, "to_port": to, "cidr_ipv4": "0.0.0.0/0",
        });
        let outcome = with_group()
            .create("aws_vpc_security_group_ingress_rule.r", values, &[OF_GROUP])
            .read();
        assert_eq!(group(&outcome).ingress[0].traffic, expected, "{protocol}");
        outcome.network();
    }
}

#[test]
fn a_wrong_protocol_or_port_is_an_error_at_its_place() {
    let values = json!({
        "ip_protocol": "tpc", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0",
    });
    let outcome = with_group()
        .create("aws_vpc_security_group_ingress_rule.r", values, &[OF_GROUP])
        .read();
    assert_eq!(outcome.codes(), [Code::InvalidValue]);
    let pointer = "/planned_values/root_module/resources/2/values/ip_protocol";
    assert_eq!(outcome.pointer(), pointer);
}

#[test]
fn a_group_outside_the_plan_is_one_by_name() {
    let values = json!({
        "ip_protocol": "tcp", "from_port": 22, "to_port": 22,
        "referenced_security_group_id": "111122223333/sg-9",
    });
    let outcome = with_group()
        .create("aws_vpc_security_group_ingress_rule.r", values, &[OF_GROUP])
        .read();
    let peer = RulePeer::OutsideGroup("111122223333/sg-9".to_owned());
    assert_eq!(group(&outcome).ingress[0].peer, peer);
    outcome.network();
}

#[test]
fn a_rule_of_one_of_two_groups_may_be_in_either() {
    let open: &[(&str, &[&str])] = &[(
        "security_group_id",
        &[
            "aws_security_group.g",
            "aws_security_group.h",
            "count.index",
        ],
    )];
    let values = json!({
        "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0",
    });
    let outcome = with_group()
        .create("aws_security_group.h", json!({"name": "h"}), IN_MAIN)
        .create("aws_vpc_security_group_ingress_rule.r", values, open)
        .read();
    for id in ["aws_security_group.g", "aws_security_group.h"] {
        let group: SecurityGroup = outcome.get(id);
        assert!(group.ingress.iter().all(|rule| rule.traffic == tcp(22)));
        let is_open = |rule: &model::GroupRule| match &rule.peer {
            RulePeer::PrefixList(list) => outcome
                .get::<PrefixList>(list.as_str())
                .entries
                .known()
                .is_none(),
            RulePeer::OutsideGroup(_) => true,
            RulePeer::Cidr(_) | RulePeer::Group(_) => false,
        };
        assert!(!group.ingress.is_empty() && group.ingress.iter().all(is_open));
    }
    outcome.network();
}

/// A rule of a group that is not known may be one of a group of an earlier input.
#[test]
fn a_rule_of_some_group_is_unplaced_beside_an_earlier_network() {
    let open: &[(&str, &[&str])] = &[("security_group_id", &["local.group"])];
    let values = json!({
        "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0",
    });
    let rule = "aws_vpc_security_group_ingress_rule.r";
    let plan = with_group().create(rule, values, open).json();
    assert!(read(&plan).unplaced().is_empty());
    let mut sink = Sink::default();
    let earlier = "[vpc.v]\ncidrs = [\"10.9.0.0/16\"]\n[security-group.earlier]\nvpc = \"v\"\n";
    native::read_into(earlier, &"network.toml".into(), &mut sink);
    read_into(&plan, &mut sink);
    let unplaced: Vec<_> = sink.unplaced.iter().map(Hole::attribute).collect();
    assert_eq!(unplaced, [format!("{rule}.security_group_id")]);
}

fn existing(ingress: Json) -> Plan {
    let vpc = json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16"});
    let group = json!({"id": "sg-1", "vpc_id": "vpc-1", "name": "g", "ingress": ingress});
    Plan::default()
        .existing("aws_vpc.main", vpc)
        .existing("aws_security_group.g", group)
}

fn ssh(cidrs: &[&str]) -> Json {
    json!([{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": cidrs}])
}

#[test]
fn a_state_shows_a_rule_of_its_own_in_its_group_too_and_it_is_one() {
    let alone = json!({
        "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22,
        "cidr_ipv4": "192.0.2.0/24",
    });
    let outcome = existing(ssh(&["192.0.2.0/24"]))
        .existing("aws_vpc_security_group_ingress_rule.r", alone)
        .read();
    assert_eq!(outcome.get::<SecurityGroup>("sg-1").ingress.len(), 1);
    outcome.network();
}

#[test]
fn a_deleted_rule_is_gone_from_the_group_that_still_shows_it() {
    let before = json!({
        "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22,
        "cidr_ipv4": "192.0.2.0/24",
    });
    let outcome = existing(ssh(&["192.0.2.0/24", "198.51.100.0/24"]))
        .deleted("aws_vpc_security_group_ingress_rule.r", before)
        .read();
    let [rule] = outcome
        .get::<SecurityGroup>("sg-1")
        .ingress
        .try_into()
        .unwrap();
    assert_eq!(
        rule.peer,
        RulePeer::Cidr("198.51.100.0/24".parse().unwrap())
    );
    outcome.network();
}

#[test]
fn an_adopted_default_group_has_only_its_own_rules() {
    let open: &[(&str, &[&str])] = &[
        ("vpc_id", &["aws_vpc.main.id", "aws_vpc.main"]),
        ("ingress", &[]),
        ("egress", &[]),
        ("name", &[]),
    ];
    let outcome = with_vpc()
        .create("aws_default_security_group.d", json!({}), open)
        .read();
    let group: SecurityGroup = outcome.get("aws_vpc.main#default-security-group");
    assert_eq!((group.ingress.len(), group.egress.len()), (0, 0));
    assert_eq!(group.name, "default");
    outcome.network();
}

#[test]
fn a_group_of_a_state_is_read_without_a_configuration() {
    let mut document = existing(ssh(&["192.0.2.0/24"])).json();
    let state = json!({
        "format_version": "1.0", "values": document["planned_values"].take(),
    });
    let outcome = read(&state);
    assert_eq!(outcome.get::<SecurityGroup>("sg-1").ingress.len(), 1);
}
