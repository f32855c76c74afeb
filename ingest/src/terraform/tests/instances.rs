//! Instances over a network before the plan: what is attached to them, and what goes with them.

use model::{Attachment, NetworkInterface, RouteState, RouteTable};

use super::*;
use crate::provenance::Kind;

/// An instance with a public address, and an interface of no instance with a route to it.
const NETWORK: &str = r#"
[vpc.vpc-1]
region = "eu-west-1"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-main"
[subnet.subnet-a]
cidrs = ["10.0.1.0/24"]
[route-table.rtb-main]
routes = ["10.9.0.0/16 -> interface:eni-2 blackhole"]
[network-acl.acl-1]
[security-group.sg-1]
[interface.eni-1]
subnet = "subnet-a"
addresses = ["10.0.1.5 public 192.0.2.5"]
groups = ["sg-1"]
instance = "i-1"
tags = { tier = "db", Name = "one" }
[interface.eni-2]
subnet = "subnet-a"
addresses = ["10.0.1.6"]
groups = ["sg-1"]
tags = { Name = "two" }
"#;

#[track_caller]
fn after(plan: Plan) -> Outcome {
    let outcome = read_over(NETWORK, &plan.json());
    outcome.draft.clone().validate().expect("it is valid");
    outcome
}

/// The instance of an interface that is there.
fn owner(outcome: &Outcome, id: &str) -> Option<String> {
    match outcome.get::<NetworkInterface>(id).attachment {
        Attachment::Ordinary { instance } => instance,
        other @ (Attachment::VpcEndpoint(_)
        | Attachment::NatGateway(_)
        | Attachment::LoadBalancer(_)
        | Attachment::Other(_)) => panic!("it is {other:?}"),
    }
}

fn open_tags(outcome: &Outcome, id: &str) -> Vec<String> {
    let open = outcome.open.of(Kind::NetworkInterface, id);
    open.map(|open| open.tags.keys().cloned().collect())
        .unwrap_or_default()
}

/// A new instance with an interface of the network.
fn with_interface(id: &str) -> Plan {
    let instance = json!({"tags_all": {"tier": "web", "Name": "one"},
        "network_interface": [{"network_interface_id": id, "device_index": 0}]});
    Plan::default().create("aws_instance.new", instance, &[])
}

#[test]
fn an_earlier_interface_is_of_the_instance_that_the_plan_attaches_it_to() {
    let outcome = after(with_interface("eni-2"));
    assert_eq!(
        owner(&outcome, "eni-2").as_deref(),
        Some("aws_instance.new")
    );
    let interface: NetworkInterface = outcome.get("eni-2");
    assert_eq!(interface.tags.get("tier").map(String::as_str), Some("web"));
    // Its own name and the instance's differ, and both are its.
    assert_eq!(open_tags(&outcome, "eni-2"), ["Name"]);
    let table: RouteTable = outcome.get("rtb-main");
    let states: Vec<_> = table.routes.iter().map(|route| route.state).collect();
    assert_eq!(states, [RouteState::Active; 2]);
    let attachment = json!({"network_interface_id": "eni-2", "instance_id": "i-7"});
    let instance = json!({"id": "i-7", "subnet_id": "subnet-a", "private_ip": "10.0.1.9",
        "primary_network_interface_id": "eni-7", "tags_all": {"tier": "web"}});
    let plan = Plan::default().existing("aws_instance.seven", instance);
    let outcome = after(plan.create("aws_network_interface_attachment.a", attachment, &[]));
    assert_eq!(owner(&outcome, "eni-2").as_deref(), Some("i-7"));
    // Of another instance before: which of its tags were that one's is not told.
    let outcome = after(with_interface("eni-1"));
    assert_eq!(
        owner(&outcome, "eni-1").as_deref(),
        Some("aws_instance.new")
    );
    assert_eq!(open_tags(&outcome, "eni-1"), ["tier"]);
}

