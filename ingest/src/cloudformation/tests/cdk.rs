//! What the CDK writes into templates beside what its user asks for.

use crate::Touches;

use super::doubts::{doubts, in_a_region, with_subnet};
use super::{tag, template, with_vpc};

/// The doubts about `X`, an instance with a launch template that is made beside it.
fn of_launched(launch_template: &str, properties: &str) -> Vec<(Touches, String)> {
    let text = with_subnet(&format!(
        "  T: {{ Type: 'AWS::EC2::LaunchTemplate', Properties: {properties} }}
  X:
    Type: AWS::EC2::Instance
    Properties: {{ SubnetId: !Ref A, LaunchTemplate: {launch_template} }}
"
    ));
    doubts(&in_a_region(&text))
}

#[test]
fn a_launch_template_that_sets_nothing_of_the_network_is_not_doubted() {
    const BY_ID: &str = "{ LaunchTemplateId: !Ref T, Version: !GetAtt T.LatestVersionNumber }";
    const BY_NAME: &str = "{ LaunchTemplateName: t, Version: !GetAtt T.LatestVersionNumber }";
    let plain = "{ LaunchTemplateName: t, LaunchTemplateData: { MetadataOptions: { HttpTokens: required } } }";
    for named in [BY_ID, BY_NAME] {
        assert_eq!(of_launched(named, plain), []);
    }
    let is_doubted = |named: &str, properties: &str| {
        let found = of_launched(named, properties);
        let expected = "`X.LaunchTemplate` (template.yaml:12 at";
        let mut found = found.iter();
        found.any(|(touches, what)| *touches == Touches::Everything && what.starts_with(expected))
    };
    for named in [
        "{ LaunchTemplateName: other, Version: !GetAtt T.LatestVersionNumber }",
        "{ LaunchTemplateId: lt-1, Version: !GetAtt T.LatestVersionNumber }",
        "{ LaunchTemplateId: !Ref A, Version: !GetAtt T.LatestVersionNumber }",
        // Of a stack that is deployed, these may be earlier ones.
        "{ LaunchTemplateId: !Ref T, Version: !GetAtt T.DefaultVersionNumber }",
        "{ LaunchTemplateId: !Ref T, Version: '1' }",
    ] {
        assert!(is_doubted(named, plain), "{named}");
    }
    for properties in [
        "{ LaunchTemplateName: t, LaunchTemplateData: { SecurityGroupIds: [sg-1] } }",
        "{ LaunchTemplateName: t, LaunchTemplateData: { NetworkInterfaces: [] } }",
        "{ LaunchTemplateName: t, LaunchTemplateData: { TagSpecifications: [] } }",
        "{ LaunchTemplateName: t }",
    ] {
        assert!(is_doubted(BY_ID, properties), "{properties}");
    }
}

#[test]
fn tags_of_listeners_are_not_doubted() {
    let text = with_subnet(
        "  Balancer: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Type: network, Scheme: internal, Subnets: [!Ref A] } }
  Targets: { Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: { VpcId: !Ref Main, Port: 80, Protocol: TCP, TargetType: ip } }
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: TCP
      DefaultActions: [{ Type: forward, TargetGroupArn: !Ref Targets }]
      Tags: [{ Key: project, Value: demo }]
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: 1
      Conditions: []
      Actions: [{ Type: forward, TargetGroupArn: !Ref Targets }]
      Tags: [{ Key: project, Value: demo }]
",
    );
    let doubts = doubts(&in_a_region(&text));
    let mut of_tags = doubts.iter().filter(|(_, what)| what.contains("Tags"));
    assert_eq!(of_tags.next(), None);
}

/// CDK's function revokes what AWS admits out over IPv4, and AWS admits IPv6 where a VPC has some.
#[test]
fn what_stays_of_ipv6_in_a_default_group_is_doubted_where_there_is_some() {
    let with = |more: &str| {
        let text = with_subnet(&format!(
            "  CustomVpcRestrictDefaultSGCustomResourceProviderHandlerDC833E5E: {{ Type: 'AWS::Lambda::Function', Properties: {{ Handler: x }} }}
  Restrict:
    Type: Custom::VpcRestrictDefaultSG
    Properties:
      ServiceToken: !GetAtt CustomVpcRestrictDefaultSGCustomResourceProviderHandlerDC833E5E.Arn
      DefaultSecurityGroupId: !GetAtt Main.DefaultSecurityGroup
{more}"
        ));
        doubts(&in_a_region(&text))
    };
    assert_eq!(with(""), []);
    let block = "  Block: { Type: 'AWS::EC2::VPCCidrBlock', Properties: { VpcId: !Ref Main, AmazonProvidedIpv6CidrBlock: true } }\n";
    let doubts = with(block);
    let mut doubts = doubts.iter();
    let expected = "`Restrict.DefaultSecurityGroupId`";
    assert!(doubts.any(|(of, what)| *of == Touches::Ipv6 && what.contains(expected)));
}

#[test]
fn what_stands_in_for_a_look_up_is_no_block_and_no_name() {
    for text in ["1.2.3.4/5", "dummy-value-for-/network/block", "pl-xxxxxxxx"] {
        let value = tag("", text);
        assert_eq!(value, None, "{text} is open");
    }
    assert_eq!(tag("", "1.2.3.0/24").as_deref(), Some("1.2.3.0/24"));
    let text = with_vpc(
        "  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: x
      VpcId: !Ref Main
      SecurityGroupIngress: [{ IpProtocol: -1, CidrIp: 1.2.3.4/5 }]
",
    );
    let ingested = template(&text);
    let ingress = &ingested.draft.security_groups[0].ingress;
    assert!(
        format!("{ingress:?}").contains("commit cdk.context.json"),
        "{ingress:?}"
    );
}
