//! VPCs, subnets, ACLs and groups.

use model::{ComponentId, RuleIndex};

use super::*;

#[test]
fn vpcs_and_subnets_are_read_with_what_other_calls_say_of_them() {
    let read = with(&[
        (
            "support.json",
            r#"{"VpcId": "vpc-1", "EnableDnsSupport": {"Value": true}}"#,
        ),
        (
            "hostnames.json",
            r#"{"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": false}}"#,
        ),
        (
            "dhcp.json",
            r#"{"DhcpOptions": [{"DhcpOptionsId": "dopt-1", "DhcpConfigurations": [
            {"Key": "domain-name", "Values": [{"Value": "example.com"}]},
            {"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}, {"Value": "10.0.0.9"}]}]}]}"#,
        ),
    ]);
    assert_says(
        &native(&read.network),
        &[
            r#"[vpc.vpc-1]
region = "eu-west-1"
account = "111122223333"
cidrs = ["10.0.0.0/16", "10.1.0.0/16", "2001:db8::/56"]
main-route-table = "rtb-1"
dns-hostnames = false
custom-dns-servers = true
tags = { Name = "main" }
"#,
            r#"[subnet.subnet-1]
cidrs = ["10.0.1.0/24", "2001:db8::/64"]
zone = "eu-west-1a"
zone-id = "euw1-az3"
route-table = "rtb-2"
network-acl = "acl-1"
[subnet.subnet-2]
cidrs = ["10.0.2.0/24"]
zone = "eu-west-1b"
network-acl = { any = "network ACL of subnet-2" }
"#,
        ],
    );
    assert!(!assumptions(&read).contains("dns-attributes-default"));
}

#[test]
fn what_is_not_in_the_input_is_an_assumption() {
    let read = with(&[]);
    assert_says(
        &assumptions(&read),
        &[
            "call-missing: the output of `describe-nat-gateways` is not in the input: taken as empty",
            "dns-attributes-default: the output of `describe-vpc-attribute` for the DNS attributes of `vpc-1`",
            "dhcp-options-default: DHCP options `dopt-1` of `vpc-1` are not in the input",
        ],
    );
    assert!(read.network.vpcs()[&"vpc-1".into()].dns_support);
    assert!(!read.network.vpcs()[&"vpc-1".into()].dns_hostnames);
}

#[test]
fn entries_of_acls_are_read_without_the_final_ones() {
    let read = with(&[]);
    assert_says(
        &native(&read.network),
        &[r#"[network-acl.acl-1]
ingress = [
    "90 deny tcp/22-23 from 10.0.0.0/24",
    "91 allow icmp/8/* from 10.0.0.0/24",
    "92 allow icmpv6/128/0 from ::/0",
    "93 allow icmpv6 from 0.0.0.0/0",
    "94 allow protocol/47 from 0.0.0.0/0",
]
egress = ["100 allow all to 0.0.0.0/0"]
"#],
    );
    let acl = ComponentId::NetworkAcl("acl-1".into());
    let place = read.provenance.rule(&acl, RuleIndex::IngressEntry(90));
    let pointer = place.and_then(|place| place.pointer);
    assert_eq!(pointer.as_deref(), Some("/NetworkAcls/0/Entries/3"));
}

#[test]
fn rules_of_groups_are_read_one_for_each_other_end() {
    let read = with(&[
        (
            "groups.json",
            r#"{"SecurityGroups": [
            {"GroupId": "sg-1", "GroupName": "web", "VpcId": "vpc-1", "Tags": [],
             "IpPermissions": [
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                 "IpRanges": [{"CidrIp": "10.0.0.0/16"}, {"CidrIp": "192.0.2.0/24"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
                 "PrefixListIds": [{"PrefixListId": "pl-1"}],
                 "UserIdGroupPairs": [{"GroupId": "sg-1", "UserId": "111122223333"}, {"GroupId": "sg-9", "UserId": "444455556666"}]},
                {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
                {"IpProtocol": "icmpv6", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}],
             "IpPermissionsEgress": [
                {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
                {"IpProtocol": "50", "FromPort": 0, "ToPort": 0, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}]}"#,
        ),
        (
            "rules.json",
            r#"{"SecurityGroupRules": [
            {"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": "192.0.2.0/24"},
            {"SecurityGroupRuleId": "sgr-2", "GroupId": "sg-1", "IsEgress": true, "IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "CidrIpv4": "0.0.0.0/0"},
            {"SecurityGroupRuleId": "sgr-3", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "ReferencedGroupInfo": {"GroupId": "sg-9", "UserId": "444455556666"}}]}"#,
        ),
        (
            "lists.json",
            r#"{"PrefixLists": [{"PrefixListId": "pl-1", "PrefixListName": "office", "AddressFamily": "IPv4", "OwnerId": "111122223333"}]}"#,
        ),
        (
            "get-managed-prefix-list-entries-pl-1.json",
            r#"{"Entries": [{"Cidr": "198.51.100.0/24", "Description": "x"}]}"#,
        ),
    ]);
    assert_says(
        &native(&read.network),
        &[
            r#"[security-group.sg-1]
name = "web"
ingress = [
    "tcp/443 from 10.0.0.0/16",
    "tcp/443 from 192.0.2.0/24",
    "tcp/443 from ::/0",
    "tcp/443 from pl:pl-1",
    "tcp/443 from sg:sg-1",
    "tcp/443 from outside-sg:444455556666/sg-9",
    "icmp/8/* from 0.0.0.0/0",
    "icmpv6 from ::/0",
]
egress = ["all to 0.0.0.0/0", "protocol/50 to 0.0.0.0/0"]
"#,
            "entries = [\"198.51.100.0/24\"]",
        ],
    );
    assert_says(
        &assumptions(&read),
        &["outside-group: security group `sg-9`, which a rule of `sg-1` names"],
    );
    let group = ComponentId::SecurityGroup("sg-1".into());
    let provenance = &read.provenance;
    let place = provenance.rule(&group, RuleIndex::IngressRule(4));
    let pointer = place.and_then(|place| place.pointer);
    let expected = "/SecurityGroups/0/IpPermissions/0/UserIdGroupPairs/0";
    assert_eq!(pointer.as_deref(), Some(expected));
    assert_eq!(
        provenance.rule_id(&group, RuleIndex::IngressRule(1)),
        Some("sgr-1")
    );
    assert_eq!(
        provenance.rule_id(&group, RuleIndex::IngressRule(5)),
        Some("sgr-3")
    );
    assert_eq!(
        provenance.rule_id(&group, RuleIndex::EgressRule(0)),
        Some("sgr-2")
    );
    assert_eq!(provenance.rule_id(&group, RuleIndex::IngressRule(0)), None);
}
