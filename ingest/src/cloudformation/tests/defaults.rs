//! CloudFormation's own defaults, and what AWS makes with a VPC.

use model::{BlockPublicAccess, EndpointKind, RulePeer, Target, Value};

use super::{read, template, warnings, with_vpc};

#[test]
fn a_vpc_has_its_table_acl_and_group_and_no_dns_hostnames() {
    let ingested = template(&with_vpc(""));
    let draft = &ingested.draft;
    let vpc = &draft.vpcs[0];
    assert_eq!(vpc.id.as_str(), "Main");
    assert!(vpc.dns_support && !vpc.dns_hostnames);
    assert_eq!(draft.route_tables[0].id.as_str(), "Main#main-route-table");
    assert_eq!(
        draft.network_acls[0].id.as_str(),
        "Main#default-network-acl"
    );
    assert_eq!(
        draft.security_groups[0].id.as_str(),
        "Main#default-security-group"
    );
    let alone: Vec<_> = ingested.assumptions.iter().map(|one| one.code).collect();
    assert!(alone.contains(&"template-alone"));
}

fn egress(more: &str) -> Vec<RulePeer> {
    let text = with_vpc(&format!(
        "  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: a group
      VpcId: !Ref Main
{more}"
    ));
    let ingested = template(&text);
    let mut groups = ingested.draft.security_groups.iter();
    let group = groups.find(|group| group.id.as_str() == "Group").unwrap();
    group.egress.iter().map(|rule| rule.peer.clone()).collect()
}

#[test]
fn a_group_without_egress_rules_admits_everything_out() {
    let all = [
        RulePeer::Cidr("0.0.0.0/0".parse().unwrap()),
        RulePeer::Cidr("::/0".parse().unwrap()),
    ];
    assert_eq!(egress(""), all);
    assert_eq!(egress("      SecurityGroupEgress: []\n"), all);
    let own = egress("      SecurityGroupEgress: [{ IpProtocol: -1, CidrIp: 127.0.0.1/32 }]\n");
    assert_eq!(own, [RulePeer::Cidr("127.0.0.1/32".parse().unwrap())]);
}

#[test]
fn beside_egress_rules_in_resources_of_their_own_the_default_ones_are_open() {
    let peers = egress(
        "  Rule:
    Type: AWS::EC2::SecurityGroupEgress
    Properties: { GroupId: !GetAtt Group.GroupId, IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8 }
",
    );
    assert!(peers.contains(&RulePeer::Cidr("10.0.0.0/8".parse().unwrap())));
    let is_open = |peer: &&RulePeer| matches!(peer, RulePeer::PrefixList(_));
    assert_eq!(peers.iter().filter(is_open).count(), 2, "{peers:?}");
}

#[test]
fn rules_in_one_group_keep_their_own_peers() {
    let text = with_vpc(
        "  A: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: a, VpcId: !Ref Main } }
  B: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: b, VpcId: !Ref Main } }
  C:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: c
      VpcId: !Ref Main
      SecurityGroupIngress:
        - { IpProtocol: tcp, FromPort: 1, ToPort: 1, SourceSecurityGroupId: !Ref A }
        - { IpProtocol: tcp, FromPort: 2, ToPort: 2, SourceSecurityGroupId: !GetAtt B.GroupId }
",
    );
    let ingested = template(&text);
    let mut groups = ingested.draft.security_groups.iter();
    let group = groups.find(|group| group.id.as_str() == "C").unwrap();
    let peers: Vec<_> = group.ingress.iter().map(|rule| rule.peer.clone()).collect();
    assert_eq!(
        peers,
        [RulePeer::Group("A".into()), RulePeer::Group("B".into())]
    );
}

#[test]
fn an_endpoint_is_a_gateway_with_full_access_unless_it_says_otherwise() {
    let text = with_vpc(
        "  Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: !Ref Main } }
  E:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Main
      ServiceName: com.amazonaws.eu-west-3.s3
      RouteTableIds: [!Ref Table]
",
    );
    let ingested = template(&text);
    let endpoint = &ingested.draft.vpc_endpoints[0];
    assert!(matches!(endpoint.kind, EndpointKind::Gateway { .. }));
    assert_eq!(endpoint.policy, Value::Known(crate::policy::full_access()));
    let mut tables = ingested.draft.route_tables.iter();
    let table = tables.find(|table| table.id.as_str() == "Table").unwrap();
    let target = Target::GatewayEndpoint("E".into());
    assert!(
        table
            .routes
            .iter()
            .any(|route| route.target == Value::Known(target.clone()))
    );
}

#[test]
fn an_instance_has_the_interfaces_that_are_made_with_it() {
    let text = with_vpc(
        "  A: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Main, CidrBlock: 10.0.1.0/24 } }
  I:
    Type: AWS::EC2::Instance
    Properties:
      NetworkInterfaces:
        - { DeviceIndex: '0', SubnetId: !Ref A, AssociatePublicIpAddress: true, PrivateIpAddress: 10.0.1.9 }
        - { DeviceIndex: '1', SubnetId: !Ref A }
",
    );
    let ingested = template(&text);
    let interfaces = &ingested.draft.network_interfaces;
    let ids: Vec<_> = interfaces.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["I#eni", "I#eni[1]"]);
    assert!(interfaces[0].addresses[0].public.is_some());
}

