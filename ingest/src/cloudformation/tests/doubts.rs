//! What takes back proofs, by name, and what does not.

use crate::{Ingested, Touches};

use super::{read, with_vpc};

const REGION: &str = r#"{"AWS::Region": "eu-west-3"}"#;

pub(super) fn in_a_region(text: &str) -> Ingested {
    read(&[("template.yaml", text), ("region.json", REGION)])
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The doubts but for those that every template has.
pub(super) fn doubts(ingested: &Ingested) -> Vec<(Touches, String)> {
    let own = [Touches::TagsOfAws, Touches::Accounts];
    let all = ingested.doubts.iter();
    let all = all.filter(|one| !own.contains(&one.touches));
    let paths = ingested
        .inputs
        .iter()
        .map(|input| std::path::Path::new(&input.path));
    let directories: Vec<_> = paths.filter_map(|path| path.parent()?.to_str()).collect();
    let told = |what: &str| {
        let mut what = what.to_owned();
        for directory in &directories {
            what = what.replace(&format!("{directory}/"), "");
        }
        what
    };
    all.map(|one| (one.touches, told(&one.what))).collect()
}

#[track_caller]
fn assert_doubts(text: &str, touches: Touches, expected: &str) {
    let doubts = doubts(&in_a_region(text));
    let found = doubts
        .iter()
        .any(|(of, what)| *of == touches && what.contains(expected));
    assert!(found, "{touches:?} {expected}\n\nis not in\n\n{doubts:#?}");
}

/// A VPC with a subnet `A` of which all is known.
pub(super) fn with_subnet(more: &str) -> String {
    with_vpc(&format!(
        "  A:
    Type: AWS::EC2::Subnet
    Properties: {{ VpcId: !Ref Main, CidrBlock: 10.0.1.0/24, AvailabilityZone: eu-west-3a, AvailabilityZoneId: euw3-az1 }}
{more}"
    ))
}

#[test]
fn a_template_of_which_all_is_vetted_has_no_doubts() {
    let text = with_subnet(
        "  Group:
    Type: AWS::EC2::SecurityGroup
    DependsOn: Main
    Metadata: { cfn_nag: x }
    Properties:
      GroupDescription: a group
      VpcId: !Ref Main
      SecurityGroupIngress:
        - { IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8, Description: x }
      Tags: [{ Key: tier, Value: app }]
  App:
    Type: AWS::EC2::Instance
    CreationPolicy: { ResourceSignal: { Timeout: PT5M } }
    Properties:
      ImageId: ami-1
      SubnetId: !Ref A
      SecurityGroupIds: [!Ref Group]
      KeyName: !If [HasKey, !Ref Key, !Ref AWS::NoValue]
      UserData: !Base64 'echo'
  Address: { Type: 'AWS::EC2::EIP', Properties: { Domain: vpc, InstanceId: !Ref App } }
  Log: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 7 } }
  Code: { Type: 'AWS::Lambda::Function', Properties: { Handler: x } }
",
    );
    let text = format!(
        "Parameters:\n  Key: {{ Type: String }}\nConditions:\n  HasKey: !Not [!Equals [!Ref Key, '']]\n{text}"
    );
    assert_eq!(doubts(&in_a_region(&text)), []);
}

#[test]
fn types_that_are_not_read_are_doubted() {
    for (of, properties) in [
        ("AWS::EC2::EC2Fleet", "{}"),
        ("AWS::RDS::DBInstance", "{}"),
        ("AWS::CloudFormation::Stack", "{ TemplateURL: x }"),
        ("Custom::Anything", "{ ServiceToken: x }"),
        ("Custom::LogRetention", "{ ServiceToken: x }"),
        ("AWS::AutoScaling::AutoScalingGroup", "{}"),
        ("AWS::ECS::Service", "{}"),
        ("AWS::Future::Thing", "{}"),
    ] {
        let text = with_subnet(&format!(
            "  X: {{ Type: '{of}', Properties: {properties} }}\n"
        ));
        let expected = format!("`X` (template.yaml:9 at /Resources/X) is of the type {of}");
        assert_doubts(&text, Touches::Everything, &expected);
    }
    let text = with_subnet("  X: { Type: 'AWS::IAM::OIDCProvider' }\n");
    assert_doubts(&text, Touches::Requests, "`X` (template.yaml:9");
    let code = "  X: { Type: 'AWS::Lambda::Function', Properties: { VpcConfig: { SubnetIds: [!Ref A] } } }\n";
    assert_doubts(
        &with_subnet(code),
        Touches::Everything,
        "AWS::Lambda::Function",
    );
}

