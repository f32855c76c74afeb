//! CloudFormation templates: small ones whose verdicts were derived by hand from AWS's documents.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use std::fs;

use common::Place;
use serde_json::Value;

/// A VPC with a subnet `P` that leads to the internet and gives public addresses, and one `Q` with the
/// VPC's main route table, which leads nowhere.
const BASE: &str = "
Resources:
  Main: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true } }
  Gate: { Type: 'AWS::EC2::InternetGateway' }
  Attached: { Type: 'AWS::EC2::VPCGatewayAttachment', Properties: { VpcId: !Ref Main, InternetGatewayId: !Ref Gate } }
  P: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Main, CidrBlock: 10.0.1.0/24, MapPublicIpOnLaunch: true, AvailabilityZone: eu-west-3a, Tags: [{ Key: Name, Value: p }] } }
  Q: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Main, CidrBlock: 10.0.2.0/24, AvailabilityZone: eu-west-3a, Tags: [{ Key: Name, Value: q }] } }
  Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: !Ref Main } }
  Out: { Type: 'AWS::EC2::Route', DependsOn: Attached, Properties: { RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gate } }
  OfP: { Type: 'AWS::EC2::SubnetRouteTableAssociation', Properties: { SubnetId: !Ref P, RouteTableId: !Ref Table } }
  Open: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: x, VpcId: !Ref Main, SecurityGroupIngress: [{ IpProtocol: -1, CidrIp: 0.0.0.0/0 }] } }
  Shut: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: x, VpcId: !Ref Main } }
";

/// An instance that is tagged with its name.
fn instance(name: &str, properties: &str) -> String {
    format!(
        "  {name}: {{ Type: 'AWS::EC2::Instance', Properties: {{ ImageId: ami-1, Tags: [{{ Key: tier, Value: {name} }}], {properties} }} }}\n"
    )
}

const NEVER_IN: &str = "[[never]]\nname = 'a'\nfrom = 'internet'\nto = 'interface tag:tier=App'\n";

