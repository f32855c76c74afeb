//! Several templates of one run, and a template over a network that is there.

use super::read;

const NETWORK: &str = "
Parameters:
  Name: { Type: String, Default: net }
Resources:
  Main: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: 10.0.0.0/16 } }
Outputs:
  Vpc:
    Value: !Ref Main
    Export: { Name: !Sub '${Name}-VpcId' }
";

const SUBNETS: &str = "
Resources:
  Main:
    Type: AWS::EC2::Subnet
    Properties: { VpcId: !ImportValue net-VpcId, CidrBlock: 10.0.1.0/24 }
";

#[test]
fn an_import_finds_the_export_of_another_template() {
    for order in [[0, 1], [1, 0]] {
        let files = [("network.yaml", NETWORK), ("subnets.yml", SUBNETS)];
        let files = order.map(|position: usize| files[position]);
        let ingested = read(&files).unwrap();
        let subnet = &ingested.draft.subnets[0];
        assert_eq!(subnet.id.as_str(), "subnets.Main");
        assert_eq!(subnet.vpc.as_str(), "network.Main");
        assert!(ingested.validate().is_ok());
    }
}

#[test]
fn an_import_without_an_export_is_open() {
    let ingested = read(&[("subnets.yaml", SUBNETS)]).unwrap();
    assert!(ingested.draft.subnets.is_empty());
    let warning = ingested.diagnostics[0].to_string();
    assert!(
        warning.contains("`Main.VpcId (export net-VpcId)` open"),
        "{warning}"
    );
}

#[test]
fn parameters_are_for_the_template_before_them() {
    let other = NETWORK.replace("10.0.0.0/16", "10.1.0.0/16");
    let files = [
        ("a.yaml", NETWORK),
        ("b.yaml", other.as_str()),
        ("b.json", r#"{"Name": "b"}"#),
    ];
    assert_eq!(read(&files).unwrap().draft.vpcs.len(), 2);
    let error = read(&files[..2]).unwrap_err().to_string();
    assert!(
        error.contains("`net-VpcId` is exported more than once"),
        "{error}"
    );
}

#[test]
fn a_template_lies_over_a_network_that_is_there() {
    let earlier = "[vpc.vpc-1]\nregion = 'eu-west-3'\ncidrs = ['10.0.0.0/16']\n";
    let template = "
Parameters:
  Vpc: { Type: 'AWS::EC2::VPC::Id' }
Resources:
  A:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.0.1.0/24
      Tags: [{ Key: region, Value: !Ref AWS::Region }]
";
    let files = [
        ("network.toml", earlier),
        ("template.yaml", template),
        ("parameters.json", r#"{"Vpc": "vpc-1"}"#),
    ];
    let ingested = read(&files).unwrap();
    let subnet = ingested
        .draft
        .subnets
        .iter()
        .find(|one| one.id.as_str() == "A")
        .unwrap();
    assert_eq!(subnet.vpc.as_str(), "vpc-1");
    assert_eq!(subnet.tags["region"], "eu-west-3");
    let codes: Vec<_> = ingested.assumptions.iter().map(|one| one.code).collect();
    assert!(codes.contains(&"template-new") && !codes.contains(&"template-alone"));
}

#[test]
fn each_template_has_the_region_that_is_given_for_it() {
    let text =
        "Resources:\n  Main: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: 10.0.0.0/16 } }\n";
    let files = [
        ("a.yaml", text),
        ("a.json", r#"{"AWS::Region": "eu-west-3"}"#),
        ("b.yaml", text),
        ("b.json", r#"{"AWS::Region": "us-east-1"}"#),
    ];
    let ingested = read(&files).unwrap();
    let regions: Vec<_> = ingested
        .draft
        .vpcs
        .iter()
        .map(|vpc| vpc.region.as_str())
        .collect();
    assert_eq!(regions, ["eu-west-3", "us-east-1"]);
}

#[test]
fn an_export_of_another_region_or_account_is_not_imported() {
    for (one, other) in [
        (
            r#"{"AWS::Region": "eu-west-3"}"#,
            r#"{"AWS::Region": "us-east-1"}"#,
        ),
        (
            r#"{"AWS::Region": "eu-west-3", "AWS::AccountId": "111122223333"}"#,
            r#"{"AWS::Region": "eu-west-3", "AWS::AccountId": "444455556666"}"#,
        ),
    ] {
        let files = [
            ("network.yaml", NETWORK),
            ("network.json", one),
            ("subnets.yaml", SUBNETS),
            ("subnets.json", other),
        ];
        let ingested = read(&files).unwrap();
        let taken = "(export net-VpcId)` is taken to be `network.Main`";
        let is_it = |one: &&crate::Doubt| one.what.contains(taken);
        assert_eq!(ingested.doubts.iter().filter(is_it).count(), 1, "{other}");
    }
}