#[test]
fn properties_that_are_not_read_are_doubted() {
    for (resource, expected) in [
        (
            "{ Type: 'AWS::EC2::Instance', Properties: { SubnetId: !Ref A, LaunchTemplate: { LaunchTemplateId: lt-1, Version: 1 } } }",
            "`X.LaunchTemplate`",
        ),
        (
            "{ Type: 'AWS::EC2::Instance', Properties: { SubnetId: !Ref A, SecurityGroups: [default] } }",
            "`X.SecurityGroups`",
        ),
        (
            "{ Type: 'AWS::EC2::Instance', Properties: { NetworkInterfaces: [{ DeviceIndex: '0', SubnetId: !Ref A, SecondaryPrivateIpAddressCount: 1 }] } }",
            "`X.NetworkInterfaces[0].SecondaryPrivateIpAddressCount`",
        ),
        (
            "{ Type: 'AWS::EC2::Instance', Properties: { NetworkInterfaces: [{ DeviceIndex: '0', SubnetId: !Ref A }, { DeviceIndex: '1', NetworkInterfaceId: eni-1 }] } }",
            "`X.NetworkInterfaces`",
        ),
        (
            "{ Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Main, CidrBlock: 10.0.2.0/24, OutpostArn: x } }",
            "`X.OutpostArn`",
        ),
        (
            "{ Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: x, VpcId: !Ref Main, SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 1, ToPort: 1, SourceSecurityGroupName: x }] } }",
            "`X.SecurityGroupIngress[0].SourceSecurityGroupName`",
        ),
        (
            "{ Type: 'AWS::EC2::EIP', Properties: { Domain: standard } }",
            "`X.Domain` (template.yaml:9 at /Resources/X/Properties/Domain) is `standard`",
        ),
        (
            "{ Type: 'AWS::EC2::EIP', UpdatePolicy: x }",
            "`X.UpdatePolicy`",
        ),
        (
            "{ Type: 'AWS::EC2::RouteTable', Properties: { VpcId: !Ref Main, Fn::Transform: { Name: 'AWS::Include' } } }",
            "`Fn::Transform` (template.yaml:9",
        ),
        (
            "{ Type: 'AWS::EC2::VPCPeeringConnection', Properties: { VpcId: !Ref Main, PeerVpcId: vpc-1, PeerOwnerId: '111122223333' } }",
            "`X.PeerOwnerId`",
        ),
        (
            "{ Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcId: !Ref Main, ServiceName: com.amazonaws.eu-west-3.kms, VpcEndpointType: Interface } }",
            "`X.SubnetIds`",
        ),
        (
            "{ Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Subnets: [!Ref A], LoadBalancerAttributes: [{ Key: ipv6.deny_all_igw_traffic, Value: 'true' }] } }",
            "has `ipv6.deny_all_igw_traffic`",
        ),
        (
            "{ Type: 'Custom::VpcRestrictDefaultSG', Properties: { DefaultSecurityGroupId: !GetAtt Main.DefaultSecurityGroup, ServiceToken: x } }",
            "not known to be CDK's",
        ),
    ] {
        let text = with_subnet(&format!("  X: {resource}\n"));
        assert_doubts(&text, Touches::Everything, expected);
    }
}

