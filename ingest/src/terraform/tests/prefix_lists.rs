//! Managed prefix lists.

use model::{PrefixList, RulePeer, Value};
use serde_json::json;

use super::Plan;
use super::groups::{OF_GROUP, group, with_group};
use crate::diagnostic::Code;

#[test]
fn prefix_lists_have_their_entries_of_both_kinds() {
    let of_list: &[&str] = &[
        "aws_ec2_managed_prefix_list.l.id",
        "aws_ec2_managed_prefix_list.l",
    ];
    let list = json!({"name": "l", "address_family": "IPv4", "entry": [{"cidr": "192.0.2.0/24"}]});
    let entry = json!({"cidr": "198.51.100.0/24"});
    let rule = json!({"ip_protocol": "tcp", "from_port": 22, "to_port": 22});
    let plan = || with_group().create("aws_ec2_managed_prefix_list.l", list.clone(), &[]);
    let open: &[(&str, &[&str])] = &[OF_GROUP, ("prefix_list_id", of_list)];
    let outcome = plan()
        .create(
            "aws_ec2_managed_prefix_list_entry.e",
            entry,
            &[("prefix_list_id", of_list)],
        )
        .create("aws_vpc_security_group_ingress_rule.r", rule, open)
        .read();
    let peer = RulePeer::PrefixList("aws_ec2_managed_prefix_list.l".into());
    assert_eq!(group(&outcome).ingress[0].peer, peer);
    let list: PrefixList = outcome.get("aws_ec2_managed_prefix_list.l");
    assert_eq!(list.entries.known().unwrap().len(), 2);
    assert_eq!(outcome.codes(), [Code::MixedStyles]);
    outcome.warned();
    let open: &[(&str, &[&str])] = &[("prefix_list_id", of_list), ("cidr", &["local.block"])];
    let outcome = plan()
        .create("aws_ec2_managed_prefix_list_entry.e", json!({}), open)
        .read();
    let list: PrefixList = outcome.get("aws_ec2_managed_prefix_list.l");
    let hole = "aws_ec2_managed_prefix_list_entry.e.cidr";
    assert_eq!(list.entries.hole().unwrap().attribute(), hole);
}

#[test]
fn data_sources_know_the_lists_of_aws() {
    let managed = json!({
        "id": "pl-1", "name": "com.amazonaws.ap-northeast-1.s3", "owner_id": "AWS",
        "address_family": "IPv4", "entries": [{"cidr": "52.219.0.0/20"}],
    });
    let old = json!({
        "id": "pl-2", "name": "com.amazonaws.ap-northeast-1.dynamodb", "cidr_blocks": ["52.94.8.0/24"],
    });
    let outcome = Plan::default()
        .data("data.aws_ec2_managed_prefix_list.s3", managed)
        .data("data.aws_prefix_list.dynamodb", old)
        .read();
    for id in ["pl-1", "pl-2"] {
        let list: PrefixList = outcome.get(id);
        assert!(list.aws_managed);
        assert!(matches!(&list.entries, Value::Known(entries) if entries.len() == 1));
    }
    outcome.network();
}
