//! VPC Block Public Access.

use super::*;

/// The options of an account in a Region.
fn options(account: &str, region: &str, mode: &str) -> String {
    format!(
        r#"{{"VpcBlockPublicAccessOptions": {{"AwsAccountId": "{account}", "AwsRegion": "{region}", "State": "update-complete", "InternetGatewayBlockMode": "{mode}"}}}}"#
    )
}

/// Exclusions of resources by mode and state.
fn exclusions(of: &[(&str, &str, &str)]) -> String {
    let items = of.iter().enumerate().map(|(n, (resource, mode, state))| {
        format!(
            r#"{{"ExclusionId": "vpcbpa-exclude-{n}", "InternetGatewayExclusionMode": "{mode}", "ResourceArn": "arn:aws:ec2:eu-west-1:111122223333:{resource}", "State": "{state}"}}"#
        )
    });
    let items: Vec<_> = items.collect();
    format!(
        r#"{{"VpcBlockPublicAccessExclusions": [{}]}}"#,
        items.join(", ")
    )
}

#[test]
fn the_mode_and_the_exclusions_in_force_are_read() {
    let options = options("111122223333", "eu-west-1", "block-bidirectional");
    let exclusions = exclusions(&[
        ("vpc/vpc-1", "allow-egress", "create-complete"),
        (
            "subnet/subnet-1",
            "allow-bidirectional",
            "update-in-progress",
        ),
        (
            "subnet/subnet-2",
            "allow-bidirectional",
            "delete-in-progress",
        ),
        ("vpc/vpc-of-nobody", "allow-egress", "create-complete"),
    ]);
    let read = with(&[("options.json", &options), ("exclusions.json", &exclusions)]);
    assert_says(
        &native(&read.network),
        &[
            "block-public-access = \"block-bidirectional\"\nexclusion = \"allow-egress\"\n",
            "exclusion = \"allow-bidirectional\"\n[subnet.subnet-2]\n",
        ],
    );
    assert_eq!(native(&read.network).matches("exclusion").count(), 2);
    assert_eq!(warnings(&read), "");
    let assumptions = assumptions(&read);
    assert!(
        !assumptions.contains("block-public-access"),
        "{assumptions}"
    );
}

#[test]
fn options_of_another_account_or_region_do_not_count() {
    for (account, region) in [("999988887777", "eu-west-1"), ("111122223333", "us-east-1")] {
        let options = options(account, region, "block-ingress");
        let read = with(&[("options.json", &options)]);
        assert!(!native(&read.network).contains("block-public-access"));
        assert_says(
            &assumptions(&read),
            &[
                "block-public-access-off: the output of `describe-vpc-block-public-access-options` for `eu-west-1`",
            ],
        );
    }
}

#[test]
fn without_options_the_vpc_says_its_mode_or_it_is_taken_to_be_off() {
    let states = r#""VpcId": "vpc-1", "BlockPublicAccessStates": {"InternetGatewayBlockMode": "block-ingress"},"#;
    let vpcs = VPCS.1.replacen(r#""VpcId": "vpc-1","#, states, 1);
    assert_ne!(vpcs, VPCS.1);
    let read = with(&[("vpcs.json", &vpcs)]);
    assert_says(
        &native(&read.network),
        &["block-public-access = \"block-ingress\""],
    );
    assert_says(
        &assumptions(&read),
        &["call-missing: the output of `describe-vpc-block-public-access-exclusions`"],
    );
    let read = with(&[]);
    assert!(!native(&read.network).contains("block-public-access"));
    assert_says(&assumptions(&read), &["block-public-access-off: "]);
}

#[test]
fn what_is_not_known_is_an_error() {
    let options = options("111122223333", "eu-west-1", "block-egress");
    let exclusions = exclusions(&[
        ("vpc/vpc-1", "allow-ingress", "create-complete"),
        ("vpc-1", "allow-egress", "create-complete"),
        ("vpc/vpc-1", "allow-egress", "resting"),
    ]);
    let text = errors_with(&[("options.json", &options), ("exclusions.json", &exclusions)]);
    assert_says(
        &text,
        &[
            "mode of VPC Block Public Access `block-egress` is not known",
            "help: expected `off`, `block-bidirectional` or `block-ingress`",
            "mode of an exclusion `allow-ingress` is not known",
            "`arn:aws:ec2:eu-west-1:111122223333:vpc-1` is not the ARN of a VPC or a subnet",
            "state of an exclusion `resting` is not known",
        ],
    );
}
