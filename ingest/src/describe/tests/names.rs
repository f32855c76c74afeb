//! Hosted zones, resolver rules and DNS Firewall, as the AWS CLI prints them.

use model::{DnsFirewallAction, Hole, InboundResolver, Value};

use super::{
    ENDPOINTS, INTERFACES, NATS, assert_says, assumptions, errors_with, native, warnings, with,
};

const ZONES: (&str, &str) = (
    "list-hosted-zones.json",
    r#"{"HostedZones": [
    {"Id": "/hostedzone/Z1", "Name": "example.com.", "CallerReference": "a", "Config": {"PrivateZone": true}, "ResourceRecordSetCount": 9},
    {"Id": "/hostedzone/Z2", "Name": "open.example.", "CallerReference": "b", "Config": {"PrivateZone": true}, "ResourceRecordSetCount": 2},
    {"Id": "/hostedzone/Z3", "Name": "public.example.", "CallerReference": "c", "Config": {"PrivateZone": false}, "ResourceRecordSetCount": 2}]}"#,
);

const ZONE: (&str, &str) = (
    "get-hosted-zone-Z1.json",
    r#"{"HostedZone": {"Id": "/hostedzone/Z1", "Name": "example.com.", "CallerReference": "a", "Config": {"PrivateZone": true}},
    "VPCs": [{"VPCRegion": "eu-west-1", "VPCId": "vpc-1"}, {"VPCRegion": "eu-west-1", "VPCId": "vpc-elsewhere"}]}"#,
);

const RECORDS: (&str, &str) = (
    "list-resource-record-sets-Z1.json",
    r#"{"ResourceRecordSets": [
    {"Name": "example.com.", "Type": "NS", "TTL": 172800, "ResourceRecords": [{"Value": "ns-1.awsdns-00.com."}]},
    {"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": [{"Value": "ns-1.awsdns-00.com. a. 1 7200 900 1209600 86400"}]},
    {"Name": "\\052.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.0.1.9"}]},
    {"Name": "API.example.com.", "Type": "A", "AliasTarget": {"HostedZoneId": "Z7", "DNSName": "vpce-1-x.sqs.eu-west-1.vpce.amazonaws.com.", "EvaluateTargetHealth": false}},
    {"Name": "db.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.0.1.5"}, {"Value": "10.0.2.5"}]},
    {"Name": "db.example.com.", "Type": "AAAA", "TTL": 60, "ResourceRecords": [{"Value": "2001:db8::5"}]},
    {"Name": "here.example.com.", "Type": "A", "AliasTarget": {"HostedZoneId": "Z1", "DNSName": "db.example.com.", "EvaluateTargetHealth": false}},
    {"Name": "lb.example.com.", "Type": "A", "AliasTarget": {"HostedZoneId": "Z9", "DNSName": "internal-lb.eu-west-1.elb.amazonaws.com.", "EvaluateTargetHealth": true}},
    {"Name": "mail.example.com.", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": "\"v=spf1\""}]},
    {"Name": "sub.example.com.", "Type": "NS", "TTL": 60, "ResourceRecords": [{"Value": "ns.elsewhere.example."}]},
    {"Name": "w.example.com.", "Type": "A", "SetIdentifier": "a", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "10.0.1.5"}]},
    {"Name": "w.example.com.", "Type": "A", "SetIdentifier": "b", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "10.0.1.6"}]},
    {"Name": "www.example.com.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "DB.example.com"}]}]}"#,
);

#[test]
fn a_private_hosted_zone_is_put_together_from_its_calls() {
    let validated = with(&[INTERFACES, ENDPOINTS, NATS, ZONES, ZONE, RECORDS]);
    assert_says(
        &native(&validated.network),
        &[
            "[hosted-zone.Z1]\nname = \"example.com\"\nrecords = [\n",
            "\"*.example.com -> 10.0.1.9\"",
            "\"api.example.com -> endpoint:vpce-1\"",
            "\"db.example.com -> 10.0.1.5, 10.0.2.5, 2001:db8::5\"",
            "\"here.example.com -> name:db.example.com\"",
            "\"lb.example.com -> unmodelled:alias of internal-lb.eu-west-1.elb.amazonaws.com\"",
            // It hides the wildcard.
            "\"mail.example.com -> unmodelled:TXT\"",
            "\"sub.example.com -> unmodelled:NS\"",
            "\"*.sub.example.com -> unmodelled:NS\"",
            "\"w.example.com -> unmodelled:weighted routing\"",
            "\"www.example.com -> name:db.example.com\"",
            "[hosted-zone.Z2]\nname = \"open.example\"\nvpcs = []\nrecords = { any = \"records of Z2 (open.example)\" }",
        ],
    );
    let zones = validated.network.hosted_zones();
    assert_eq!(zones.len(), 2);
    let assumptions = assumptions(&validated);
    assert_says(
        &assumptions,
        &[
            "names-hosted-zones: hosted zone `Z2` (open.example) is taken to be associated with no VPC",
        ],
    );
    assert!(
        !assumptions.contains("no private hosted zones"),
        "{assumptions}"
    );
    let warnings = warnings(&validated);
    assert!(!warnings.contains("VPCs"), "{warnings}");
}

