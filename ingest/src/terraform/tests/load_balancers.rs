//! Load balancers, target groups and endpoint services.

use std::sync::Arc;

use model::{
    Address, AddressValue, Attachment, EndpointKind, EndpointService, Listener, ListenerProtocol,
    LoadBalancer, LoadBalancerKind, NetworkInterface, RegisteredTarget, TargetDestination,
    TargetGroup, Value, VpcEndpoint,
};
use serde_json::{Value as Json, json};

use super::{IN_MAIN, Outcome, Plan, read, read_into, with_subnet};
use crate::diagnostic::Code;
use crate::sink::Sink;

type Open<'o> = (&'o str, &'o [&'o str]);

const OF_LB: Open<'_> = ("load_balancer_arn", &["aws_lb.x.arn", "aws_lb.x"]);
const OF_GROUP: Open<'_> = (
    "target_group_arn",
    &["aws_lb_target_group.g.arn", "aws_lb_target_group.g"],
);
const IN_SUBNETS: Open<'_> = (
    "subnets",
    &[
        "aws_subnet.a.id",
        "aws_subnet.a",
        "aws_subnet.b.id",
        "aws_subnet.b",
    ],
);
const INSTANCE: Open<'_> = ("target_id", &["aws_instance.i.id", "aws_instance.i"]);

fn references(of: &[&str]) -> Json {
    json!({ "references": of })
}

/// A VPC with the subnets `a` and `b`, and a load balancer `aws_lb.x` in both.
fn with_lb(values: Json) -> Plan {
    with_subnet()
        .create(
            "aws_subnet.b",
            json!({"cidr_block": "10.0.2.0/24"}),
            IN_MAIN,
        )
        .create("aws_lb.x", values, &[IN_SUBNETS, ("security_groups", &[])])
}

fn network() -> Json {
    json!({"load_balancer_type": "network", "internal": true})
}

impl Plan {
    /// The listener `aws_lb_listener.l` of `aws_lb.x`, which forwards to `aws_lb_target_group.g`.
    fn listener(self, protocol: &str, port: u16) -> Plan {
        let action = json!({"type": "forward", "forward": []});
        let values = json!({"protocol": protocol, "port": port, "default_action": [action]});
        let unknown = json!({
            "id": true, "arn": true, "load_balancer_arn": true,
            "default_action": [{"target_group_arn": true, "forward": []}],
        });
        let expressions = json!({
            "load_balancer_arn": references(OF_LB.1),
            "default_action": [{"target_group_arn": references(OF_GROUP.1)}],
        });
        let expressions = expressions.as_object().unwrap().clone();
        self.masked("aws_lb_listener.l", values, unknown, expressions)
    }

    fn group(self, values: Json) -> Plan {
        let open = [
            ("preserve_client_ip", &[] as &[&str]),
            ("load_balancing_cross_zone_enabled", &[]),
        ];
        self.create("aws_lb_target_group.g", values, &open)
    }

    /// The instance `aws_instance.i`, and its place in the group.
    fn attached(self) -> Plan {
        let subnet: Open<'_> = ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]);
        self.create("aws_instance.i", json!({}), &[subnet]).create(
            "aws_lb_target_group_attachment.i",
            json!({}),
            &[OF_GROUP, INSTANCE],
        )
    }
}

fn tcp_group() -> Json {
    json!({"protocol": "TCP", "port": 8080, "target_type": "instance"})
}

fn balancer(outcome: &Outcome) -> LoadBalancer {
    outcome.get("aws_lb.x")
}

fn group(outcome: &Outcome) -> TargetGroup {
    outcome.get("aws_lb_target_group.g")
}

/// What the targets of the group wait for.
fn missing(outcome: &Outcome) -> String {
    group(outcome)
        .targets
        .hole()
        .unwrap()
        .attribute()
        .to_owned()
}

/// What the listeners of the load balancer wait for.
fn missing_listeners(outcome: &Outcome) -> String {
    balancer(outcome)
        .listeners
        .hole()
        .unwrap()
        .attribute()
        .to_owned()
}

fn to_instance(port: u16) -> RegisteredTarget {
    RegisteredTarget {
        destination: TargetDestination::Interface("aws_instance.i#eni".into()),
        port,
    }
}