/// The verdict on the one claim, and the reasons of it.
fn verdict(files: &[(&str, &str)], claim: &str, options: &[&str]) -> (String, String) {
    let place = Place::with(claim);
    let mut arguments = vec!["check", "--no-builtin", "--output=json"];
    for (name, text) in files {
        fs::write(place.path(name), text).unwrap();
        arguments.push(name);
    }
    fs::write(place.path("region.json"), r#"{"AWS::Region": "eu-west-3"}"#).unwrap();
    arguments.push("region.json");
    arguments.extend(options);
    let run = place.run(&arguments);
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let result = &document["results"][0];
    (
        result["verdict"].as_str().unwrap().to_owned(),
        result["reasons"].to_string(),
    )
}

#[track_caller]
fn assert_verdict(more: &str, claim: &str, expected: &str) {
    let text = format!("{BASE}{more}");
    let (found, reasons) = verdict(&[("t.yaml", &text)], claim, &["--closed-world"]);
    assert_eq!(found, expected, "{reasons}\n{more}");
}

#[test]
fn who_is_reached_from_the_internet() {
    let in_p = |group: &str| {
        instance(
            "App",
            &format!("SubnetId: !Ref P, SecurityGroupIds: [!Ref {group}]"),
        )
    };
    let acl = "  Acl: { Type: 'AWS::EC2::NetworkAcl', Properties: { VpcId: !Ref Main } }
  OfAcl: { Type: 'AWS::EC2::SubnetNetworkAclAssociation', Properties: { SubnetId: !Ref P, NetworkAclId: !Ref Acl } }
";
    let private = instance(
        "App",
        "NetworkInterfaces: [{ DeviceIndex: '0', SubnetId: !Ref P, GroupSet: [!Ref Open], AssociatePublicIpAddress: false }]",
    );
    let elastic = "  Address: { Type: 'AWS::EC2::EIP' }
  OfAddress: { Type: 'AWS::EC2::EIPAssociation', Properties: { EIP: !Ref Address, InstanceId: !Ref App } }
";
    // A protocol of -1 is every port, whatever ports are written.
    let rule = "  Rule: { Type: 'AWS::EC2::SecurityGroupIngress', Properties: { GroupId: !GetAtt Shut.GroupId, IpProtocol: '-1', FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0 } }\n";
    let default = "  Rule: { Type: 'AWS::EC2::SecurityGroupIngress', Properties: { GroupId: !GetAtt Main.DefaultSecurityGroup, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0 } }\n";
    let on_22 = format!("{NEVER_IN}traffic = 'tcp/22'\n");
    for (more, claim, expected) in [
        (in_p("Open"), NEVER_IN, "violated"),
        (in_p("Shut"), NEVER_IN, "proved"),
        (in_p("Open") + acl, NEVER_IN, "proved"),
        (private.clone(), NEVER_IN, "proved"),
        (private + elastic, NEVER_IN, "violated"),
        (
            instance("App", "SubnetId: !Ref Q, SecurityGroupIds: [!Ref Open]"),
            NEVER_IN,
            "proved",
        ),
        (in_p("Shut") + rule, &on_22, "violated"),
        (instance("App", "SubnetId: !Ref P"), NEVER_IN, "proved"),
        (
            instance("App", "SubnetId: !Ref P") + default,
            &on_22,
            "violated",
        ),
    ] {
        assert_verdict(&more, claim, expected);
    }
}

#[test]
fn what_is_not_vetted_takes_back_the_proof_that_it_may_change() {
    let quiet = "SubnetId: !Ref P, SecurityGroupIds: [!Ref Shut]";
    for properties in [
        format!("{quiet}, LaunchTemplate: {{ LaunchTemplateId: lt-1, Version: 1 }}"),
        "NetworkInterfaces: [{ DeviceIndex: '0', SubnetId: !Ref P, GroupSet: [!Ref Shut] }, { DeviceIndex: '1', SubnetId: !Ref Q, GroupSet: [!Ref Shut] }]".to_owned(),
        format!("{quiet}, 'Fn::Transform': {{ Name: 'AWS::Include', Parameters: {{ Location: x }} }}"),
    ] {
        assert_verdict(&instance("App", &properties), NEVER_IN, "unknown");
    }
    let fleet = format!(
        "{}  Fleet: {{ Type: 'AWS::EC2::EC2Fleet' }}\n",
        instance("App", quiet)
    );
    assert_verdict(&fleet, NEVER_IN, "unknown");
    // Requests only.
    let user = format!(
        "{}  User: {{ Type: 'AWS::IAM::User', Properties: {{ Groups: [admins] }} }}\n",
        instance("App", quiet)
    );
    assert_verdict(&user, NEVER_IN, "proved");
    let key = "  Keys: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcId: !Ref Main, ServiceName: com.amazonaws.eu-west-3.kms, VpcEndpointType: Interface, SubnetIds: [!Ref Q], SecurityGroupIds: [!Ref Open], PolicyDocument: '{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"kms:Decrypt\", \"Resource\": \"*\"}]}' } }\n";
    let request = "[[never]]\nname = 'a'\nfrom = 'interface tag:tier=App'\nto = 'endpoint service:kms'\ntraffic = 'tcp/443'\nrequest = { action = ['kms:Encrypt'] }\n";
    let inside = instance("App", quiet) + key;
    assert_verdict(&inside, request, "proved");
    assert_verdict(&(user + key), request, "unknown");
}

#[test]
fn what_a_claim_chooses_by_has_to_be_known() {
    let app = instance("App", "SubnetId: !Ref P, SecurityGroupIds: [!Ref Shut]");
    let named = "[[never]]\nname = 'a'\nfrom = 'internet'\nto = 'interface name:other'\n";
    let other = "  N: { Type: 'AWS::EC2::NetworkInterface', Properties: { SubnetId: !Ref Q, GroupSet: [!Ref Shut], Tags: [{ Key: Name, Value: other }] } }\n";
    assert_verdict(&(app.clone() + other), named, "proved");
    let open = other
        .replace("  N:", "  M:")
        .replace("Value: other", "Value: !Ref AWS::StackName");
    assert_verdict(&(app.clone() + other + &open), named, "unknown");
    let zone = "[[never]]\nname = 'a'\nfrom = 'internet'\nto = 'interface az:eu-west-3a'\n";
    assert_verdict(&app, zone, "proved");
    let third = "  R: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Main, CidrBlock: 10.0.3.0/24, AvailabilityZone: !Select [0, !GetAZs ''] } }\n";
    assert_verdict(&(app + third), zone, "unknown");
}

#[test]
fn ipv6_that_is_not_seen_touches_those_who_may_have_it() {
    let six = "  Six: { Type: 'AWS::EC2::VPCCidrBlock', Properties: { VpcId: !Ref Main, AmazonProvidedIpv6CidrBlock: true } }
  S: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Main, CidrBlock: 10.0.4.0/24, AvailabilityZone: eu-west-3a, AssignIpv6AddressOnCreation: true, Ipv6CidrBlock: !Select [0, !Cidr [!Select [0, !GetAtt Main.Ipv6CidrBlocks], 1, 64]] } }