#[test]
fn zones_are_known_by_the_vpc_too() {
    let summaries = (
        "list-hosted-zones-by-vpc-vpc-1.json",
        r#"{"HostedZoneSummaries": [
        {"HostedZoneId": "Z8", "Name": "other.example.", "Owner": {"OwningAccount": "444455556666"}},
        {"HostedZoneId": "Z9", "Name": "sqs.eu-west-1.amazonaws.com.", "Owner": {"OwningService": "vpce.amazonaws.com"}}],
        "MaxItems": "100"}"#,
    );
    let validated = with(&[INTERFACES, ENDPOINTS, NATS, summaries]);
    assert_says(
        &native(&validated.network),
        &[
            "[hosted-zone.Z8]\nname = \"other.example\"\nrecords = { any = \"records of Z8 (other.example)\" }",
        ],
    );
    // The zone of an endpoint's private DNS is that endpoint's.
    assert_eq!(validated.network.hosted_zones().len(), 1);
}

#[test]
fn a_rule_that_forwards_to_an_inbound_endpoint_leads_to_its_vpc() {
    let rules = (
        "list-resolver-rules.json",
        r#"{"ResolverRules": [
        {"Id": "rslvr-autodefined-rr-internet-resolver", "DomainName": ".", "Status": "COMPLETE", "RuleType": "RECURSIVE", "OwnerId": "Route 53 Resolver"},
        {"Id": "rslvr-rr-1", "DomainName": "corp.example.", "Status": "COMPLETE", "RuleType": "FORWARD", "TargetIps": [{"Ip": "192.0.2.1", "Port": 53}], "ResolverEndpointId": "rslvr-out-1"},
        {"Id": "rslvr-rr-2", "DomainName": "Hub.example.", "Status": "COMPLETE", "RuleType": "FORWARD", "TargetIps": [{"Ip": "10.0.1.20", "Port": 53}, {"Ip": "10.0.2.20", "Port": 53}]},
        {"Id": "rslvr-rr-3", "DomainName": "hub.example.net.", "Status": "COMPLETE", "RuleType": "FORWARD", "TargetIps": [{"Ip": "10.0.1.20", "Port": 53}, {"Ip": "192.0.2.1", "Port": 53}]},
        {"Id": "rslvr-rr-4", "DomainName": "local.corp.example.", "Status": "COMPLETE", "RuleType": "SYSTEM"},
        {"Id": "rslvr-rr-5", "DomainName": "d.example.", "Status": "COMPLETE", "RuleType": "DELEGATE"}]}"#,
    );
    let associations = (
        "list-resolver-rule-associations.json",
        r#"{"ResolverRuleAssociations": [
        {"Id": "rslvr-autodefined-assoc-vpc-1-internet-resolver", "ResolverRuleId": "rslvr-autodefined-rr-internet-resolver", "VPCId": "vpc-1", "Status": "COMPLETE"},
        {"Id": "a1", "ResolverRuleId": "rslvr-rr-1", "VPCId": "vpc-1", "Status": "COMPLETE"},
        {"Id": "a2", "ResolverRuleId": "rslvr-rr-2", "VPCId": "vpc-1", "Status": "CREATING"},
        {"Id": "a3", "ResolverRuleId": "rslvr-rr-3", "VPCId": "vpc-1", "Status": "DELETING"},
        {"Id": "a4", "ResolverRuleId": "rslvr-rr-4", "VPCId": "vpc-elsewhere", "Status": "COMPLETE"},
        {"Id": "a5", "ResolverRuleId": "rslvr-rr-5", "VPCId": "vpc-1", "Status": "COMPLETE"}]}"#,
    );
    let endpoints = (
        "list-resolver-endpoints.json",
        r#"{"ResolverEndpoints": [
        {"Id": "rslvr-in-1", "Direction": "INBOUND", "IpAddressCount": 2, "HostVPCId": "vpc-1", "Status": "OPERATIONAL"},
        {"Id": "rslvr-out-1", "Direction": "OUTBOUND", "IpAddressCount": 2, "HostVPCId": "vpc-1", "Status": "OPERATIONAL"}]}"#,
    );
    let addresses = (
        "list-resolver-endpoint-ip-addresses-rslvr-in-1.json",
        r#"{"MaxResults": 10, "IpAddresses": [
        {"IpId": "rni-1", "SubnetId": "subnet-1", "Ip": "10.0.1.20", "Status": "ATTACHED"},
        {"IpId": "rni-2", "SubnetId": "subnet-2", "Ip": "10.0.2.20", "Status": "ATTACHED"}]}"#,
    );
    let validated = with(&[rules, associations, endpoints, addresses]);
    assert_says(
        &native(&validated.network),
        &[
            "[resolver-rule.rslvr-rr-1]\ndomain = \"corp.example\"\naction = \"forward\"\n[",
            "[resolver-rule.rslvr-rr-2]\ndomain = \"hub.example\"\naction = \"forward\"\nforward-to = \"vpc-1\"\n[",
            "[resolver-rule.rslvr-rr-3]\ndomain = \"hub.example.net\"\naction = \"forward\"\nvpcs = []\n",
            "[resolver-rule.rslvr-rr-4]\ndomain = \"local.corp.example\"\naction = \"system\"\nvpcs = []\n",
            "[resolver-rule.rslvr-rr-5]\ndomain = \"d.example\"\naction = \"unmodelled:delegate\"\n",
        ],
    );
    assert_eq!(validated.network.resolver_rules().len(), 5);
    assert_says(
        &warnings(&validated),
        &["a resolver rule of type `DELEGATE`"],
    );
}