#[test]
fn a_load_balancer_has_an_interface_in_each_subnet() {
    let outcome = with_lb(json!({"load_balancer_type": "application"})).read();
    let found = balancer(&outcome);
    let ids = [
        "aws_lb.x#eni[\"aws_subnet.a\"]",
        "aws_lb.x#eni[\"aws_subnet.b\"]",
    ];
    assert_eq!(found.interfaces, ids.map(Into::into).into());
    assert_eq!(found.kind, LoadBalancerKind::Application);
    assert!(found.private_link_ingress);
    assert_eq!(
        missing_listeners(&outcome),
        "listeners of aws_lb.x (aws_lb_listener)"
    );
    let interface: NetworkInterface = outcome.get(ids[0]);
    assert_eq!(
        interface.attachment,
        Attachment::LoadBalancer("aws_lb.x".into())
    );
    // Without groups it has the default one of its VPC.
    let default = "aws_vpc.main#default-security-group".into();
    assert_eq!(interface.groups, Value::Known([default].into()));
    let AddressValue::Within(block, hole) = &interface.addresses[0].private else {
        panic!()
    };
    assert_eq!(block.to_string(), "10.0.1.0/24");
    assert_eq!(
        hole.attribute(),
        "aws_lb.x.subnet_mapping[\"aws_subnet.a\"].private_ipv4_address"
    );
    // It faces the internet unless it says otherwise.
    let Some(AddressValue::Within(block, hole)) = &interface.addresses[0].public else {
        panic!()
    };
    assert_eq!(block.to_string(), "0.0.0.0/0");
    assert_eq!(
        hole.attribute(),
        "aws_lb.x.subnet_mapping[\"aws_subnet.a\"].public_ip"
    );
    outcome.network();
}

