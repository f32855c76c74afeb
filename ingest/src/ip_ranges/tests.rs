//! Prefix lists of which only `ip-ranges.json` says the entries.

use std::fs;

use model::PrefixList;

use crate::{Ingested, InputKind, ReadError};

const RANGES: &str = r#"{"syncToken": "1763661911", "createDate": "2025-11-20-18-05-11", "prefixes": [
    {"ip_prefix": "52.218.0.0/17", "region": "eu-west-1", "service": "S3", "network_border_group": "eu-west-1"},
    {"ip_prefix": "3.5.72.0/23", "region": "eu-west-1", "service": "S3", "network_border_group": "eu-west-1"},
    {"ip_prefix": "3.5.140.0/22", "region": "ap-northeast-2", "service": "S3", "network_border_group": "ap-northeast-2"},
    {"ip_prefix": "52.94.24.0/23", "region": "eu-west-1", "service": "DYNAMODB", "network_border_group": "eu-west-1"},
    {"ip_prefix": "52.94.24.0/23", "region": "eu-west-1", "service": "AMAZON", "network_border_group": "eu-west-1"}
], "ipv6_prefixes": []}"#;

fn network(entries: &str, aws_managed: bool, name: &str) -> String {
    format!(
        "[vpc.v]\nregion = \"eu-west-1\"\ncidrs = [\"10.0.0.0/16\"]\n[prefix-list.pl-1]\nname = \"{name}\"\n\
         aws-managed = {aws_managed}\nentries = {entries}\n"
    )
}

const OPEN: &str = "{ any = \"entries of pl-1\" }";
const S3: &str = "com.amazonaws.eu-west-1.s3";

fn read(files: &[(&str, &str)]) -> Result<Ingested, ReadError> {
    let directory = tempfile::tempdir().expect("a directory");
    let paths = files.iter().map(|(name, text)| {
        let path = directory.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    });
    crate::read(&paths.collect::<Vec<_>>())
}

fn list(network: &str, ranges: Option<&str>) -> (PrefixList, Vec<String>) {
    let mut files = vec![("network.toml", network)];
    // The order of the inputs does not matter.
    if let Some(ranges) = ranges {
        files.insert(0, ("ip-ranges.json", ranges));
    }
    let read = read(&files).unwrap_or_else(|error| panic!("{error}"));
    let assumed = read.assumptions.iter();
    let assumed = assumed.filter(|one| one.code == "prefix-lists-of-ip-ranges");
    let assumed = assumed.map(|one| one.text.clone()).collect();
    (read.draft.prefix_lists[0].clone(), assumed)
}

fn entries(list: &PrefixList) -> Option<Vec<String>> {
    let entries = list.entries.known()?.iter();
    Some(entries.map(ToString::to_string).collect())
}

#[test]
fn the_entries_of_a_list_of_aws_are_the_blocks_of_its_service_and_an_assumption() {
    let (list, assumed) = list(&network(OPEN, true, S3), Some(RANGES));
    let found = entries(&list).expect("they are taken from the file");
    assert_eq!(found, ["3.5.72.0/23", "52.218.0.0/17"]);
    let [assumed] = assumed.as_slice() else {
        panic!("{assumed:?}");
    };
    for expected in [
        "`pl-1` (com.amazonaws.eu-west-1.s3)",
        "on 2025-11-20",
        "AWS does not say",
    ] {
        assert!(assumed.contains(expected), "{assumed}");
    }
    let dynamodb = "com.amazonaws.eu-west-1.dynamodb";
    let (list, _) = self::list(&network(OPEN, true, dynamodb), Some(RANGES));
    assert_eq!(entries(&list), Some(vec!["52.94.24.0/23".to_owned()]));
}

#[test]
fn nothing_changes_without_the_file_or_where_it_says_nothing() {
    let known = "[\"192.0.2.0/24\"]";
    for (network, ranges, expected) in [
        (network(OPEN, true, S3), None, None),
        (
            network(known, true, S3),
            Some(RANGES),
            Some(vec!["192.0.2.0/24".to_owned()]),
        ),
        (network(OPEN, false, S3), Some(RANGES), None),
        (
            network(OPEN, true, "com.amazonaws.eu-west-3.s3"),
            Some(RANGES),
            None,
        ),
        (
            network(OPEN, true, "com.amazonaws.eu-west-1.s3express"),
            Some(RANGES),
            None,
        ),
    ] {
        let (list, assumed) = list(&network, ranges);
        assert_eq!(entries(&list), expected, "{network}");
        assert_eq!(assumed, Vec::<String>::new(), "{network}");
    }
}

#[test]
fn the_file_is_an_input_and_its_mistakes_are_told() {
    let network = network(OPEN, true, S3);
    let files = [
        ("network.toml", network.as_str()),
        ("ip-ranges.json", RANGES),
    ];
    let inputs = read(&files).expect("it is right").inputs;
    assert_eq!(inputs[1].kind, InputKind::IpRanges);
    let wrong = RANGES
        .replace("2025-11-20-18", "today")
        .replace("52.218.0.0/17", "52.218.0.1/17");
    let error = read(&[
        ("network.toml", network.as_str()),
        ("ip-ranges.json", &wrong),
    ]);
    let error = error.expect_err("it is wrong").to_string();
    assert!(error.contains("is not a time like"), "{error}");
    let wrong = RANGES.replace("52.218.0.0/17", "52.218.0.1/17");
    let error = read(&[
        ("network.toml", network.as_str()),
        ("ip-ranges.json", &wrong),
    ]);
    let error = error.expect_err("it is wrong").to_string();
    assert!(error.contains("at /prefixes/0/ip_prefix"), "{error}");
}