#[test]
fn a_condition_that_is_no_name_is_doubted() {
    let text = with_subnet("  X: { Type: 'AWS::EC2::EIP', Condition: { 'Fn::Equals': [a, b] } }\n");
    let expected = "`X.Condition` (template.yaml:9 at /Resources/X/Condition) is not the name";
    assert_doubts(&text, Touches::Everything, expected);
}

#[test]
fn what_claims_choose_by_has_to_be_known() {
    let open = |property: &str| {
        let text = with_subnet("").replace(", AvailabilityZoneId: euw3-az1", property);
        format!("Parameters:\n  Open: {{ Type: String }}\n{text}")
    };
    let tag = open(", AvailabilityZoneId: euw3-az1, Tags: [{ Key: tier, Value: !Ref Open }]");
    assert_doubts(&tag, Touches::Tags, "`A.Tags[0]`");
    assert_doubts(&tag, Touches::Tags, "(parameter Open)");
    let tags = open(", Tags: !If [IsOpen, [], []]").replace(
        "Resources:",
        "Conditions:\n  IsOpen: !Equals [!Ref Open, x]\nResources:",
    );
    assert_eq!(
        doubts(&in_a_region(&tags)).len(),
        1,
        "the same in both cases: {tags}"
    );
    assert_doubts(&open(""), Touches::ZoneIds, "`A.AvailabilityZoneId`");
    let zone = open("").replace("eu-west-3a", "!Select [0, !GetAZs '']");
    assert_doubts(&zone, Touches::Zones, "`A.AvailabilityZone`");
}

#[test]
fn what_is_there_or_not_is_doubted() {
    let text = with_subnet(
        "  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: x
      VpcId: !Ref Main
      SecurityGroupIngress:
        - !If [IsOpen, { IpProtocol: -1, CidrIp: 10.0.0.0/8 }, !Ref AWS::NoValue]
",
    );
    let text = format!(
        "Parameters:\n  Open: {{ Type: String }}\nConditions:\n  IsOpen: !Equals [!Ref Open, x]\n{text}"
    );
    let expected = "`Group.SecurityGroupIngress[0]`";
    assert_doubts(&text, Touches::Everything, expected);
    assert_doubts(
        &text,
        Touches::Everything,
        "condition IsOpen, by parameter Open",
    );
}

#[test]
fn sections_transforms_and_texts_that_yaml_reads_in_two_ways_are_doubted() {
    let text = format!("Hooks: {{}}\n{}", with_subnet(""));
    assert_doubts(&text, Touches::Everything, "`Hooks` (template.yaml:1");
    let text = format!("Transform: AWS::Serverless-2016-10-31\n{}", with_subnet(""));
    assert_doubts(&text, Touches::Everything, "`AWS::Serverless` makes");
    for port in ["0443", "0x1BB", "1_443", "7:23", "+443", "yes"] {
        let parameter = format!("Parameters:\n  P: {{ Type: String, Default: {port} }}\n");
        let text = format!("{parameter}{}", with_subnet(""));
        assert_doubts(
            &text,
            Touches::Everything,
            &format!("`{port}` (template.yaml:2"),
        );
    }
    let quoted = "Parameters:\n  P: { Type: String, Default: '0443', Description: yes }\n";
    let text = format!("{quoted}{}", with_subnet(""));
    assert_eq!(doubts(&in_a_region(&text)), []);
}

#[test]
fn a_region_that_nothing_says_is_doubted() {
    let doubts = doubts(&super::template(&with_vpc("")));
    assert!(
        doubts
            .iter()
            .any(|(_, what)| what.contains("the Region of `template.yaml`"))
    );
}

#[test]
fn ipv6_that_aws_chooses_is_doubted() {
    let text = with_subnet(
        "  Six: { Type: 'AWS::EC2::VPCCidrBlock', Properties: { VpcId: !Ref Main, AmazonProvidedIpv6CidrBlock: true } }\n",
    );
    assert_doubts(&text, Touches::Ipv6, "no IPv6 address of `Main` is seen");
}