/// A VPC of another account.
const OTHER_VPC: &str = r#"{"Vpcs": [{"VpcId": "vpc-9", "OwnerId": "222233334444", "CidrBlock": "10.9.0.0/16",
    "CidrBlockAssociationSet": [{"CidrBlock": "10.9.0.0/16", "CidrBlockState": {"State": "associated"}}]}]}"#;
const OTHER_TABLE: &str = r#"{"RouteTables": [{"RouteTableId": "rtb-9", "VpcId": "vpc-9", "Associations": [{"Main": true, "RouteTableId": "rtb-9"}],
    "Routes": [{"DestinationCidrBlock": "10.9.0.0/16", "GatewayId": "local", "State": "active", "Origin": "CreateRouteTable"}]}]}"#;

#[test]
fn a_list_of_resolver_endpoints_says_which_vpcs_have_an_inbound_one() {
    let read = |endpoints: &str| {
        let list = format!(r#"{{"ResolverEndpoints": [{endpoints}]}}"#);
        let validated = with(&[("list-resolver-endpoints.json", &list)]);
        let vpc = &validated.network.vpcs()[&"vpc-1".into()];
        vpc.inbound_resolver.clone()
    };
    let endpoint = |id: &str, direction: &str, dns64: bool| {
        format!(
            r#"{{"Id": "{id}", "Direction": "{direction}", "HostVPCId": "vpc-1", "Status": "OPERATIONAL", "Dns64Enabled": {dns64}}}"#
        )
    };
    let outbound = endpoint("rslvr-out-1", "OUTBOUND", false);
    assert_eq!(read(&outbound), InboundResolver::Absent);
    for dns64 in [false, true] {
        let only = endpoint("rslvr-in-1", "INBOUND", dns64);
        let dns64 = Value::Known(dns64);
        assert_eq!(read(&only), InboundResolver::Present { dns64 });
    }
    let both = [
        endpoint("rslvr-in-1", "INBOUND", false),
        endpoint("rslvr-in-2", "INBOUND", true),
    ];
    let hole = "which inbound resolver endpoint of vpc-1 is asked";
    let dns64 = Value::Any(Hole::new(hole));
    assert_eq!(read(&both.join(", ")), InboundResolver::Present { dns64 });
    let creating = endpoint("rslvr-in-1", "INBOUND", false).replace("OPERATIONAL", "CREATING");
    assert_eq!(read(&creating), InboundResolver::Unknown);
    // What is listed in one account says nothing of another one's VPCs.
    let list = format!(r#"{{"ResolverEndpoints": [{outbound}]}}"#);
    let several = with(&[
        ("list-resolver-endpoints.json", &list),
        ("other-vpcs.json", OTHER_VPC),
        ("other-tables.json", OTHER_TABLE),
    ]);
    for vpc in several.network.vpcs().values() {
        assert_eq!(vpc.inbound_resolver, InboundResolver::Unknown);
    }
    let without = with(&[]);
    let vpc = &without.network.vpcs()[&"vpc-1".into()];
    assert_eq!(vpc.inbound_resolver, InboundResolver::Unknown);
}

#[test]
fn dns_firewall_is_ordered_by_the_priorities_of_groups_and_rules() {
    let associations = (
        "list-firewall-rule-group-associations.json",
        r#"{"FirewallRuleGroupAssociations": [
        {"Id": "b", "FirewallRuleGroupId": "rslvr-frg-2", "VpcId": "vpc-1", "Priority": 200, "Status": "COMPLETE"},
        {"Id": "a", "FirewallRuleGroupId": "rslvr-frg-1", "VpcId": "vpc-1", "Priority": 101, "Status": "COMPLETE"},
        {"Id": "c", "FirewallRuleGroupId": "rslvr-frg-3", "VpcId": "vpc-1", "Priority": 300, "Status": "COMPLETE"}]}"#,
    );
    let first = (
        "list-firewall-rules-rslvr-frg-1.json",
        r#"{"FirewallRules": [
        {"FirewallRuleGroupId": "rslvr-frg-1", "FirewallDomainListId": "rslvr-fdl-1", "Name": "b", "Priority": 2, "Action": "BLOCK", "BlockResponse": "NXDOMAIN"},
        {"FirewallRuleGroupId": "rslvr-frg-1", "FirewallDomainListId": "rslvr-fdl-2", "Name": "a", "Priority": 1, "Action": "ALERT"}]}"#,
    );
    let second = (
        "list-firewall-rules-rslvr-frg-2.json",
        r#"{"FirewallRules": [
        {"FirewallRuleGroupId": "rslvr-frg-2", "FirewallDomainListId": "rslvr-fdl-1", "Name": "o", "Priority": 1, "Action": "BLOCK", "BlockResponse": "OVERRIDE", "BlockOverrideDomain": "x.example."},
        {"FirewallRuleGroupId": "rslvr-frg-2", "FirewallDomainListId": "rslvr-fdl-1", "Name": "t", "Priority": 2, "Action": "BLOCK", "BlockResponse": "NODATA", "Qtype": "TXT"},
        {"FirewallRuleGroupId": "rslvr-frg-2", "FirewallDomainListId": "rslvr-fdl-aws", "Name": "m", "Priority": 3, "Action": "BLOCK", "BlockResponse": "NODATA"}]}"#,
    );
    let one = (
        "list-firewall-domains-rslvr-fdl-1.json",
        r#"{"Domains": ["bad.example.", "*.Bad.example."]}"#,
    );
    let other = (
        "list-firewall-domains-rslvr-fdl-2.json",
        r#"{"Domains": ["*.amazonaws.com."]}"#,
    );
    let validated = with(&[associations, first, second, one, other]);
    let vpc = &validated.network.vpcs()[&"vpc-1".into()];
    let rules: Vec<_> = vpc
        .dns_firewall
        .iter()
        .map(|rule| {
            let domains = match &rule.domains {
                Value::Known(domains) => domains.iter().cloned().collect::<Vec<_>>().join(" "),
                Value::OneOf(_, hole) | Value::Any(hole) => format!("({hole})"),
            };
            let action = match rule.action {
                DnsFirewallAction::Pass => "pass",
                DnsFirewallAction::Block => "block",
                DnsFirewallAction::Override => "override",
            };
            format!("{action} {domains}")
        })
        .collect();
    assert_eq!(
        rules,
        [
            "pass *.amazonaws.com",
            "block *.bad.example bad.example",
            "override *.bad.example bad.example",
            "block (domains of rslvr-fdl-aws)",
            "block (rules of rslvr-frg-3)",
        ]
    );
}

