//! What claims mean while what they choose by changes in two places at once.

use ingest::Validated;
use ingest::transient::between;
use serde_json::{Value, json};

use super::{Answer, Apply, labelled};
use crate::doubt::Doubt;
use crate::invariant_file::read_text;
use crate::judge::Judge;
use crate::report::VerdictWord;

/// An interface on the internet; the group `open` lets anyone in.
const NETWORK: &str = r#"
[vpc.main]
cidrs = ["10.0.0.0/16"]
[internet-gateway.igw]
[route-table.public]
routes = ["0.0.0.0/0 -> internet-gateway:igw"]
[subnet.a]
cidrs = ["10.0.1.0/24"]
route-table = "public"
tags = { Name = "SUBNET" }
[security-group.open]
ingress = ["all from 0.0.0.0/0"]
[security-group.shut]
[interface.a]
subnet = "a"
addresses = ["10.0.1.10 public 203.0.113.10"]
groups = ["GROUP"]
tags = { tier = "TIER" }
"#;

fn network([subnet, group, tier]: [&str; 3]) -> Validated {
    let text = NETWORK.replace("SUBNET", subnet);
    let text = text.replace("GROUP", group).replace("TIER", tier);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("network.toml");
    std::fs::write(&path, text).unwrap();
    ingest::read(&[path]).unwrap().validate().unwrap()
}

/// What holds of a `never` from the internet while one network becomes the other.
fn during(before: [&str; 3], after: [&str; 3], to: &str) -> Answer {
    between_these([network(before), network(after)], to)
}

fn between_these([before, after]: [Validated; 2], to: &str) -> Answer {
    let networks = [&before.network, &after.network];
    let transient = between(&before, &after);
    let apply = Apply {
        networks,
        labelled: labelled(networks),
        judge: Judge::new(&transient.validated.network),
        all_there: Judge::new(&transient.all_there),
        doubt: Doubt::of(&transient.validated, true),
        transient: &transient,
    };
    let text = format!("[[never]]\nname = \"x\"\nfrom = \"internet\"\nto = \"{to}\"\n");
    let file = read_text("vpcproof.toml", &text).unwrap();
    apply.statement(&file.statements[0], &file.source).unwrap()
}

#[test]
fn a_group_and_a_tag_that_change_may_meet_in_between() {
    let (before, after) = (["s", "shut", "old"], ["s", "open", "new"]);
    let meant = |to: &str| during(before, after, to).0;
    assert_eq!(
        meant("interface tag:tier=old sg:open"),
        VerdictWord::Unknown
    );
    // Without a second label there is nothing in between.
    assert_eq!(meant("interface sg:shut"), VerdictWord::Unknown);
    assert_eq!(meant("interface sg:other"), VerdictWord::Vacuous);
}

#[test]
fn the_name_of_a_subnet_and_a_tag_that_change_may_meet_in_between() {
    let (before, after) = (["one", "open", "old"], ["two", "open", "new"]);
    let meant = |to: &str| during(before, after, to).0;
    assert_eq!(
        meant("interface tag:tier=old subnet:two"),
        VerdictWord::Unknown
    );
    assert_eq!(
        meant("interface tag:tier=old subnet:a"),
        VerdictWord::Unknown
    );
    assert_eq!(
        meant("interface tag:tier=other subnet:two"),
        VerdictWord::Vacuous
    );
}