#[test]
fn what_the_readers_leave_out_is_doubted() {
    let text = with_subnet(
        "  Rule: { Type: 'AWS::EC2::SecurityGroupIngress', Properties: { GroupId: sg-0a1b, IpProtocol: -1, CidrIp: 0.0.0.0/0 } }
  Alone: { Type: 'AWS::EC2::Instance', Properties: { ImageId: ami-1 } }
",
    );
    assert_doubts(&text, Touches::Everything, "`Rule`");
    assert_doubts(&text, Touches::Everything, "`Alone`");
}

const EARLIER: &str = "
[vpc.vpc-1]
region = 'eu-west-3'
cidrs = ['10.0.0.0/16']
tags = { 'aws:cloudformation:stack-name' = 'net', 'aws:cloudformation:logical-id' = 'Main' }

[subnet.subnet-1]
vpc = 'vpc-1'
cidrs = ['10.0.9.0/24']
";

#[test]
fn a_stack_that_is_deployed_already_is_doubted() {
    let over = |text: &str, parameters: &str| {
        let files = [
            ("network.toml", EARLIER),
            ("template.yaml", text),
            ("parameters.json", parameters),
        ];
        doubts(&read(&files).unwrap())
    };
    let same = with_vpc("").replace("10.0.0.0/16", "10.5.0.0/16");
    let found = over(&same, REGION);
    assert!(
        found[0]
            .1
            .contains("`vpc-1` of the network before `template.yaml` is `Main` of the stack `net`"),
        "{found:?}"
    );
    let other = same.replace("Main:", "Second:");
    assert_eq!(over(&other, REGION), []);
    // A later state of the stack may have none of the logical ids of an earlier one.
    let named = r#"{"AWS::Region": "eu-west-3", "AWS::StackName": "net"}"#;
    assert_eq!(over(&other, named).len(), 1);
    let other_stack = named.replace("net", "other");
    assert_eq!(over(&same, &other_stack), []);
    let rule = "Resources:
  Rule: { Type: 'AWS::EC2::VPCCidrBlock', Properties: { VpcId: vpc-1, CidrBlock: 10.9.0.0/16 } }
";
    let found = over(rule, REGION);
    assert!(
        found[0].1.contains("nothing tells whether the stack"),
        "{found:?}"
    );
}

#[test]
fn what_may_belong_to_the_network_before_is_doubted() {
    let association = "Resources:
  New: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: vpc-1 } }
  Zone: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: vpc-1, CidrBlock: 10.0.3.0/24 } }
  Of: { Type: 'AWS::EC2::SubnetRouteTableAssociation', Properties: { SubnetId: !Ref Open, RouteTableId: !Ref New } }
Parameters:
  Open: { Type: String }
";
    let files = [
        ("network.toml", EARLIER),
        ("template.yaml", association),
        ("parameters.json", REGION),
    ];
    let ingested = read(&files).unwrap();
    let found = doubts(&ingested);
    let is_it = |(_, what): &(Touches, String)| {
        what.starts_with("`Of.SubnetId`") && what.contains("may be of the network before")
    };
    assert!(found.iter().any(is_it), "{found:?}");
    // As it is of a plan over a network.
    let mut holes = ingested.unplaced.iter().map(model::Hole::attribute);
    assert!(holes.any(|hole| hole == "Of.SubnetId (parameter Open)"));
    let alone = [("template.yaml", association), ("parameters.json", REGION)];
    let alone = doubts(&read(&alone).unwrap());
    assert!(!alone.iter().any(is_it), "{alone:?}");
}

#[test]
fn what_a_subnet_outside_gives_to_an_instance_is_doubted() {
    let text = "Resources:
  App: { Type: 'AWS::EC2::Instance', Properties: { SubnetId: subnet-1, ImageId: ami-1 } }
";
    let files = [
        ("network.toml", EARLIER),
        ("template.yaml", text),
        ("parameters.json", REGION),
    ];
    let found = doubts(&read(&files).unwrap());
    let is_it = |(touches, what): &(Touches, String)| {
        *touches == Touches::Everything && what.contains("say `AssociatePublicIpAddress`")
    };
    assert!(found.iter().any(is_it), "{found:?}");
}