";
    let shut = "SecurityGroupIds: [!Ref Shut]";
    let with = |subnet: &str| instance("App", &format!("SubnetId: !Ref {subnet}, {shut}")) + six;
    assert_verdict(&with("P"), NEVER_IN, "proved");
    assert_verdict(&with("S"), NEVER_IN, "unknown");
    let ipv4 = format!("{NEVER_IN}family = 'ipv4'\n");
    assert_verdict(&with("S"), &ipv4, "proved");
    // A load balancer may bring a flow over IPv6 to a host without it.
    let balancer = "  L: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Type: network, Scheme: internal, Subnets: [!Ref Q] } }\n";
    assert_verdict(&(with("P") + balancer), NEVER_IN, "unknown");
}

const EARLIER: &str = "
[vpc.vpc-1]
region = 'eu-west-3'
cidrs = ['10.0.0.0/16']
tags = { 'aws:cloudformation:stack-name' = 'net', 'aws:cloudformation:logical-id' = 'Main' }

[internet-gateway.igw-1]

[route-table.rtb-1]
routes = ['0.0.0.0/0 -> internet-gateway:igw-1']

[subnet.subnet-1]
cidrs = ['10.0.1.0/24']
route-table = 'rtb-1'

[security-group.sg-1]

[interface.eni-1]
subnet = 'subnet-1'
addresses = ['10.0.1.5 public 203.0.113.5']
groups = ['sg-1']
tags = { tier = 'App' }
";

#[test]
fn a_template_over_a_network_changes_what_is_there() {
    let new = "Resources:\n  New: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: x, VpcId: vpc-1 } }\n";
    let rule = "  Rule: { Type: 'AWS::EC2::SecurityGroupIngress', Properties: { GroupId: sg-1, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0 } }\n";
    let over = |text: &str| verdict(&[("n.toml", EARLIER), ("t.yaml", text)], NEVER_IN, &[]);
    assert_eq!(over(new).0, "proved");
    assert_eq!(over(&format!("{new}{rule}")).0, "violated");
    let (found, reasons) = over(&new.replace("New:", "Main:"));
    assert_eq!(found, "unknown");
    assert!(
        reasons.contains("of the stack `net` by its tags"),
        "{reasons}"
    );
    let open = format!(
        "Parameters:\n  G: {{ Type: String }}\n{new}{}",
        rule.replace("sg-1", "!Ref G")
    );
    let (found, reasons) = over(&open);
    assert_eq!(found, "unknown");
    assert!(reasons.contains("Rule.GroupId (parameter G)"), "{reasons}");
}