/// The resources of a network whose ids are all known: the interface `exposed` is open to the internet, the interfaces
/// `hidden` and `kept` are not, the latter of the tier `db` all the time.
fn resources(tags_of_exposed: Value, tags_of_hidden: Value) -> Vec<(&'static str, Value)> {
    let interface = |id: &str, address: &str, group: &str, tags: Value| {
        json!({
            "id": id, "subnet_id": "subnet-1", "private_ip": address, "private_ips": [address],
            "security_groups": [group], "source_dest_check": true, "tags": tags, "tags_all": tags,
        })
    };
    let anyone = json!([{
        "protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"],
        "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false,
    }]);
    let group = |id: &str, ingress: Value| json!({"id": id, "name": id, "vpc_id": "vpc-1", "ingress": ingress, "egress": [], "tags": null, "tags_all": {}});
    let out = json!([{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}]);
    vec![
        (
            "aws_vpc.main",
            json!({
                "id": "vpc-1", "cidr_block": "10.0.0.0/16", "main_route_table_id": "rtb-1", "tags": null, "tags_all": {},
                "default_network_acl_id": "acl-1", "default_security_group_id": "sg-1", "ipv6_cidr_block": "",
            }),
        ),
        (
            "aws_internet_gateway.main",
            json!({"id": "igw-1", "vpc_id": "vpc-1"}),
        ),
        (
            "aws_route_table.public",
            json!({"id": "rtb-2", "vpc_id": "vpc-1", "route": out, "propagating_vgws": []}),
        ),
        (
            "aws_subnet.public",
            json!({
                "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24", "tags": null, "tags_all": {},
                "availability_zone": "eu-west-3a", "ipv6_cidr_block": "",
            }),
        ),
        (
            "aws_route_table_association.public",
            json!({"id": "rtbassoc-1", "subnet_id": "subnet-1", "route_table_id": "rtb-2"}),
        ),
        ("aws_security_group.open", group("sg-open", anyone)),
        ("aws_security_group.shut", group("sg-shut", json!([]))),
        (
            "aws_network_interface.exposed",
            interface("eni-1", "10.0.1.10", "sg-open", tags_of_exposed),
        ),
        (
            "aws_network_interface.hidden",
            interface("eni-2", "10.0.1.11", "sg-shut", tags_of_hidden),
        ),
        (
            "aws_network_interface.kept",
            interface("eni-3", "10.0.1.12", "sg-shut", json!({"tier": "db"})),
        ),
        (
            "aws_eip.exposed",
            json!({
                "id": "eipalloc-1", "allocation_id": "eipalloc-1", "public_ip": "203.0.113.10", "domain": "vpc",
                "network_interface": "eni-1", "private_ip": "10.0.1.10", "instance": "",
            }),
        ),
    ]
}

/// A plan that takes the tag `tier` from one interface, and gives one to the other of which only the key is known.
fn plan() -> Value {
    let tier = || json!({"tier": "db"});
    let (before, after) = (
        resources(tier(), json!({})),
        resources(json!({}), json!({})),
    );
    let listed = |resources: &[(&str, Value)]| {
        let resources = resources.iter().map(|(address, values)| {
            let (of, name) = address.split_once('.').unwrap();
            json!({
                "address": address, "mode": "managed", "type": of, "name": name, "values": values,
                "provider_name": "registry.terraform.io/hashicorp/aws",
            })
        });
        json!({"root_module": {"resources": resources.collect::<Vec<_>>()}})
    };
    let changes = before.iter().zip(&after).map(|((address, before), (_, after))| {
        let (of, name) = address.split_once('.').unwrap();
        let is_hidden = *address == "aws_network_interface.hidden";
        let unknown = if is_hidden {
            json!({"tags": {"tier": true}, "tags_all": {"tier": true}})
        } else {
            json!({})
        };
        let action = if is_hidden || before != after { "update" } else { "no-op" };
        json!({
            "address": address, "mode": "managed", "type": of, "name": name,
            "change": {"actions": [action], "before": before, "after": after, "after_unknown": unknown},
        })
    });
    let declared = after.iter().map(|(address, _)| {
        let (of, name) = address.split_once('.').unwrap();
        json!({
            "address": address, "mode": "managed", "type": of, "name": name, "provider_config_key": "aws",
            "expressions": {},
        })
    });
    json!({
        "format_version": "1.2",
        "prior_state": {"format_version": "1.0", "values": listed(&before)},
        "planned_values": listed(&after),
        "resource_changes": changes.collect::<Vec<_>>(),
        "configuration": {
            "provider_config": {
                "aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-3"}}},
            },
            "root_module": {"resources": declared.collect::<Vec<_>>()},
        },
    })
}

/// What is meant after the change depends on a tag that is not known, and none of it is open to the internet; what is
/// meant before it only, is.
#[test]
fn what_an_open_tag_may_mean_is_not_all_that_is_meant_while_the_change_is_applied() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plan.json");
    std::fs::write(&path, plan().to_string()).unwrap();
    let read = |prior_state| {
        let options = ingest::Options {
            prior_state,
            ..Default::default()
        };
        let read = ingest::read_with(std::slice::from_ref(&path), &options);
        read.unwrap_or_else(|error| panic!("{error}"))
            .validate()
            .unwrap()
    };
    let (verdict, reasons) = between_these([read(true), read(false)], "interface tag:tier=db");
    assert_eq!(verdict, VerdictWord::Unknown);
    let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    assert_eq!(
        reasons,
        ["it depends on aws_network_interface.hidden.tags_all.tier"]
    );
}
