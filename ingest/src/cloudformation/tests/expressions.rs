//! Functions, conditions and parameters.

use model::{EndpointKind, Value};

use super::{read, tag, template, warnings, with_vpc};

#[test]
fn functions_of_texts_are_evaluated() {
    let known = |expression: &str| tag("", expression).unwrap();
    assert_eq!(known("!Join ['-', [a, b, 3]]"), "a-b-3");
    assert_eq!(known("!Select [1, !Split [',', 'a,b,c']]"), "b");
    assert_eq!(
        known("!Select [2, !Cidr [10.0.0.0/16, 3, 8]]").as_str(),
        "10.0.2.0/24"
    );
    assert_eq!(known("!Sub ['${x}-${!y}', {x: 1}]"), "1-${y}");
    assert_eq!(
        known("!Sub ['${AWS::Region}${z}', {z: !Select [1, ['eu-west-3a', '']]}]"),
        "eu-west-3"
    );
    assert_eq!(known("{'Fn::ToJsonString': [1, a]}"), "[1,\"a\"]");
    assert_eq!(known("!Sub ['${n}', {n: {'Fn::Length': [a, b]}}]"), "2");
}

const SECTIONS: &str = "
Parameters:
  Stage:
    Type: String
    Default: test
  Sizes:
    Type: CommaDelimitedList
    Default: 'a, b'
  Image:
    Type: AWS::SSM::Parameter::Value<String>
    Default: /a/b
  Key:
    Type: String
    NoEcho: true
    Default: secret
  Held:
    Type: String
    Default: '{{resolve:ssm:/a/b}}'
  Open:
    Type: String
Mappings:
  Stages:
    test: { Name: t }
    live: { Name: l }
Conditions:
  IsLive: !Equals [!Ref Stage, live]
  IsTest: !And [!Not [!Condition IsLive], !Or [!Equals [a, b], !Equals [!Ref Stage, test]]]
  IsOpen: !Equals [!Ref Open, x]
";

#[test]
fn parameters_mappings_and_conditions_are_evaluated() {
    let of = |expression: &str| tag(SECTIONS, expression);
    assert_eq!(
        of("!FindInMap [Stages, !Ref Stage, Name]").as_deref(),
        Some("t")
    );
    assert_eq!(of("!If [IsLive, a, b]").as_deref(), Some("b"));
    assert_eq!(of("!If [IsTest, a, b]").as_deref(), Some("a"));
    assert_eq!(of("!Select [1, !Ref Sizes]").as_deref(), Some("b"));
    assert_eq!(of("!If [IsOpen, a, a]").as_deref(), Some("a"));
}

#[test]
fn what_the_template_does_not_say_is_open() {
    for expression in [
        "!Ref Open",
        "!Ref Image",
        "!Ref Key",
        "!Ref Held",
        "!Base64 x",
        "!If [IsOpen, a, b]",
        "'{{resolve:ssm:/a/b}}'",
        "!ImportValue x",
        "!Select [0, !GetAZs '']",
        "!Ref AWS::AccountId",
        "!Sub '${Open}-x'",
    ] {
        assert_eq!(tag(SECTIONS, expression), None, "{expression}");
    }
}

#[test]
fn a_file_of_parameters_gives_values_in_each_of_its_forms() {
    let text = format!(
        "Parameters:\n  Block:\n    Type: String\n{}",
        with_vpc("").replace("10.0.0.0/16", "!Ref Block")
    );
    for parameters in [
        r#"[{"ParameterKey": "Block", "ParameterValue": "10.9.0.0/16"}]"#,
        r#"{"Block": "10.9.0.0/16", "AWS::Region": "eu-west-3"}"#,
        r#"{"Parameters": {"Block": "10.9.0.0/16"}}"#,
    ] {
        let ingested = read(&[("template.yaml", &text), ("p.json", parameters)]).unwrap();
        assert_eq!(ingested.draft.vpcs[0].cidrs[0].to_string(), "10.9.0.0/16");
    }
    let ingested = template(&text);
    assert!(ingested.draft.vpcs[0].cidrs.is_empty());
    assert!(warnings(&ingested).contains("an IPv4 block that is chosen at apply"));
}