/// What a database has in a VPC is in no template.
#[test]
fn a_tag_of_what_has_no_interfaces_yet_is_told() {
    let database = "  Db: { Type: 'AWS::RDS::DBInstance', Properties: { VPCSecurityGroups: [!Ref Shut], Tags: [{ Key: role, Value: db }] } }\n";
    let claim = "[[never]]\nname = 'a'\nfrom = 'internet'\nto = 'interface tag:role=db'\n";
    let place = Place::with(claim);
    fs::write(place.path("t.yaml"), format!("{BASE}{database}")).unwrap();
    let run = place.run(&["check", "--no-builtin", "--closed-world", "t.yaml"]);
    for expected in [
        "error[unknown-tag-key]: nothing in the network has the tag `role`",
        "help: `Db` has it, but no interfaces yet: AWS makes those of databases, of Auto Scaling groups",
    ] {
        assert!(run.err.contains(expected), "{}", run.err);
    }
}

/// Only what AWS's list holds may come in.
#[test]
fn the_prefix_list_that_decides_who_comes_to_a_load_balancer_is_named() {
    let group = "  Web: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: x, VpcId: !Ref Main, SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 443, ToPort: 443, SourcePrefixListId: pl-3b927c52 }] } }
  P2: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Main, CidrBlock: 10.0.3.0/24, AvailabilityZone: eu-west-3b } }
  OfP2: { Type: 'AWS::EC2::SubnetRouteTableAssociation', Properties: { SubnetId: !Ref P2, RouteTableId: !Ref Table } }
  Lb: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Scheme: internet-facing, Type: application, Subnets: [!Ref P, !Ref P2], SecurityGroups: [!Ref Web] } }
  Group: { Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: { VpcId: !Ref Main, Port: 443, Protocol: HTTP, TargetType: ip } }
  Listener: { Type: 'AWS::ElasticLoadBalancingV2::Listener', Properties: { LoadBalancerArn: !Ref Lb, Port: 443, Protocol: HTTP, DefaultActions: [{ Type: forward, TargetGroupArn: !Ref Group }] } }
";
    let text = format!("{BASE}{group}");
    for answered in ["", "claim = 'answered'\n"] {
        let claim = format!(
            "[[sometimes]]\nname = 'a'\nfrom = 'internet'\nto = 'load-balancer'\ntraffic = 'tcp/443'\n{answered}"
        );
        assert_unknown(&text, &claim, "it depends on pl-3b927c52.Entries");
        let (found, reasons) = verdict(
            &[(
                "t.yaml",
                &text.replace("SourcePrefixListId: pl-3b927c52", "CidrIp: 198.51.100.0/24"),
            )],
            &claim,
            &["--closed-world"],
        );
        assert_eq!(found, "proved", "{reasons}");
    }
}

/// A stack of an instance, its group and a rule in a group of the snapshot, by physical ids in a file of parameters.
#[test]
fn a_template_over_a_snapshot_adds_to_what_is_there() {
    const JUMP: &str = "
Parameters:
  Vpc: { Type: 'AWS::EC2::VPC::Id' }
  Subnet: { Type: 'AWS::EC2::Subnet::Id' }
  Database: { Type: 'AWS::EC2::SecurityGroup::Id' }
Resources:
  JumpGroup: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: x, VpcId: !Ref Vpc, SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0 }] } }
  Rule: { Type: 'AWS::EC2::SecurityGroupIngress', Properties: { GroupId: !Ref Database, IpProtocol: tcp, FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: !Ref JumpGroup } }
  Jump: { Type: 'AWS::EC2::Instance', Properties: { ImageId: ami-1, Tags: [{ Key: Name, Value: jump }], NetworkInterfaces: [{ DeviceIndex: '0', SubnetId: !Ref Subnet, GroupSet: [!Ref JumpGroup], AssociatePublicIpAddress: true }] } }
";
    const CLAIMS: &str = "