#[test]
fn what_is_not_read_is_named() {
    let text = with_vpc(
        "  Wall: { Type: 'AWS::NetworkFirewall::Firewall', Properties: { VpcId: !Ref Main } }
  Own: { Type: 'Custom::Peering', Properties: { ServiceToken: x } }
  Tool: { Type: 'Custom::LogRetention', Properties: { ServiceToken: !GetAtt LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A.Arn } }
  LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aFD4BFC8A: { Type: 'AWS::Lambda::Function', Properties: { Handler: x } }
  Log: { Type: 'AWS::EC2::FlowLog', Properties: { ResourceId: !Ref Main } }
  Code: { Type: 'AWS::Lambda::Function', Properties: { VpcConfig: { SubnetIds: [] } } }
",
    );
    let ingested = template(&text);
    let warnings = warnings(&ingested);
    assert!(
        warnings.contains("`Wall`: Network Firewall is not modelled"),
        "{warnings}"
    );
    assert!(
        warnings.contains("`Code`: what an AWS::Lambda::Function has in a VPC"),
        "{warnings}"
    );
    assert!(warnings.contains("`Own`: what a custom resource makes or changes"));
    assert!(
        !warnings.contains("`Log`") && !warnings.contains("`Tool`"),
        "{warnings}"
    );
    assert!(
        warnings.contains("template.yaml:6 at /Resources/Wall"),
        "{warnings}"
    );
}

#[test]
fn what_registers_by_itself_leaves_the_targets_open() {
    let text = with_vpc(
        "  Group: { Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: { VpcId: !Ref Main, Port: 80, Protocol: TCP, Targets: [{ Id: 10.0.0.9 }], TargetType: ip } }
  Service: { Type: 'AWS::ECS::Service', Properties: { LoadBalancers: [{ TargetGroupArn: !Ref Group }], NetworkConfiguration: {} } }
",
    );
    let ingested = template(&text);
    let targets = &ingested.draft.target_groups[0].targets;
    let hole = targets.hole().unwrap().attribute();
    assert_eq!(hole, "Service.LoadBalancers[0].TargetGroupArn");
    assert!(warnings(&ingested).contains("`Service`: what an AWS::ECS::Service has in a VPC"));
}

#[test]
fn cdk_takes_the_rules_from_a_default_group() {
    let text = with_vpc(
        "  Restrict:
    Type: Custom::VpcRestrictDefaultSG
    Properties: { DefaultSecurityGroupId: !GetAtt Main.DefaultSecurityGroup, ServiceToken: x }
",
    );
    let ingested = template(&text);
    let [group] = ingested.draft.security_groups.as_slice() else {
        panic!("{:?}", ingested.draft.security_groups)
    };
    assert_eq!(group.id.as_str(), "Main#default-security-group");
    assert!(group.ingress.is_empty() && group.egress.is_empty());
}

const ROLE: &str = "
Resources:
  Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: logs } }
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Statement: { Effect: Deny, Principal: '*', Action: 's3:*', Resource: !Sub '${Bucket.Arn}/*' }
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      AssumeRolePolicyDocument:
        Statement: { Effect: Allow, Principal: { Service: ec2.amazonaws.com }, Action: 'sts:AssumeRole' }
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: read
      Roles: [!Ref Role]
      PolicyDocument:
        Statement: { Effect: Allow, Action: 's3:GetObject', Resource: !Sub '${Bucket.Arn}/*' }
";

#[test]
fn policies_of_roles_and_buckets_are_read_in_an_account_that_is_given() {
    let account = r#"{"AWS::Region": "eu-west-3", "AWS::AccountId": "111122223333"}"#;
    let ingested = read(&[("t.yaml", ROLE), ("p.json", account)]).unwrap();
    let [role] = ingested.draft.principals.as_slice() else {
        panic!("{:?}", ingested.draft.principals)
    };
    assert_eq!(role.id.as_str(), "arn:aws:iam::111122223333:role/app");
    assert!(role.identity_policies.len() == 1 && role.identity_policies[0].known().is_some());
    let policies = &ingested.draft.resource_policies;
    let bucket = policies
        .iter()
        .find(|one| one.id.as_str() == "arn:aws:s3:::logs")
        .unwrap();
    assert!(bucket.policy.as_ref().unwrap().known().is_some());
}

#[test]
fn policies_in_an_account_that_is_not_given_are_named() {
    let ingested = template(ROLE);
    assert!(ingested.draft.principals.is_empty());
    let warnings = warnings(&ingested);
    assert!(
        warnings.contains("`Role`: the policies of a role whose account"),
        "{warnings}"
    );
}

#[test]
fn block_public_access_of_vpcs_is_read() {
    let text = with_vpc(
        "  Block: { Type: 'AWS::EC2::VPCBlockPublicAccessOptions', Properties: { InternetGatewayBlockMode: block-bidirectional } }
  Except:
    Type: AWS::EC2::VPCBlockPublicAccessExclusion
    Properties: { VpcId: !Ref Main, InternetGatewayExclusionMode: allow-egress }
  Zone: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Main, AvailabilityZone: eu-west-3a, CidrBlock: 10.0.0.0/24 } }
",
    );
    let ingested = template(&text);
    let vpc = &ingested.draft.vpcs[0];
    assert_eq!(
        vpc.block_public_access,
        Value::Known(BlockPublicAccess::Bidirectional)
    );
    assert!(vpc.exclusion.is_some());
}

#[test]
fn the_primary_address_of_an_interface_comes_first() {
    let text = with_vpc(
        "  A: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Main, CidrBlock: 10.0.1.0/24 } }
  I:
    Type: AWS::EC2::NetworkInterface
    Properties:
      SubnetId: !Ref A
      PrivateIpAddresses:
        - { PrivateIpAddress: 10.0.1.8, Primary: false }
        - { PrivateIpAddress: 10.0.1.9, Primary: true }
",
    );
    let ingested = template(&text);
    let addresses = &ingested.draft.network_interfaces[0].addresses;
    let first = model::Address::V4(u32::from(std::net::Ipv4Addr::new(10, 0, 1, 9)));
    assert_eq!(addresses[0].private, model::AddressValue::Known(first));
}