#[test]
fn what_the_input_does_not_say_of_names_is_said() {
    assert_says(
        &assumptions(&with(&[])),
        &[
            "names-hosted-zones: no private hosted zones: the output of `route53 list-hosted-zones` is not in the input",
            "names-resolver-rules: no resolver rules: the output of `route53resolver list-resolver-rules`",
            "names-resolver-rules: no resolver rules: the output of `route53resolver list-resolver-rule-associations`",
            "names-dns-firewall: no rules of DNS Firewall",
        ],
    );
    let none = [
        ("a.json", r#"{"HostedZones": []}"#),
        ("b.json", r#"{"ResolverRules": []}"#),
        ("c.json", r#"{"ResolverRuleAssociations": []}"#),
        ("d.json", r#"{"FirewallRuleGroupAssociations": []}"#),
    ];
    let assumptions = assumptions(&with(&none));
    assert!(!assumptions.contains("names-"), "{assumptions}");
}

#[test]
fn a_file_that_does_not_name_its_subject_is_an_error() {
    let files = [
        ("records.json", r#"{"ResourceRecordSets": []}"#),
        ("addresses.json", r#"{"IpAddresses": []}"#),
        ("domains.json", r#"{"Domains": []}"#),
        ("zones.json", r#"{"HostedZoneSummaries": []}"#),
        ("cut.json", r#"{"HostedZones": [], "IsTruncated": true}"#),
    ];
    assert_says(
        &errors_with(&files),
        &[
            "name it `list-resource-record-sets-<hosted zone id>.json`",
            "name it `list-resolver-endpoint-ip-addresses-<resolver endpoint id>.json`",
            "name it `list-firewall-domains-<domain list id>.json`",
            "name it `list-hosted-zones-by-vpc-<VPC id>.json`",
            "`IsTruncated` is true",
        ],
    );
}