[[never]]
name = 'jump-no-telnet'
from = 'internet'
to = 'interface name:jump'
traffic = 'tcp/23'
[[sometimes]]
name = 'ssh-to-jump'
from = 'internet'
to = 'interface name:jump'
traffic = 'tcp/22'
[[sometimes]]
name = 'jump-to-database'
from = 'interface name:jump'
to = 'interface tag:tier=db'
traffic = 'tcp/5432'
[[never]]
name = 'database-is-private'
from = 'internet'
to = 'interface tag:tier=db'
";
    let snapshot = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/tokyo-endpoints/describe"
    );
    let place = Place::with(CLAIMS);
    fs::write(place.path("t.yaml"), JUMP).unwrap();
    let run = |subnet: &str, group: &str| {
        let parameters = serde_json::json!({"Parameters": {
            "Vpc": "vpc-0263a136eae625c0d", "Subnet": subnet, "Database": group,
        }});
        fs::write(place.path("p.json"), parameters.to_string()).unwrap();
        place.run(&[
            "check",
            "--no-builtin",
            "--output=json",
            snapshot,
            "t.yaml",
            "p.json",
        ])
    };
    let verdicts = |subnet: &str, group: &str| -> Vec<String> {
        let run = run(subnet, group);
        let document: Value =
            serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
        let results = document["results"].as_array().unwrap().iter();
        results
            .map(|result| result["verdict"].as_str().unwrap().to_owned())
            .collect()
    };
    let (public, database) = ("subnet-07ba78e322b9f1bc2", "sg-030bf59df6d254481");
    // The database's ACL denies what comes from the public subnet.
    assert_eq!(
        verdicts(public, database),
        ["proved", "proved", "violated", "proved"]
    );
    // From the private subnet the rule in the snapshot's group lets it in, and of what the
    // internet sends AWS does not say that it is dropped.
    let private = "subnet-01323275c54fda02f";
    assert_eq!(
        verdicts(private, database),
        ["proved", "unknown", "proved", "proved"]
    );
    // A rule of a group that the snapshot has not takes proofs back, a subnet that it has not ends the run.
    assert_eq!(verdicts(public, "sg-00000000000000000"), ["unknown"; 4]);
    let wrong = run("subnet-00000000000000000", database);
    assert!(
        wrong
            .err
            .contains("subnet `subnet-00000000000000000` is used by `Jump#eni` but is not defined"),
        "{}",
        wrong.err
    );
}

/// The group admits everyone before the update and nobody behind it. What is there already is beside what the template
/// makes, so that neither a proof nor a violation would be one of the stack.
#[test]
fn of_a_stack_that_is_there_already_nothing_is_certain() {
    let open = EARLIER.replace(
        "[security-group.sg-1]",
        "[security-group.sg-1]\ningress = ['tcp/22 from 0.0.0.0/0']\n\
         tags = { 'aws:cloudformation:stack-name' = 'net', 'aws:cloudformation:logical-id' = 'Group' }",
    );
    let update = "Resources:\n  Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: x, VpcId: vpc-1 } }\n";
    for claim in [NEVER_IN.to_owned(), NEVER_IN.replace("never", "sometimes")] {
        let over = |text: &str| verdict(&[("n.toml", &open), ("t.yaml", text)], &claim, &[]);
        let (found, reasons) = over(update);
        assert_eq!(found, "unknown", "{claim}");
        let by = "`sg-1` of the network before `t.yaml` is `Group` of the stack `net` by its tags";
        assert!(reasons.contains(by), "{reasons}");
        // Another stack leaves what is there as it is.
        let (found, _) = over(&update.replace("Group:", "Other:"));
        assert_eq!(
            found,
            if claim.contains("never") {
                "violated"
            } else {
                "proved"
            }
        );
    }
}

