//! Errors of the invariant file as they are printed, and what claims become.

use std::collections::BTreeSet;

use ingest::OpenAttributes;
use model::{
    Cidr, Claim, ComponentId, Family, Network, NetworkDraft, Origin, Patterns, Place, Principal,
    PrincipalSet, Quantifier, TrafficClass,
};

use super::lower::{Lowered, lower};
use super::{InvariantFile, read_text, request};
use crate::problem::Problem;

fn read(text: &str) -> Result<InvariantFile, Vec<Problem>> {
    read_text("vpcproof.toml", text)
}

/// What is printed for a file that cannot be read.
fn printed(text: &str) -> Vec<String> {
    let problems = read(text).expect_err("the file is wrong");
    problems.iter().map(ToString::to_string).collect()
}

fn small() -> Network {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/networks/small.toml");
    let ingested = ingest::read(&[path.into()]).unwrap();
    ingested.validate().unwrap().network
}

fn lowered(text: &str) -> Lowered {
    let file = read(text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    lower(
        &file.statements[0],
        &small(),
        &OpenAttributes::default(),
        &file.source,
    )
    .unwrap()
}

/// What is printed when a claim does not fit the network.
fn misfit(text: &str) -> Vec<String> {
    let file = read(text).unwrap();
    let problems = lower(
        &file.statements[0],
        &small(),
        &OpenAttributes::default(),
        &file.source,
    )
    .unwrap_err();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn every_problem_of_a_file_is_told_at_its_place() {
    let text = r#"[group]
app = "interface tag:tier"
any = "interface"
loop-a = "loop-b"
loop-b = "loop-a"

[[never]]
name = "one"
form = "internet"
to = "dbs"

[[always]]
name = "one"
from = "app2"
to = "interface kin:x"

[waive]
"#;
    let expected = [
        "error[invalid-selector]: `tag:tier` has no `=`\n  --> vpcproof.toml:2:18\n  help: write `tag:tier=*` for any value",
        "error[duplicate-name]: `any` is a kind, and cannot name a group\n  --> vpcproof.toml:3:1",
        "error[invalid-selector]: the group `loop-a` leads back to itself\n  --> vpcproof.toml:4:10",
        "error[invalid-selector]: the group `loop-b` leads back to itself\n  --> vpcproof.toml:5:10",
        "error[missing-claim-field]: `[[never]]` lacks the field `from`\n  --> vpcproof.toml:7:1",
        "error[unknown-field]: `[[never]]` has no field `form`\n  --> vpcproof.toml:9:1\n  help: did you mean `from`?",
        "error[unknown-group]: `dbs` is neither a kind nor a group of this file\n  --> vpcproof.toml:10:7\n  help: the kinds and groups are `internet`, `onprem`, `any`, `interface`, `instance`, `subnet`, `vpc`, `endpoint`, `endpoint-service`, `load-balancer`, `nat-gateway`, `transit-gateway`, `virtual-private-gateway`, `app`, `loop-a`, `loop-b`",
        "error[missing-claim-field]: `[[always]]` lacks the field `traffic`\n  --> vpcproof.toml:12:1\n  help: which traffic always passes has to be said, as `traffic = \"tcp/443\"`",
        "error[duplicate-name]: the name `one` is used already\n  --> vpcproof.toml:12:1\n  help: it names the claim on line 7",
        "error[unknown-group]: `app2` is neither a kind nor a group of this file\n  --> vpcproof.toml:14:9\n  help: did you mean `app`?",
        "error[invalid-selector]: `kin:` is not a filter\n  --> vpcproof.toml:15:17\n  help: did you mean `kind`?",
        "error[wrong-field-type]: `waive` is a list of tables, written `[[waive]]`\n  --> vpcproof.toml:17:1",
    ];
    assert_eq!(printed(text), expected);
}

#[test]
fn text_that_is_not_toml_is_told_with_its_place() {
    let printed = printed("[[never]]\nname = \n");
    assert_eq!(printed.len(), 1);
    assert!(
        printed[0].starts_with("error[invalid-invariant-file]: "),
        "{}",
        printed[0]
    );
    assert!(printed[0].contains("vpcproof.toml:2:"), "{}", printed[0]);
}

/// The message for one wrong field of a claim.
fn message(field: &str) -> String {
    let text =
        format!("[[never]]\nname = \"x\"\nfrom = \"interface\"\nto = \"internet\"\n{field}\n");
    let printed = printed(&text);
    let first = printed.first().unwrap();
    let message = first.split_once("]: ").unwrap().1;
    message
        .split_once("\n  --> ")
        .map(|(message, _)| message.to_owned())
        .unwrap()
}

#[test]
fn wrong_values_are_told_in_the_users_words() {
    for (field, expected) in [
        (
            "traffic = \"tcp/99999\"",
            "`99999` is not a port (0 to 65535)",
        ),
        (
            "traffic = \"tcp/20-10\"",
            "the range `20-10` ends before it begins",
        ),
        ("traffic = \"protocol/6\"", "protocol 6 is `tcp`"),
        (
            "traffic = \"protocol/0-255\"",
            "`protocol/0-255` holds protocol 1, which is `icmp`: write `any`, or the ranges around it",
        ),
        (
            "traffic = 443",
            "`traffic` is an integer; expected a string or a list of strings",
        ),
        ("family = \"ipv5\"", "`family` cannot be `ipv5`"),
        ("severity = \"hihg\"", "`severity` cannot be `hihg`"),
        (
            "vacuous = true",
            "`vacuous` is a boolean; expected a string",
        ),
        (
            "request = { context = { \"aws:SourceVpce\" = \"vpce-1\" } }",
            "`aws:SourceVpce` cannot be chosen",
        ),
        (
            "request = { context = { \"AWS:principalarn\" = \"x\" } }",
            "`AWS:principalarn` cannot be chosen",
        ),
        (
            "request = { resource-org = { ist = \"o-1\" } }",
            "`resource-org` has no field `ist`",
        ),
        (
            "request = { principal-account = \"me\" }",
            "`me` is not an account of twelve digits",
        ),
        (
            "request = { principal = \"*\", principal-account = \"111122223333\" }",
            "`principal` and `principal-account` exclude each other",
        ),
        (
            "request = { acton = \"s3:*\" }",
            "`request` has no field `acton`",
        ),
        (
            "request = { action = \"GetObject\" }",
            "`GetObject` is not an action, as `s3:GetObject`",
        ),
        (
            "request = { principal = \"me\" }",
            "`me` is not a principal",
        ),
        (
            "request = { principal = { not = \"*\" } }",
            "`*` is not a principal",
        ),
        (
            "request = { principal = { not = \"arn:aws:sts::111122223333:assumed-role/app/one\" } }",
            "`arn:aws:sts::111122223333:assumed-role/app/one` is not a principal",
        ),
        (
            "request = { principal = { is = \"anonymous\" } }",
            "`principal` has no field `is`",
        ),
    ] {
        assert_eq!(message(field), expected, "{field}");
    }
}

#[test]
fn wrong_selectors_are_told_in_the_users_words() {
    for (selector, expected) in [
        ("", "the selector is empty"),
        (
            "onprem:office",
            "`office` is no site of this file's `[onprem]`",
        ),
        (
            "tag:tier=app",
            "a selector begins with a kind, as `interface tag:tier=app`",
        ),
        ("interface app", "`app` is not a filter"),
        ("interface not", "`not` has no filter behind it"),
        ("interface tag:'a=b", "a quotation mark is not closed"),
        ("internet tag:a=b", "`internet` is not narrowed by `tag:`"),
        (
            "interface service:s3",
            "`interface` is not narrowed by `service:`",
        ),
        (
            "ip:10.0.0.1/8",
            "`10.0.0.1/8`: bits are set behind the prefix length, expected `10.0.0.0/8`",
        ),
        ("service:", "`service:` has nothing behind it"),
    ] {
        let text = format!("[[never]]\nname = \"x\"\nfrom = \"any\"\nto = \"{selector}\"\n");
        let printed = printed(&text);
        let message = format!("]: {expected}\n");
        assert!(printed[0].contains(&message), "{selector}: {}", printed[0]);
    }
}

fn claim(word: &str, more: &str) -> String {
    format!("[[{word}]]\nname = \"x\"\n{more}\n")
}

#[test]
fn what_does_not_fit_the_network_is_told_with_the_nearest_name() {
    let text = "from = \"interface tag:teir=app vpc:mian\"\nto = \"prefix-list:pls3\"";
    let expected = [
        "error[unknown-tag-key]: nothing in the network has the tag `teir`\n  --> vpcproof.toml:3:19\n  help: did you mean `tier`?",
        "error[unknown-name]: the network has no VPC `mian`\n  --> vpcproof.toml:3:32\n  help: did you mean `main`?",
        "error[unknown-name]: the network has no prefix list `pls3`\n  --> vpcproof.toml:4:6\n  help: the prefix lists are `com.amazonaws.eu-west-1.s3`",
    ];
    assert_eq!(misfit(&claim("never", text)), expected);
    let text = "from = \"endpoint\"\nto = \"internet\"\nvia = \"service:s3\"";
    let expected = [
        "error[invalid-selector]: `endpoint` begins no connection\n  --> vpcproof.toml:3:8\n  help: `from` is what sends the first packet",
        "error[invalid-selector]: a way passes an endpoint of a service, not the service\n  --> vpcproof.toml:5:7\n  help: write `endpoint service:s3`",
    ];
    assert_eq!(misfit(&claim("only", text)), expected);
    let text = "from = \"any\"\nto = \"endpoint kind:resource\"";
    let printed = misfit(&claim("never", text));
    assert!(
        printed[0].contains("endpoints of `kind:resource` are not modelled yet"),
        "{printed:?}"
    );
}

fn interfaces(ids: &[&str]) -> BTreeSet<model::NetworkInterfaceId> {
    ids.iter().map(|id| (*id).into()).collect()
}

#[test]
fn never_is_every_flow_not_delivered_from_every_port() {
    let text = "from = \"interface tag:tier=app\"\nto = \"interface tag:tier=d*\"";
    let Lowered {
        invariant, open, ..
    } = lowered(&claim("never", text));
    assert_eq!(invariant.quantifier, Quantifier::Every);
    assert_eq!(invariant.premise, None);
    assert_eq!(invariant.claim, Claim::Not(Box::new(Claim::Delivered)));
    assert_eq!(
        invariant.scope.from,
        [Origin::Interfaces(interfaces(&["app"]))]
    );
    let place = Place::Interfaces {
        interfaces: interfaces(&["db"]),
        public_from_inside: true,
    };
    assert_eq!(invariant.scope.to, [place]);
    assert_eq!(invariant.scope.traffic.classes.len(), 5);
    let tcp = TrafficClass::Tcp {
        source_ports: 0..=65535,
        destination_ports: 0..=65535,
    };
    assert_eq!(invariant.scope.traffic.classes[0], tcp);
    assert_eq!(
        invariant.scope.families,
        BTreeSet::from([Family::V4, Family::V6])
    );
    assert!(open.is_empty());
}

#[test]
fn never_from_the_internet_speaks_of_private_addresses_too() {
    let text = "from = \"internet\"\nto = \"interface tag:tier=db\"";
    let scope = lowered(&claim("never", text)).invariant.scope;
    let own: Cidr = "10.0.2.10/32".parse().unwrap();
    assert_eq!(scope.to[1], Place::Cidrs(BTreeSet::from([own])));
}

#[test]
fn always_is_every_flow_answered_from_a_clients_port() {
    let text = "from = \"subnet tag:class=private\"\nto = \"vpc name:main\"\ntraffic = [\"udp/53\", \"icmp\"]";
    let invariant = lowered(&claim("always", text)).invariant;
    assert_eq!(invariant.claim, Claim::Answered);
    let place = Place::Interfaces {
        interfaces: interfaces(&["app", "db"]),
        public_from_inside: false,
    };
    assert_eq!(invariant.scope.to, [place]);
    let udp = TrafficClass::Udp {
        source_ports: 1024..=65535,
        destination_ports: 53..=53,
    };
    let icmp = TrafficClass::Icmp {
        types: 0..=255,
        codes: 0..=255,
    };
    assert_eq!(invariant.scope.traffic.classes, [udp, icmp]);
    let text = format!("{}answered = false\n", claim("always", text));
    assert_eq!(lowered(&text).invariant.claim, Claim::Delivered);
}

#[test]
fn sometimes_is_some_flow_delivered_or_answered() {
    let text = "from = \"instance\"\nto = \"name:S3.eu-west-1.amazonaws.com.\"";
    let invariant = lowered(&claim("sometimes", text)).invariant;
    assert_eq!(invariant.quantifier, Quantifier::Exists);
    assert_eq!(invariant.claim, Claim::Delivered);
    assert_eq!(
        invariant.scope.to,
        [Place::Name("s3.eu-west-1.amazonaws.com".to_owned())]
    );
    let text = format!("{}claim = \"answered\"\n", claim("sometimes", text));
    assert_eq!(lowered(&text).invariant.claim, Claim::Answered);
}

#[test]
fn only_presumes_delivery_and_claims_the_way() {
    let text = "from = \"any\"\nto = \"service:s3\"\nvia = [\"nat-gateway\", \"endpoint kind:gateway service:s3\"]";
    let invariant = lowered(&claim("only", text)).invariant;
    assert_eq!(invariant.premise, Some(Claim::Delivered));
    let endpoint = BTreeSet::from([ComponentId::VpcEndpoint("s3".into())]);
    assert_eq!(
        invariant.claim,
        Claim::Traverses(vec![BTreeSet::new(), endpoint])
    );
    assert_eq!(
        invariant.scope.to,
        [Place::Service("com.amazonaws.eu-west-1.s3".to_owned())]
    );
    assert_eq!(invariant.scope.from[1], Origin::Internet(None));
}

#[test]
fn a_request_turns_delivered_into_permitted() {
    let request = "request = { action = [\"s3:GetObject\"], resource = { not = [\"arn:aws:s3:::ours/*\"] }, principal = [\"anonymous\", \"111122223333\", \"arn:aws:iam::111122223333:role/app\"] }";
    let text =
        format!("from = \"any\"\nto = \"endpoint kind:gateway\"\ntraffic = \"tcp/443\"\n{request}");
    let never = lowered(&claim("never", &text)).invariant;
    assert_eq!(never.claim, Claim::Not(Box::new(Claim::PermittedSome)));
    let set = never.scope.request.unwrap();
    let ours = Patterns {
        include: Vec::new(),
        exclude: vec!["arn:aws:s3:::ours/*".to_owned()],
    };
    assert_eq!(set.resources, ours);
    let account = "111122223333".to_owned();
    let arn = "arn:aws:iam::111122223333:role/app".to_owned();
    let these = vec![
        Principal::Anonymous,
        Principal::Root {
            account: account.clone(),
        },
        Principal::Arn { account, arn },
    ];
    assert_eq!(set.principals, PrincipalSet::These(these));
    let always = lowered(&claim("always", &text)).invariant;
    assert_eq!(
        always.claim,
        Claim::All(vec![Claim::Answered, Claim::PermittedAll])
    );
    let sometimes = lowered(&claim("sometimes", &text)).invariant;
    assert_eq!(
        sometimes.claim,
        Claim::All(vec![Claim::Delivered, Claim::PermittedSome])
    );
}

#[test]
fn principals_may_be_left_out_of_a_request() {
    let told = "{ action = \"s3:*\", principal-account = \"111122223333\", principal = { not = [\"anonymous\", \"111122223333\", \"arn:aws:iam::111122223333:role/app\"] } }";
    let text = format!("from = \"any\"\nto = \"endpoint kind:gateway\"\nrequest = {told}");
    let set = lowered(&claim("never", &text)).invariant.scope.request;
    let set = set.unwrap();
    let account = "111122223333".to_owned();
    let arn = "arn:aws:iam::111122223333:role/app".to_owned();
    let accounts = [account.clone()].into();
    assert_eq!(set.principals, PrincipalSet::OfAccounts(accounts));
    let root = Principal::Root {
        account: account.clone(),
    };
    let without = [Principal::Anonymous, root, Principal::Arn { account, arn }];
    assert_eq!(set.without, without.into());
    assert_eq!(request::told(&set), told);
}

#[test]
fn groups_are_unions_that_may_begin_other_groups() {
    let text = "[group]\nboth = [\"one\", \"interface tag:tier=db\"]\none = \"interface tag:tier=app\"\n\
                [[never]]\nname = \"x\"\nfrom = \"both not name:app-*\"\nto = \"internet\"\n";
    let scope = lowered(text).invariant.scope;
    assert_eq!(scope.from, [Origin::Interfaces(interfaces(&["db"]))]);
}

#[test]
fn an_open_address_leaves_a_block_open() {
    let mut draft: NetworkDraft = small().into_draft();
    let within = "10.0.1.0/24".parse().unwrap();
    let hole = model::Hole::new("aws_instance.app.private_ip");
    for interface in &mut draft.network_interfaces {
        if interface.id.as_str() == "app" {
            interface.addresses[0].private = model::AddressValue::Within(within, hole.clone());
        }
    }
    let network = draft.validate().unwrap();
    let file = read(&claim(
        "never",
        "from = \"ip:10.0.1.0/28\"\nto = \"internet\"",
    ))
    .unwrap();
    let lowered = lower(
        &file.statements[0],
        &network,
        &OpenAttributes::default(),
        &file.source,
    )
    .unwrap();
    assert_eq!(lowered.open, BTreeSet::from([hole]));
    let file = read(&claim(
        "never",
        "from = \"ip:10.0.0.0/16\"\nto = \"internet\"",
    ))
    .unwrap();
    let lowered = lower(
        &file.statements[0],
        &network,
        &OpenAttributes::default(),
        &file.source,
    )
    .unwrap();
    assert!(lowered.open.is_empty());
}