#[test]
fn the_book_lists_what_is_vetted() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/src/cloudformation.md");
    let book = std::fs::read_to_string(path).unwrap();
    for of in super::super::vetted::all() {
        assert!(book.contains(&format!("`{of}`")), "{of} is not in {path}");
    }
}

/// An interface whose instance an open condition decides: claims choose it by the instance.
#[test]
fn an_attachment_to_one_of_two_instances_is_in_no_known_place() {
    let attached = |instance: &str| {
        with_subnet(&format!(
            "  Db: {{ Type: 'AWS::EC2::Instance', Properties: {{ SubnetId: !Ref A }} }}
  App: {{ Type: 'AWS::EC2::Instance', Properties: {{ SubnetId: !Ref A }} }}
  Eni: {{ Type: 'AWS::EC2::NetworkInterface', Properties: {{ SubnetId: !Ref A }} }}
  Joint:
    Type: AWS::EC2::NetworkInterfaceAttachment
    Properties: {{ DeviceIndex: '1', NetworkInterfaceId: !Ref Eni, InstanceId: {instance} }}
Parameters: {{ Of: {{ Type: String }} }}
Conditions: {{ IsDb: !Equals [!Ref Of, db] }}
"
        ))
    };
    let open = in_a_region(&attached("!If [IsDb, !Ref Db, !Ref App]"));
    let unplaced: Vec<_> = open.unplaced.iter().map(ToString::to_string).collect();
    assert_eq!(unplaced.len(), 1, "{unplaced:?}");
    assert!(unplaced[0].contains("Joint.InstanceId"), "{unplaced:?}");
    assert!(in_a_region(&attached("!Ref Db")).unplaced.is_empty());
}

#[test]
fn numbers_that_are_not_printed_as_they_are_written_are_ambiguous() {
    let doubted = |value: &str| {
        let text = with_vpc(&format!(
            "Parameters: {{ P: {{ Type: String, Default: {value} }} }}\n"
        ));
        let doubts = doubts(&in_a_region(&text));
        doubts.iter().any(|(_, what)| what.contains("YAML"))
    };
    for value in ["1.10", "5.00", ".5", "1e3", ".inf", "0443"] {
        assert!(doubted(value), "{value}");
    }
    for value in ["1.1", "443", "'1.10'", "2010-09-09", "ami-1", "python3.9"] {
        assert!(!doubted(value), "{value}");
    }
}

#[test]
fn a_list_where_one_value_belongs_is_doubted() {
    let text = with_subnet(
        "  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: a group
      VpcId: !Ref Main
      SecurityGroupIngress:
        - { IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: [10.0.0.0/8, 0.0.0.0/0] }
",
    );
    let expected = "is a list where one value belongs";
    assert_doubts(&text, Touches::Everything, expected);
}

#[test]
fn what_is_selected_beside_no_value_is_open() {
    let text = with_subnet(
        "  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: a group
      VpcId: !Ref Main
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: 22
          ToPort: 22
          CidrIp: !Select [0, [!Ref AWS::NoValue, 10.0.0.0/8, 0.0.0.0/0]]
",
    );
    let ingested = in_a_region(&text);
    let group = &ingested.draft.security_groups;
    let group = group.iter().find(|one| !one.ingress.is_empty()).unwrap();
    assert!(
        !format!("{:?}", group.ingress).contains("10.0.0.0"),
        "{group:?}"
    );
}

/// What is guessed.
fn guesses(text: &str) -> Vec<(Touches, String)> {
    let ingested = in_a_region(text);
    let all = ingested.doubts.iter().filter(|one| one.is_guess);
    all.map(|one| (one.touches, one.what.clone())).collect()
}