#[test]
fn a_snapshot_tells_of_which_stack_its_things_are() {
    let fixture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/tokyo-endpoints/describe"
    );
    let place =
        Place::with("[[never]]\nname = 'a'\nfrom = 'internet'\nto = 'interface tag:tier=db'\n");
    let directory = place.path("describe");
    fs::create_dir(&directory).unwrap();
    for entry in fs::read_dir(fixture).unwrap() {
        let entry = entry.unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        let tag = r#""Tags": [{"Key": "aws:cloudformation:logical-id", "Value": "Group"}, "#;
        let text = if entry.file_name() == "describe-vpcs.json" {
            text.replace("\"Tags\": [", tag)
        } else {
            text
        };
        fs::write(directory.join(entry.file_name()), text).unwrap();
    }
    let template = "Resources:\n  Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: x, VpcId: vpc-0a1b } }\n";
    let vpcs = fs::read_to_string(directory.join("describe-vpcs.json")).unwrap();
    let vpcs: Value = serde_json::from_str(&vpcs).unwrap();
    let vpc = vpcs["Vpcs"][0]["VpcId"].as_str().unwrap();
    let verdict = |template: &str| {
        fs::write(place.path("t.yaml"), template.replace("vpc-0a1b", vpc)).unwrap();
        let arguments = [
            "check",
            "--no-builtin",
            "--output=json",
            "describe",
            "t.yaml",
        ];
        let run = place.run(&arguments);
        let document: Value =
            serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
        document["results"][0]["verdict"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(verdict(template), "unknown");
    assert_eq!(verdict(&template.replace("Group:", "Another:")), "proved");
}

/// The sections of a template with an open parameter, and a condition on it.
const OPEN: &str = "
Parameters:
  Given: { Type: String }
Conditions:
  C: !Equals [!Ref Given, x]
";

#[track_caller]
fn assert_unknown(text: &str, claim: &str, by: &str) {
    let (found, reasons) = verdict(&[("t.yaml", text)], claim, &["--closed-world"]);
    assert_eq!(found, "unknown", "{claim}\n{reasons}");
    assert!(reasons.contains(by), "{reasons}");
}

#[test]
fn a_flag_that_is_open_leaves_open_what_it_may_change_and_nothing_else() {
    let app = instance("App", "SubnetId: !Ref P, SecurityGroupIds: [!Ref Open]");
    let open = BASE.replace(
        "MapPublicIpOnLaunch: true",
        "MapPublicIpOnLaunch: !If [C, true, false]",
    );
    let by = "P.MapPublicIpOnLaunch";
    assert_unknown(&format!("{OPEN}{open}{app}"), NEVER_IN, by);
    // Neither a proof nor a violation stands by it.
    let sometimes = NEVER_IN.replace("never", "sometimes");
    assert_unknown(&format!("{OPEN}{open}{app}"), &sometimes, by);
    let names = BASE.replace("EnableDnsHostnames: true", "EnableDnsSupport: !Ref Given");
    let text = format!("{OPEN}{names}{app}");
    let (found, reasons) = verdict(&[("t.yaml", &text)], NEVER_IN, &["--closed-world"]);
    assert_eq!(found, "violated", "{reasons}");
    let name = "[[always]]\nname = 'a'\nfrom = 'instance tag:tier=App'\nto = 'name:db.corp.example'\ntraffic = 'tcp/443'\n";
    assert_unknown(&text, name, "Main.EnableDnsSupport");
}

#[test]
fn a_rule_of_names_that_may_apply_or_not_leaves_names_open() {
    let app = instance(
        "App",
        "SubnetId: !Ref P, SecurityGroupIds: [!Ref Open], PrivateIpAddress: 10.0.1.9",
    );
    let names = |association: &str| {
        format!(
            "{OPEN}{}{app}  Z: {{ Type: 'AWS::Route53::HostedZone', Properties: {{ Name: corp.example, VPCs: [{{ VPCId: !Ref Main, VPCRegion: eu-west-3 }}] }} }}
  Record: {{ Type: 'AWS::Route53::RecordSet', Properties: {{ HostedZoneId: !Ref Z, Name: app.corp.example, Type: A, TTL: '60', ResourceRecords: [!GetAtt App.PrivateIp] }} }}
  Other: {{ Type: 'AWS::EC2::VPC', Properties: {{ CidrBlock: 10.9.0.0/16 }} }}
  Rule: {{ Type: 'AWS::Route53Resolver::ResolverRule', Properties: {{ RuleType: FORWARD, DomainName: corp.example, TargetIps: [{{ Ip: 192.0.2.1 }}] }} }}
  Applied: {{ Type: 'AWS::Route53Resolver::ResolverRuleAssociation', Properties: {{ {association} }} }}
{}",
            BASE,
            instance("Db", "SubnetId: !Ref P, SecurityGroupIds: [!Ref Open]"),
        )
    };
    let never = "[[never]]\nname = 'a'\nfrom = 'instance tag:tier=Db'\nto = 'name:app.corp.example'\ntraffic = 'icmp'\n";
    let open = "ResolverRuleId: !Ref Rule, VPCId: !If [C, !Ref Main, !Ref Other]";
    assert_unknown(&names(open), never, "Applied.VPCId");
    let open = "ResolverRuleId: !Ref Given, VPCId: !Ref Main";
    assert_unknown(&names(open), never, "Applied.ResolverRuleId");
}

#[test]
fn of_two_network_acls_of_a_subnet_nobody_knows_which_stays() {
    let acls = "  One: { Type: 'AWS::EC2::NetworkAcl', Properties: { VpcId: !Ref Main } }
  Two: { Type: 'AWS::EC2::NetworkAcl', Properties: { VpcId: !Ref Main } }
  In: { Type: 'AWS::EC2::NetworkAclEntry', Properties: { NetworkAclId: !Ref Two, RuleNumber: 1, Protocol: -1, RuleAction: allow, CidrBlock: 0.0.0.0/0 } }
  OfOne: { Type: 'AWS::EC2::SubnetNetworkAclAssociation', Properties: { SubnetId: !Ref P, NetworkAclId: !Ref One } }
  OfTwo: { Type: 'AWS::EC2::SubnetNetworkAclAssociation', Properties: { SubnetId: !Ref P, NetworkAclId: !Ref Two } }
";
    let app = instance("App", "SubnetId: !Ref P, SecurityGroupIds: [!Ref Open]");
    assert_unknown(&format!("{BASE}{app}{acls}"), NEVER_IN, "OfTwo.SubnetId");
}

#[test]
fn explain_and_the_built_in_checks_do_not_say_for_certain_what_is_in_doubt() {
    let place = Place::new();
    let app = instance(
        "App",
        "SubnetId: !Ref P, SecurityGroupIds: [!Ref Shut], LaunchTemplate: { LaunchTemplateId: lt-1, Version: 1 }",
    );
    fs::write(place.path("t.yaml"), format!("{BASE}{app}")).unwrap();
    fs::write(place.path("r.json"), r#"{"AWS::Region": "eu-west-3"}"#).unwrap();
    let run = place.run(&[
        "explain",
        "--from=internet",
        "--to=instance tag:tier=App",
        "t.yaml",
        "r.json",
    ]);
    assert!(run.out.starts_with("UNKNOWN"), "{}", run.out);
    assert!(run.out.contains("App.LaunchTemplate"), "{}", run.out);
    assert_eq!(run.code, 3);
    let name = place.run(&[
        "explain",
        "--from=subnet name:p",
        "--name=x.example",
        "t.yaml",
        "r.json",
    ]);
    assert!(name.out.contains("not certain: "), "{}", name.out);
    assert_eq!(name.code, 3);
    let run = place.run(&["check", "--output=json", "t.yaml", "r.json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let checks = document["built_in"].as_array().unwrap();
    assert!(!checks.is_empty());
    for check in checks {
        let undecided = check["undecided"].to_string();
        assert!(undecided.contains("App.LaunchTemplate"), "{check}");
    }
}