#[test]
fn an_interface_goes_with_its_instance_only_when_it_was_made_with_it() {
    let there = |outcome: &Outcome| {
        let interfaces = outcome.draft.network_interfaces.iter();
        interfaces.filter(|one| one.id.as_str() == "eni-1").count()
    };
    let by_block = |more: Json| {
        let mut block = json!({"network_interface_id": "eni-1", "device_index": 0});
        block
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({"id": "i-1", "network_interface": [block]})
    };
    for (before, is_there) in [
        (
            json!({"id": "i-1", "primary_network_interface_id": "eni-1"}),
            false,
        ),
        (
            json!({"id": "i-1", "primary_network_interface_id": "eni-9"}),
            true,
        ),
        (by_block(json!({"delete_on_termination": true})), false),
        (by_block(json!({"delete_on_termination": false})), true),
        (by_block(json!({})), true),
    ] {
        let outcome = after(Plan::default().deleted("aws_instance.i", before));
        assert_eq!(there(&outcome), usize::from(is_there));
        // What it does without an instance is not certain.
        let doubts: &[_] = &[(Touches::Everything, "aws_instance.i", true)];
        assert_eq!(outcome.doubts(), if is_there { doubts } else { &[] });
    }
    // The instance is replaced, and has it again.
    let before = by_block(json!({"delete_on_termination": false}));
    let outcome = after(with_interface("eni-1").deleted("aws_instance.i", before));
    assert_eq!(
        owner(&outcome, "eni-1").as_deref(),
        Some("aws_instance.new")
    );
    assert_eq!(outcome.doubts(), []);
}

#[test]
fn of_an_interface_that_is_detached_nothing_is_certain() {
    let former = json!({"id": "a", "network_interface_id": "eni-1", "instance_id": "i-1"});
    let address = "aws_network_interface_attachment.a";
    let outcome = after(Plan::default().deleted(address, former.clone()));
    assert_eq!(outcome.doubts(), [(Touches::Everything, address, true)]);
    let anew = json!({"network_interface_id": "eni-1", "instance_id": "i-7"});
    let instance = json!({"id": "i-7", "subnet_id": "subnet-a", "private_ip": "10.0.1.9"});
    let plan = Plan::default().existing("aws_instance.seven", instance);
    let plan = plan.create("aws_network_interface_attachment.b", anew, &[]);
    let outcome = after(plan.deleted(address, former));
    assert_eq!(owner(&outcome, "eni-1").as_deref(), Some("i-7"));
    assert_eq!(outcome.doubts(), []);
}

#[test]
fn an_instance_without_its_elastic_ip_may_get_another_address() {
    let association = json!({"id": "x", "allocation_id": "eipalloc-1", "public_ip": "192.0.2.5"});
    let address = "aws_eip_association.x";
    let without = || Plan::default().deleted(address, association.clone());
    let outcome = after(without());
    assert_eq!(outcome.bare(), [("eni-1", address)]);
    assert_eq!(outcome.doubts(), []);
    let interface: NetworkInterface = outcome.get("eni-1");
    assert_eq!(interface.addresses[0].public, None);
    // Not when another takes its place, when it goes too, or when it has a second interface.
    let anew = json!({"network_interface_id": "eni-1", "public_ip": "192.0.2.6"});
    let outcome = after(without().create("aws_eip_association.new", anew, &[]));
    assert_eq!(outcome.bare(), []);
    let instance = json!({"id": "i-1", "primary_network_interface_id": "eni-1"});
    let outcome = after(without().deleted("aws_instance.i", instance));
    assert_eq!(outcome.bare(), []);
    let second = json!({"network_interface_id": "eni-2", "instance_id": "i-1"});
    let instance = json!({"id": "i-1", "subnet_id": "subnet-a", "private_ip": "10.0.1.5",
        "primary_network_interface_id": "eni-1", "public_ip": "192.0.2.5"});
    let plan = without().existing("aws_instance.i", instance);
    // The instance of the plan shows the address still.
    assert_eq!(after(plan).bare(), [("eni-1", address)]);
    let instance = json!({"id": "i-1", "subnet_id": "subnet-a", "private_ip": "10.0.1.5",
        "primary_network_interface_id": "eni-1", "public_ip": "192.0.2.5"});
    let plan = without().existing("aws_instance.i", instance);
    let plan = plan.create("aws_network_interface_attachment.a", second, &[]);
    assert_eq!(after(plan).bare(), []);
}