#[track_caller]
fn assert_guess(sections: &str, more: &str, touches: Touches, expected: &str) {
    let text = format!("{sections}{}", with_subnet(more));
    let found = guesses(&text);
    let [(of, what)] = found.as_slice() else {
        panic!("not one guess: {found:#?}")
    };
    assert_eq!(*of, touches);
    assert!(what.contains(expected), "{what}");
}

const OPEN: &str =
    "Parameters:\n  Open: { Type: String }\nConditions:\n  C: !Equals [!Ref Open, x]\n";

#[test]
fn what_decides_what_a_resource_is_and_is_open_is_a_guess() {
    let vpc = "  V: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: 10.1.0.0/16, EnableDnsSupport: !Ref Open } }\n";
    assert_guess(OPEN, vpc, Touches::Names, "`V.EnableDnsSupport` (");
    let subnet = "  B: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Main, CidrBlock: 10.0.2.0/24, AvailabilityZone: eu-west-3a, MapPublicIpOnLaunch: !If [C, true, false] } }\n";
    assert_guess(OPEN, subnet, Touches::Everything, "parameter Open");
    let gateway = "  T: { Type: 'AWS::EC2::TransitGateway', Properties: { DefaultRouteTableAssociation: !Ref Open } }\n";
    assert_guess(
        OPEN,
        gateway,
        Touches::Everything,
        "`T.DefaultRouteTableAssociation`",
    );
}

#[test]
fn an_open_list_is_one_guess() {
    let records = "  Z: { Type: 'AWS::Route53::HostedZone', Properties: { Name: x.example, VPCs: [{ VPCId: !Ref Main, VPCRegion: eu-west-3 }] } }
  R: { Type: 'AWS::Route53::RecordSetGroup', Properties: { HostedZoneId: !Ref Z, RecordSets: !If [C, [], [{ Name: a.x.example, Type: A, TTL: 60, ResourceRecords: [10.0.1.9] }]] } }\n";
    assert_guess(OPEN, records, Touches::Names, ".RecordSets");
}

#[test]
fn a_rule_of_names_that_may_apply_or_not_is_a_guess() {
    let rule = |association: &str| {
        format!(
            "  R: {{ Type: 'AWS::Route53Resolver::ResolverRule', Properties: {{ RuleType: FORWARD, DomainName: x.example, TargetIps: [{{ Ip: 192.0.2.1 }}] }} }}
  Other: {{ Type: 'AWS::EC2::VPC', Properties: {{ CidrBlock: 10.1.0.0/16 }} }}
  O: {{ Type: 'AWS::Route53Resolver::ResolverRuleAssociation', Properties: {{ {association} }} }}\n"
        )
    };
    for (association, expected) in [
        (
            "ResolverRuleId: !Ref Open, VPCId: !Ref Main",
            "O.ResolverRuleId",
        ),
        (
            "ResolverRuleId: !Ref R, VPCId: !If [C, !Ref Main, !Ref Other]",
            "O.VPCId",
        ),
    ] {
        assert_guess(OPEN, &rule(association), Touches::Names, expected);
    }
}

#[test]
fn aws_defaults_of_a_transit_gateway_are_no_doubt() {
    let gateway = "  T: { Type: 'AWS::EC2::TransitGateway', Properties: { DnsSupport: enable, MulticastSupport: disable, AutoAcceptSharedAttachments: disable } }
  O: { Type: 'AWS::EC2::TransitGatewayVpcAttachment', Properties: { TransitGatewayId: !Ref T, VpcId: !Ref Main, SubnetIds: [!Ref A], Options: { DnsSupport: enable } } }\n";
    assert_eq!(doubts(&in_a_region(&with_subnet(gateway))), []);
    let other = gateway.replace("MulticastSupport: disable", "MulticastSupport: enable");
    assert_doubts(
        &with_subnet(&other),
        Touches::Everything,
        "`T.MulticastSupport`",
    );
}