#[test]
fn a_network_load_balancer_has_no_group_unless_it_is_told() {
    let mut values = network();
    values["enforce_security_group_inbound_rules_on_private_link_traffic"] = json!("off");
    let outcome = with_lb(values).read();
    let interface: NetworkInterface = outcome.get("aws_lb.x#eni[\"aws_subnet.b\"]");
    assert_eq!(interface.groups, Value::Known([].into()));
    assert_eq!(interface.addresses[0].public, None);
    assert!(!balancer(&outcome).private_link_ingress);
    outcome.network();
    let open: [Open<'_>; 2] = [IN_SUBNETS, ("security_groups", &["local.groups"])];
    let outcome = with_subnet()
        .create(
            "aws_subnet.b",
            json!({"cidr_block": "10.0.2.0/24"}),
            IN_MAIN,
        )
        .create("aws_lb.x", network(), &open)
        .read();
    let interface: NetworkInterface = outcome.get("aws_lb.x#eni[\"aws_subnet.b\"]");
    assert_eq!(
        interface.groups.hole().unwrap().attribute(),
        "aws_lb.x.security_groups"
    );
    outcome.network();
}

#[test]
fn subnet_mappings_give_addresses() {
    let mapping = |address: &str| json!({"private_ipv4_address": address, "allocation_id": "", "ipv6_address": ""});
    let values = json!({
        "load_balancer_type": "network", "ip_address_type": "ipv4",
        "subnet_mapping": [mapping(""), mapping("10.0.1.15")],
    });
    let open = json!({"subnet_id": true, "allocation_id": true});
    let unknown =
        json!({"id": true, "arn": true, "subnets": true, "subnet_mapping": [open.clone(), open]});
    let block = |subnet: &str, elastic: &str| {
        let ids = [format!("{subnet}.id"), subnet.to_owned()];
        let ids: Vec<_> = ids.iter().map(String::as_str).collect();
        let of = [format!("{elastic}.id"), elastic.to_owned()];
        let of: Vec<_> = of.iter().map(String::as_str).collect();
        json!({"subnet_id": references(&ids), "allocation_id": references(&of)})
    };
    let expressions = json!({"subnet_mapping": [block("aws_subnet.a", "aws_eip.n"), block("aws_subnet.b", "aws_eip.n")]});
    let outcome = with_subnet()
        .create(
            "aws_subnet.b",
            json!({"cidr_block": "10.0.2.0/24"}),
            IN_MAIN,
        )
        .create("aws_eip.n", json!({}), &[("public_ip", &[])])
        .masked(
            "aws_lb.x",
            values,
            unknown,
            expressions.as_object().unwrap().clone(),
        )
        .read();
    let interface: NetworkInterface = outcome.get("aws_lb.x#eni[\"aws_subnet.a\"]");
    assert_eq!(
        interface.addresses[0].private,
        AddressValue::Known(Address::V4(0x0a00_010f))
    );
    let Some(AddressValue::Within(_, hole)) = &interface.addresses[0].public else {
        panic!()
    };
    assert_eq!(hole.attribute(), "aws_eip.n.public_ip");
    let interface: NetworkInterface = outcome.get("aws_lb.x#eni[\"aws_subnet.b\"]");
    assert!(matches!(
        interface.addresses[0].private,
        AddressValue::Within(..)
    ));
    outcome.network();
}

#[test]
fn listeners_forward_to_the_groups_of_their_action() {
    let plan = with_lb(network())
        .listener("TCP", 443)
        .group(tcp_group())
        .attached();
    let outcome = plan.read();
    let listener = Listener {
        protocol: ListenerProtocol::Tcp,
        port: 443,
        target_groups: ["aws_lb_target_group.g".into()].into(),
    };
    assert_eq!(balancer(&outcome).listeners, Value::Known(vec![listener]));
    let group = group(&outcome);
    assert_eq!(group.targets, Value::Known(vec![to_instance(8080)]));
    assert!(group.preserve_client_address && !group.cross_zone);
    outcome.network();
}

#[test]
fn rules_forward_to_several_groups() {
    let unknown = json!({
        "id": true, "arn": true, "listener_arn": true,
        "action": [{"forward": [{"target_group": [{"arn": true}, {"arn": true}]}]}],
    });
    let of = |name: &str| {
        let names = [
            format!("aws_lb_target_group.{name}.arn"),
            format!("aws_lb_target_group.{name}"),
        ];
        json!({"arn": references(&names.iter().map(String::as_str).collect::<Vec<_>>())})
    };
    let rule = |groups: &[&str]| {
        let groups: Vec<_> = groups.iter().map(|name| of(name)).collect();
        let expressions = json!({
            "listener_arn": references(&["aws_lb_listener.l.arn", "aws_lb_listener.l"]),
            "action": [{"forward": [{"target_group": groups}]}],
        });
        let values = json!({"action": [{"type": "forward", "target_group_arn": null, "forward": [{"target_group": [{"weight": 1}, {"weight": 1}]}]}]});
        with_lb(json!({}))
            .listener("HTTPS", 443)
            .group(json!({"protocol": "HTTP", "port": 80}))
            .create(
                "aws_lb_target_group.h",
                json!({"protocol": "HTTP", "port": 80}),
                &[],
            )
            .create(
                "aws_lb_target_group.j",
                json!({"protocol": "HTTP", "port": 80}),
                &[],
            )
            .masked(
                "aws_lb_listener_rule.r",
                values,
                unknown.clone(),
                expressions.as_object().unwrap().clone(),
            )
            .read()
    };
    let outcome = rule(&["h", "j"]);
    let groups = ["g", "h", "j"].map(|name| format!("aws_lb_target_group.{name}").as_str().into());
    let listeners = balancer(&outcome).listeners;
    assert_eq!(listeners.known().unwrap()[0].target_groups, groups.into());
    // An Application Load Balancer hands on to every zone.
    assert!(group(&outcome).cross_zone);
    outcome.network();
    let outcome = rule(&["h"]);
    assert_eq!(
        balancer(&outcome).listeners.known().unwrap()[0]
            .target_groups
            .len(),
        2
    );
    let outcome = rule(&["g", "h", "j"]);
    let hole = "aws_lb_listener_rule.r.action[0].forward[0].target_group[0].arn";
    assert_eq!(missing_listeners(&outcome), hole);
}

#[test]
fn what_listeners_do_not_tell_is_a_hole() {
    let values = json!({"protocol": "TCP", "port": 80, "default_action": [{"type": "forward"}]});
    let untraced = |unknown: Json| {
        let expressions = json!({"load_balancer_arn": references(OF_LB.1)});
        with_lb(network())
            .masked(
                "aws_lb_listener.l",
                values.clone(),
                unknown,
                expressions.as_object().unwrap().clone(),
            )
            .read()
    };
    // As a dynamic block leaves it.
    let outcome = untraced(
        json!({"load_balancer_arn": true, "default_action": [{"target_group_arn": true}]}),
    );
    assert_eq!(
        missing_listeners(&outcome),
        "aws_lb_listener.l.default_action[0].target_group_arn"
    );
    let outcome = untraced(json!({"load_balancer_arn": true, "default_action": true}));
    assert_eq!(
        missing_listeners(&outcome),
        "aws_lb_listener.l.default_action"
    );
    let open: [Open<'_>; 2] = [OF_LB, ("port", &["local.port"])];
    let outcome = with_lb(network())
        .create("aws_lb_listener.l", json!({"protocol": "TCP"}), &open)
        .read();
    assert_eq!(missing_listeners(&outcome), "aws_lb_listener.l.port");
    // Of which load balancer it is, cannot be told.
    let open: [Open<'_>; 1] = [("load_balancer_arn", &["local.arn"])];
    let outcome = with_lb(network())
        .create(
            "aws_lb_listener.l",
            json!({"protocol": "TCP", "port": 80}),
            &open,
        )
        .read();
    assert_eq!(outcome.codes(), [Code::NotModelled]);
    assert!(
        outcome.messages()[0].contains("aws_lb_listener.l"),
        "{:?}",
        outcome.messages()
    );
}

#[test]
fn several_load_balancers_that_a_listener_may_be_of_are_open() {
    let open: [Open<'_>; 1] = [(
        "load_balancer_arn",
        &["aws_lb.x.arn", "aws_lb.x", "aws_lb.y.arn", "aws_lb.y"],
    )];
    let outcome = with_lb(network())
        .create("aws_lb.y", network(), &[IN_SUBNETS])
        .create(
            "aws_lb_listener.l",
            json!({"protocol": "TCP", "port": 80}),
            &open,
        )
        .read();
    for id in ["aws_lb.x", "aws_lb.y"] {
        let found: LoadBalancer = outcome.get(id);
        assert_eq!(
            found.listeners.hole().unwrap().attribute(),
            "aws_lb_listener.l.load_balancer_arn"
        );
    }
}

#[test]
fn wrong_ports_protocols_and_types_are_errors_at_their_place() {
    let wrong = |values: Json| {
        with_lb(network())
            .create("aws_lb_listener.l", values, &[OF_LB])
            .read()
    };
    let outcome = wrong(json!({"protocol": "SCTP", "port": 80}));
    assert_eq!(outcome.codes(), [Code::InvalidValue]);
    assert_eq!(
        outcome.pointer(),
        "/planned_values/root_module/resources/4/values/protocol"
    );
    let outcome = wrong(json!({"protocol": "TCP", "port": 70000}));
    assert_eq!(
        outcome.pointer(),
        "/planned_values/root_module/resources/4/values/port"
    );
    let outcome = with_lb(json!({"load_balancer_type": "magic"})).read();
    assert_eq!(
        outcome.pointer(),
        "/planned_values/root_module/resources/3/values/load_balancer_type"
    );
    let cross = json!({"protocol": "TCP", "port": 1, "load_balancing_cross_zone_enabled": "maybe"});
    let outcome = with_lb(network())
        .create("aws_lb_target_group.g", cross, &[])
        .read();
    assert_eq!(outcome.codes(), [Code::InvalidValue]);
    let target = json!({"target_id": "10.0.1"});
    let outcome = with_lb(network())
        .group(json!({"protocol": "TCP", "port": 1, "target_type": "ip"}))
        .create("aws_lb_target_group_attachment.t", target, &[OF_GROUP])
        .read();
    assert_eq!(outcome.codes(), [Code::InvalidAddress]);
    assert_eq!(
        outcome.pointer(),
        "/planned_values/root_module/resources/5/values/target_id"
    );
}

#[test]
fn gateway_load_balancers_are_named() {
    let outcome = with_lb(json!({"load_balancer_type": "gateway"}))
        .group(json!({"protocol": "GENEVE", "port": 6081}))
        .read();
    assert_eq!(
        outcome.messages(),
        [
            "`aws_lb.x`: a Gateway Load Balancer is not modelled",
            "`aws_lb_target_group.g`: a target group of a Gateway Load Balancer is not modelled",
        ]
    );
    outcome.warned();
}

#[test]
fn targets_are_instances_addresses_and_load_balancers() {
    let alb = json!({"protocol": "TCP", "port": 80, "target_type": "alb"});
    let to: Open<'_> = ("target_id", &["aws_lb.x.arn", "aws_lb.x"]);
    let outcome = with_lb(json!({}))
        .group(alb)
        .create(
            "aws_lb_target_group_attachment.t",
            json!({"port": 81}),
            &[OF_GROUP, to],
        )
        .read();
    let target = group(&outcome).targets.known().unwrap()[0].clone();
    assert_eq!(
        target.destination,
        TargetDestination::LoadBalancer("aws_lb.x".into())
    );
    assert_eq!(target.port, 81);
    outcome.network();
    let ip = json!({"protocol": "TCP", "port": 80, "target_type": "ip"});
    let outcome = with_lb(network())
        .group(ip.clone())
        .create(
            "aws_lb_target_group_attachment.t",
            json!({"target_id": "10.0.1.9"}),
            &[OF_GROUP],
        )
        .read();
    let found = group(&outcome);
    let target = &found.targets.known().unwrap()[0];
    assert_eq!(
        target.destination,
        TargetDestination::Address(Address::V4(0x0a00_0109))
    );
    assert!(!found.preserve_client_address);
    outcome.network();
    // An address that is not known yet is that of its interface.
    let to: Open<'_> = (
        "target_id",
        &["aws_instance.i.private_ip", "aws_instance.i"],
    );
    let subnet: Open<'_> = ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]);
    let outcome = with_lb(network())
        .group(ip)
        .create("aws_instance.i", json!({}), &[subnet, ("private_ip", &[])])
        .create(
            "aws_lb_target_group_attachment.t",
            json!({}),
            &[OF_GROUP, to],
        )
        .read();
    assert_eq!(group(&outcome).targets, Value::Known(vec![to_instance(80)]));
    outcome.network();
}

#[test]
fn functions_are_named_and_no_candidates() {
    let outcome = with_lb(json!({}))
        .listener("HTTP", 80)
        .group(json!({"target_type": "lambda"}))
        .create(
            "aws_lb_target_group_attachment.t",
            json!({"target_id": "arn:aws:lambda:x"}),
            &[OF_GROUP],
        )
        .read();
    assert_eq!(group(&outcome).targets, Value::Known(Vec::new()));
    let expected = "`aws_lb_target_group.g`: a Lambda function as a target is not modelled";
    assert_eq!(outcome.messages(), [expected]);
    outcome.warned();
}

#[test]
fn who_registers_targets_by_itself_leaves_them_open() {
    let base = || {
        with_lb(network())
            .listener("TCP", 80)
            .group(tcp_group())
            .attached()
    };
    let arn = &["aws_lb_target_group.g.arn", "aws_lb_target_group.g"];
    let outcome = base()
        .create(
            "aws_autoscaling_group.s",
            json!({}),
            &[("target_group_arns", arn)],
        )
        .read();
    assert_eq!(
        missing(&outcome),
        "aws_autoscaling_group.s.target_group_arns"
    );
    outcome.warned();
    let outcome = base()
        .create(
            "aws_autoscaling_attachment.s",
            json!({}),
            &[("lb_target_group_arn", arn)],
        )
        .read();
    assert_eq!(
        missing(&outcome),
        "aws_autoscaling_attachment.s.lb_target_group_arn"
    );
    let service = |expressions: Json| {
        let unknown = json!({"id": true, "load_balancer": [{"target_group_arn": true}]});
        let values = json!({"load_balancer": [{"container_port": 80}]});
        let expressions = expressions.as_object().unwrap().clone();
        base()
            .masked("aws_ecs_service.s", values, unknown, expressions)
            .read()
    };
    let outcome = service(json!({"load_balancer": [{"target_group_arn": references(arn)}]}));
    assert_eq!(
        missing(&outcome),
        "aws_ecs_service.s.load_balancer[0].target_group_arn"
    );
    // A dynamic block may mean any group.
    let outcome = service(json!({}));
    assert_eq!(
        missing(&outcome),
        "aws_ecs_service.s.load_balancer[0].target_group_arn"
    );
    let outcome = base()
        .create(
            "aws_autoscaling_group.s",
            json!({}),
            &[("target_group_arns", &["local.arns"])],
        )
        .read();
    assert_eq!(
        missing(&outcome),
        "aws_autoscaling_group.s.target_group_arns"
    );
    let outcome = with_lb(network())
        .listener("TCP", 80)
        .group(tcp_group())
        .read();
    assert_eq!(
        missing(&outcome),
        "targets of aws_lb_target_group.g (no aws_lb_target_group_attachment is in the plan)"
    );
    outcome.network();
}

#[test]
fn targets_that_cannot_be_traced_are_a_hole() {
    let to: Open<'_> = ("target_id", &["local.instance"]);
    let outcome = with_lb(network())
        .group(tcp_group())
        .create(
            "aws_lb_target_group_attachment.t",
            json!({}),
            &[OF_GROUP, to],
        )
        .read();
    assert_eq!(
        missing(&outcome),
        "aws_lb_target_group_attachment.t.target_id"
    );
    let outcome = with_lb(network())
        .group(tcp_group())
        .create(
            "aws_lb_target_group_attachment.t",
            json!({"target_id": "i-9"}),
            &[OF_GROUP],
        )
        .read();
    assert_eq!(
        missing(&outcome),
        "aws_lb_target_group_attachment.t.target_id"
    );
    outcome.network();
}

#[test]
fn flags_are_the_attributes_or_what_aws_has_by_default() {
    let flags = |lb: Json, group_values: Json| {
        let plan = with_lb(lb).listener("TCP", 80);
        let outcome = plan.group(group_values).attached().read();
        let found = group(&outcome);
        assert!(found.targets.known().is_some());
        (found.preserve_client_address, found.cross_zone)
    };
    let mut crossing = network();
    crossing["enable_cross_zone_load_balancing"] = json!(true);
    assert_eq!(flags(network(), tcp_group()), (true, false));
    assert_eq!(flags(crossing.clone(), tcp_group()), (true, true));
    let mut own = tcp_group();
    own["load_balancing_cross_zone_enabled"] = json!("false");
    own["preserve_client_ip"] = json!("false");
    assert_eq!(flags(crossing, own.clone()), (false, false));
    own["protocol"] = json!("UDP");
    assert_eq!(flags(network(), own), (true, false));
    let open: [Open<'_>; 1] = [("preserve_client_ip", &["local.preserve"])];
    let outcome = with_lb(network())
        .create("aws_lb_target_group.g", tcp_group(), &open)
        .attached()
        .read();
    assert_eq!(
        missing(&outcome),
        "aws_lb_target_group.g.preserve_client_ip"
    );
}

/// A service in front of `aws_lb.x`, and an endpoint for it in a VPC of its own.
fn with_service(service: Json) -> Plan {
    let arns: Open<'_> = ("network_load_balancer_arns", &["aws_lb.x.arn", "aws_lb.x"]);
    let name: &[&str] = &[
        "aws_vpc_endpoint_service.s.service_name",
        "aws_vpc_endpoint_service.s",
    ];
    let vpc: Open<'_> = ("vpc_id", &["aws_vpc.c.id", "aws_vpc.c"]);
    let subnet: Open<'_> = ("subnet_ids", &["aws_subnet.c.id", "aws_subnet.c"]);
    with_lb(network())
        .create(
            "aws_vpc_endpoint_service.s",
            service,
            &[arns, ("service_name", &[])],
        )
        .create("aws_vpc.c", json!({"cidr_block": "10.0.0.0/16"}), &[])
        .create("aws_subnet.c", json!({"cidr_block": "10.0.1.0/24"}), &[vpc])
        .create(
            "aws_vpc_endpoint.e",
            json!({"vpc_endpoint_type": "Interface", "private_dns_enabled": true}),
            &[vpc, subnet, ("service_name", name), ("state", &[])],
        )
}

#[test]
fn consumer_and_provider_meet_by_the_name_that_aws_has_yet_to_give() {
    let of: Open<'_> = (
        "vpc_endpoint_service_id",
        &[
            "aws_vpc_endpoint_service.s.id",
            "aws_vpc_endpoint_service.s",
        ],
    );
    let service = json!({
        "acceptance_required": false, "allowed_principals": ["arn:aws:iam::1:root"],
        "private_dns_name": "Api.example.com",
    });
    let outcome = with_service(service)
        .create(
            "aws_vpc_endpoint_service_allowed_principal.p",
            json!({"principal_arn": "*"}),
            &[of],
        )
        .read();
    let service: EndpointService = outcome.get("aws_vpc_endpoint_service.s");
    assert_eq!(service.name, "aws_vpc_endpoint_service.s.service_name");
    assert_eq!(service.load_balancers, ["aws_lb.x".into()].into());
    assert_eq!(service.acceptance_required, Value::Known(false));
    let principals = ["*", "arn:aws:iam::1:root"].map(str::to_owned);
    assert_eq!(service.allowed_principals, Value::Known(principals.into()));
    let endpoint: VpcEndpoint = outcome.get("aws_vpc_endpoint.e");
    assert_eq!(endpoint.service, service.name);
    let EndpointKind::Interface { private_names, .. } = endpoint.kind else {
        panic!()
    };
    assert_eq!(private_names, ["api.example.com".to_owned()].into());
    assert!(outcome.assumes("endpoint-acceptance").is_empty());
    outcome.network();
}

#[test]
fn that_a_connection_is_accepted_is_an_assumption() {
    let outcome = with_service(json!({"acceptance_required": true})).read();
    assert_eq!(
        outcome.assumes("endpoint-acceptance"),
        [
            "the connection of `aws_vpc_endpoint.e` is taken to be accepted by the owner of its service"
        ]
    );
    outcome.network();
    let outcome = with_service(json!({"acceptance_required": true}))
        .create("aws_vpc_endpoint_connection_accepter.a", json!({}), &[])
        .read();
    assert!(outcome.assumes("endpoint-acceptance").is_empty());
    outcome.network();
}

#[test]
fn principals_that_cannot_be_traced_are_a_hole_and_services_left_out() {
    let arns: Open<'_> = ("network_load_balancer_arns", &["aws_lb.x.arn", "aws_lb.x"]);
    let open: Open<'_> = ("allowed_principals", &["local.accounts"]);
    let outcome = with_lb(network())
        .create("aws_vpc_endpoint_service.s", json!({}), &[arns, open])
        .read();
    let service: EndpointService = outcome.get("aws_vpc_endpoint_service.s");
    let hole = service.allowed_principals.hole().unwrap();
    assert_eq!(
        hole.attribute(),
        "aws_vpc_endpoint_service.s.allowed_principals"
    );
    let arns: Open<'_> = ("network_load_balancer_arns", &["local.arn"]);
    let outcome = with_lb(network())
        .create("aws_vpc_endpoint_service.s", json!({}), &[arns])
        .read();
    let expected = "`aws_vpc_endpoint_service.s`: an endpoint service whose load balancers cannot be told is not modelled";
    assert_eq!(outcome.messages(), [expected]);
    outcome.warned();
}

const ARN: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:1:";

/// A state in which everything is there, with these resources besides.
fn state(more: Vec<Json>) -> Json {
    let resource = |address: &str, values: Json| {
        let (of, name) = address.split_once('.').unwrap();
        json!({"address": address, "mode": "managed", "type": of, "name": name, "values": values})
    };
    let arn = |resource: &str| format!("{ARN}{resource}");
    let mut resources = vec![
        resource(
            "aws_vpc.main",
            json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16", "default_security_group_id": "sg-1"}),
        ),
        resource(
            "aws_subnet.a",
            json!({"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"}),
        ),
        resource(
            "aws_lb.x",
            json!({
                "id": arn("loadbalancer/net/x/1"), "arn": arn("loadbalancer/net/x/1"), "load_balancer_type": "network",
                "internal": true, "subnets": ["subnet-1"], "subnet_mapping": [{"subnet_id": "subnet-1", "private_ipv4_address": "10.0.1.15"}],
                "enable_cross_zone_load_balancing": true, "security_groups": [],
            }),
        ),
        resource(
            "aws_lb_listener.l",
            json!({
                "id": arn("listener/net/x/1/2"), "load_balancer_arn": arn("loadbalancer/net/x/1"), "port": 443, "protocol": "TLS",
                "default_action": [{"type": "forward", "target_group_arn": arn("targetgroup/g/3")}],
            }),
        ),
        resource(
            "aws_lb_target_group.g",
            json!({
                "id": arn("targetgroup/g/3"), "arn": arn("targetgroup/g/3"), "protocol": "TCP", "port": 80, "target_type": "ip",
                "preserve_client_ip": "true", "load_balancing_cross_zone_enabled": "use_load_balancer_configuration",
            }),
        ),
        resource(
            "aws_lb_target_group_attachment.t",
            json!({
                "id": "x", "target_group_arn": arn("targetgroup/g/3"), "target_id": "10.0.1.20", "port": 8080,
            }),
        ),
    ];
    resources.extend(more);
    json!({"format_version": "1.0", "values": {"root_module": {"resources": resources}}})
}

#[test]
fn an_applied_load_balancer_goes_by_the_end_of_its_arn() {
    let outcome = read(&state(Vec::new()));
    let found: LoadBalancer = outcome.get("net/x/1");
    let listener = Listener {
        protocol: ListenerProtocol::Tcp,
        port: 443,
        target_groups: ["targetgroup/g/3".into()].into(),
    };
    assert_eq!(found.listeners, Value::Known(vec![listener]));
    let group: TargetGroup = outcome.get("targetgroup/g/3");
    assert!(group.preserve_client_address && group.cross_zone);
    assert_eq!(group.targets.known().unwrap()[0].port, 8080);
    let interface: NetworkInterface = outcome.get("aws_lb.x#eni[\"subnet-1\"]");
    assert_eq!(
        interface.addresses[0].private,
        AddressValue::Known(Address::V4(0x0a00_010f))
    );
    outcome.network();
}

#[test]
fn a_group_that_is_nowhere_has_open_targets() {
    let mut document = state(Vec::new());
    let resources = document["values"]["root_module"]["resources"]
        .as_array_mut()
        .unwrap();
    resources.retain(|resource| !resource["type"].as_str().unwrap().contains("target_group"));
    let outcome = read(&document);
    let group: TargetGroup = outcome.get("targetgroup/g/3");
    assert_eq!(
        group.targets.hole().unwrap().attribute(),
        "targets of targetgroup/g/3, which is not in the input"
    );
    outcome.network();
}

/// A plan upon the state.
fn upon_state(plan: &Json) -> Sink {
    let mut sink = Sink::default();
    read_into(&state(Vec::new()), &mut sink);
    let file: Arc<str> = Arc::from("change.json");
    let plan = plan.clone().into();
    super::super::read(crate::json::Cursor::new(&plan, &file), &[], &mut sink);
    sink
}

#[test]
fn a_plan_changes_ports_and_targets_of_what_is_there() {
    let arn = |resource: &str| format!("{ARN}{resource}");
    let before =
        json!({"load_balancer_arn": arn("loadbalancer/net/x/1"), "port": 443, "protocol": "TLS"});
    let gone =
        json!({"target_group_arn": arn("targetgroup/g/3"), "target_id": "10.0.1.20", "port": 8080});
    let plan = Plan::default()
        .deleted("aws_lb_listener.l", before)
        .deleted("aws_lb_target_group_attachment.t", gone)
        .create(
            "aws_lb_listener.n",
            json!({
                "load_balancer_arn": arn("loadbalancer/net/x/1"), "port": 80, "protocol": "TCP",
                "default_action": [{"type": "forward", "target_group_arn": arn("targetgroup/g/3")}],
            }),
            &[],
        )
        .create(
            "aws_lb_target_group_attachment.n",
            json!({
                "target_group_arn": arn("targetgroup/g/3"), "target_id": "10.0.1.21", "port": 8080,
            }),
            &[],
        );
    let mut sink = upon_state(&plan.json());
    assert!(!sink.has_errors(), "{:?}", sink.diagnostics);
    let listeners = sink
        .get::<LoadBalancer>("net/x/1")
        .unwrap()
        .listeners
        .clone();
    let ports: Vec<_> = listeners
        .known()
        .unwrap()
        .iter()
        .map(|one| one.port)
        .collect();
    assert_eq!(ports, [80]);
    let targets = sink
        .get::<TargetGroup>("targetgroup/g/3")
        .unwrap()
        .targets
        .clone();
    let target = RegisteredTarget {
        destination: TargetDestination::Address(Address::V4(0x0a00_0115)),
        port: 8080,
    };
    assert_eq!(targets, Value::Known(vec![target]));
    sink.draft.clone().validate().unwrap();
}

#[test]
fn rules_of_a_listener_elsewhere_open_its_load_balancer() {
    let arn = |resource: &str| format!("{ARN}{resource}");
    let rule = json!({
        "listener_arn": arn("listener/net/x/1/2"),
        "action": [{"type": "forward", "target_group_arn": arn("targetgroup/g/3")}],
    });
    let plan = Plan::default().create("aws_lb_listener_rule.r", rule, &[]);
    let mut sink = upon_state(&plan.json());
    let listeners = sink
        .get::<LoadBalancer>("net/x/1")
        .unwrap()
        .listeners
        .clone();
    assert_eq!(
        listeners.hole().unwrap().attribute(),
        "rules of listener/net/x/1/2"
    );
    sink.draft.clone().validate().unwrap();
}

#[test]
fn an_interface_of_a_subnet_that_is_left_belongs_to_none() {
    let arn = format!("{ARN}loadbalancer/net/x/1");
    let plan = Plan::default()
        .existing("aws_subnet.b", json!({"id": "subnet-2", "vpc_id": "vpc-1", "cidr_block": "10.0.2.0/24"}))
        .existing("aws_lb.x", json!({"id": arn, "load_balancer_type": "network", "internal": true, "subnets": ["subnet-2"]}));
    let mut sink = upon_state(&plan.json());
    let left = sink
        .get::<NetworkInterface>("aws_lb.x#eni[\"subnet-1\"]")
        .unwrap();
    assert_eq!(
        left.attachment,
        Attachment::Other("load_balancer".to_owned())
    );
    let found = sink.get::<LoadBalancer>("net/x/1").unwrap();
    assert_eq!(
        found.interfaces,
        ["aws_lb.x#eni[\"subnet-2\"]".into()].into()
    );
    assert_eq!(found.listeners.known().unwrap().len(), 1);
    sink.draft.clone().validate().unwrap();
}

#[test]
fn a_state_layered_over_itself_is_one_network() {
    let once = read(&state(Vec::new())).draft;
    let twice = upon_state(&state(Vec::new()));
    assert_eq!(once, twice.draft);
}