#[test]
fn an_open_condition_over_resources_leaves_both() {
    let text = format!(
        "Parameters:\n  Open: {{ Type: String }}\nConditions:\n  IsOpen: !Equals [!Ref Open, x]\n{}",
        with_vpc(
            "  A: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Main, CidrBlock: 10.0.1.0/24 } }
  One: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: !Ref Main } }
  Two: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: !Ref Main } }
  Association:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties:
      SubnetId: !Ref A
      RouteTableId: !If [IsOpen, !Ref One, !Ref Two]
"
        )
    );
    let ingested = template(&text);
    let table = ingested.draft.subnets[0].route_table.as_ref().unwrap();
    let Value::OneOf(tables, hole) = table else {
        panic!("{table:?}")
    };
    assert_eq!(tables.len(), 2);
    assert_eq!(hole.attribute(), "Association.RouteTableId");
}

#[test]
fn a_condition_decides_whether_a_resource_is_there() {
    let text = format!(
        "Conditions:\n  Never: !Equals [a, b]\n{}",
        with_vpc(
            "  A: { Type: 'AWS::EC2::Subnet', Condition: Never, Properties: { VpcId: !Ref Main, CidrBlock: 10.0.1.0/24 } }\n"
        )
    );
    assert!(template(&text).draft.subnets.is_empty());
}

#[test]
fn what_cdk_has_not_looked_up_is_named() {
    let text = "Resources:
  A:
    Type: AWS::EC2::Subnet
    Properties: { VpcId: vpc-12345, CidrBlock: 10.0.1.0/24 }
";
    let ingested = template(text);
    assert!(ingested.draft.subnets.is_empty());
    assert!(
        warnings(&ingested).contains("commit cdk.context.json"),
        "{}",
        warnings(&ingested)
    );
}

#[test]
fn an_endpoint_for_a_region_that_nothing_says_is_open() {
    let text = with_vpc(
        "  E:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Main
      ServiceName: !Sub com.amazonaws.${AWS::Region}.s3
",
    );
    let ingested = template(&text);
    assert!(matches!(
        ingested.draft.vpc_endpoints[0].kind,
        EndpointKind::Unmodelled(_)
    ));
    let with_region = r#"{"AWS::Region": "eu-west-3"}"#;
    let ingested = read(&[("template.yaml", &text), ("region.json", with_region)]).unwrap();
    assert_eq!(
        ingested.draft.vpc_endpoints[0].service,
        "com.amazonaws.eu-west-3.s3"
    );
    assert!(matches!(
        ingested.draft.vpc_endpoints[0].kind,
        EndpointKind::Gateway { .. }
    ));
}

/// A policy of an endpoint, as the text of a statement's elements.
fn policy(statement: &str) -> Value<model::Policy> {
    let text = format!(
        "Parameters:
  Who: {{ Type: String }}
{}",
        with_vpc(&format!(
            "  Bucket: {{ Type: 'AWS::S3::Bucket' }}
  Role: {{ Type: 'AWS::IAM::Role', Properties: {{ RoleName: app }} }}
  E:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Main
      ServiceName: com.amazonaws.eu-west-3.s3
      PolicyDocument:
        Statement:
          - {{ Effect: Allow, {statement} }}
"
        ))
    );
    template(&text).draft.vpc_endpoints[0].policy.clone()
}

#[test]
fn a_policy_with_an_open_action_is_open_by_the_name_of_that_part() {
    let policy = policy("Principal: '*', Action: !GetAtt Bucket.Arn, Resource: '*'");
    assert_eq!(
        policy.hole().unwrap().attribute(),
        "E.PolicyDocument (Bucket.Arn)"
    );
}

#[test]
fn a_policy_with_an_open_arn_is_known_but_for_that() {
    let written = |resource: &str| {
        let policy = policy(&format!(
            "Principal: '*', Action: '*', Resource: {resource}"
        ));
        let text = policy.known().map(crate::policy::write);
        text.map(|text| text.split_once("\"Resource\":").unwrap().1.to_owned())
    };
    for (resource, expected) in [
        (
            "!GetAtt Bucket.Arn",
            r#"{"join":["arn:aws:s3:::",{"part":"Bucket.Arn"}]}}]}"#,
        ),
        (
            "!Sub '${Bucket.Arn}/*'",
            r#"{"join":["arn:aws:s3:::",{"part":"Bucket.Arn"},"/*"]}}]}"#,
        ),
        (
            "[!Join ['', ['arn:aws:s3:::', !Ref Bucket]], '*']",
            r#"[{"join":["arn:aws:s3:::",{"part":"Bucket"}]},"*"]}]}"#,
        ),
        (
            "!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/x'",
            r#"{"join":["arn:aws:iam::",{"part":"AWS::AccountId"},":role/x"]}}]}"#,
        ),
        (
            "!GetAtt Role.Arn",
            r#"{"join":["arn:aws:iam::",{"part":"Role.Arn"},":role/app"]}}]}"#,
        ),
    ] {
        assert_eq!(written(resource).as_deref(), Some(expected), "{resource}");
    }
    // A parameter may be any text, with a variable in it too.
    assert_eq!(written("!Ref Who"), None);
    assert_eq!(written("!Sub '${Bucket.Arn}/${Who}'"), None);
    assert_eq!(written("!Sub '${Bucket.Arn}/${!aws:username}'"), None);
}

#[test]
fn lists_are_equal_by_no_condition_that_is_decided() {
    let text = format!("Conditions:\n  Same: !Equals [[a], [a]]\n{}", with_vpc(""));
    let expression = "!If [Same, a, b]";
    assert_eq!(
        tag("Conditions:\n  Same: !Equals [[a], [a]]", expression),
        None
    );
    assert!(template(&text).draft.vpcs.len() == 1);
}

#[test]
fn a_value_that_the_stack_has_already_is_open() {
    let text = format!(
        "Parameters:\n  Block: {{ Type: String, Default: 10.9.0.0/16 }}\n{}",
        with_vpc("").replace("10.0.0.0/16", "!Ref Block")
    );
    let parameters = r#"[{"ParameterKey": "Block", "UsePreviousValue": true}]"#;
    let ingested = read(&[("template.yaml", &text), ("p.json", parameters)]).unwrap();
    assert!(ingested.draft.vpcs[0].cidrs.is_empty());
    let ingested = template(&text);
    assert_eq!(ingested.draft.vpcs[0].cidrs.len(), 1);
    let assumed = |code| ingested.assumptions.iter().find(|one| one.code == code);
    assert!(
        assumed("template-defaults")
            .unwrap()
            .text
            .contains("`Block`")
    );
}

#[test]
fn an_address_that_is_written_is_known_by_the_attributes_of_its_resource() {
    let sections = "Parameters:\n  Secret: { Type: String, NoEcho: 'True', Default: x }";
    let hosts = "
  Db: { Type: 'AWS::EC2::Instance', Properties: { ImageId: ami-1, SubnetId: !Ref S, PrivateIpAddress: 10.0.1.9 } }
  Port: { Type: 'AWS::EC2::NetworkInterface', Properties: { SubnetId: !Ref S, PrivateIpAddress: 10.0.1.8 } }
  S: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: !Ref Main, CidrBlock: 10.0.1.0/24 } }";
    let of = |expression: &str| {
        let text = format!(
            "{sections}\nResources:{hosts}\n  Main: {{ Type: 'AWS::EC2::VPC', Properties: {{ CidrBlock: 10.0.0.0/16 }} }}\n  Tagged: {{ Type: 'AWS::EC2::VPC', Properties: {{ CidrBlock: 10.1.0.0/16, Tags: [{{ Key: k, Value: {expression} }}] }} }}\n"
        );
        let read = template(&text);
        let mut vpcs = read.draft.vpcs.iter();
        let tagged = vpcs.find(|vpc| vpc.id.as_str() == "Tagged").unwrap();
        tagged.tags.get("k").cloned()
    };
    assert_eq!(of("!GetAtt Db.PrivateIp").as_deref(), Some("10.0.1.9"));
    let port = of("!GetAtt Port.PrimaryPrivateIpAddress");
    assert_eq!(port.as_deref(), Some("10.0.1.8"));
    // It is a secret, however it is written.
    assert_eq!(of("!Ref Secret"), None);
}
