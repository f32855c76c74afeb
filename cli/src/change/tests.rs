//! The laws of comparing documents, on random accounts.

use std::collections::BTreeSet;

use model::{Engine, PermissionEffect};
use proptests::authorization::draw as authorization;
use proptests::authorization::{Case, candidates};
use proptests::dice::Dice;
use proptests::policy::draw;

use super::policies::{Of, changes};
use crate::judge::Judge;

const N_WORLDS: u64 = 120;
const N_REQUESTS: usize = 120;

/// ∀ world, edit of one of its documents: what is told mirrors what is told of the way back, nothing is told
/// of no edit, and no request is answered otherwise for certain when nothing is told.
#[test]
fn a_request_that_is_answered_otherwise_is_of_a_document_that_is_told() {
    let (mut n_otherwise, mut n_told, mut n_untold) = (0, 0, 0);
    for seed in 0..N_WORLDS {
        let case = Case::of_seed(seed, N_REQUESTS);
        let mut dice = Dice::new(seed);
        let keys = draw::of_accounts(&mut dice);
        let mut edited = case.world.clone();
        let n_documents = edited.documents_mut().len();
        if n_documents == 0 {
            continue;
        }
        let chosen = dice.below(n_documents);
        for policy in edited
            .documents_mut()
            .into_iter()
            .nth(chosen)
            .map(candidates)
            .into_iter()
            .flatten()
        {
            match dice.below(3) {
                0 => *policy = draw::edited(policy, &keys, &mut dice),
                1 => policy.statements.clear(),
                _ => *policy = authorization::full(),
            }
        }
        let networks = [case.world.network(), edited.network()];
        let [before, after] = networks.each_ref().map(Judge::new);
        assert!(changes([&before, &before]).unwrap().is_empty(), "{seed}");
        let told = changes([&before, &after]).unwrap();
        let back = changes([&after, &before]).unwrap();
        let names = |changes: &[super::policies::PolicyChange]| {
            let names = changes.iter().map(|change| match &change.of {
                Of::Endpoint(id) => id.to_string(),
                Of::Document(name) => name.clone(),
            });
            names.collect::<BTreeSet<_>>()
        };
        assert_eq!(names(&told), names(&back), "{seed}");
        assert!(told.len() <= 1, "{seed}: {told:?}");
        n_told += told.len();
        n_untold += usize::from(told.is_empty());
        for (way, request) in &case.asked {
            let [one, other] =
                [&before, &after].map(|judge| judge.evaluator.permits(way, request).effect);
            let is_known =
                |effect: &PermissionEffect| !matches!(effect, PermissionEffect::Undetermined(_));
            if is_known(&one) && is_known(&other) && one != other {
                n_otherwise += 1;
                assert!(!told.is_empty(), "{seed}: {request} {one:?} {other:?}");
            }
        }
    }
    println!("{n_told} told, {n_untold} alike, {n_otherwise} requests answered otherwise");
    assert!(
        n_told > 20 && n_untold > 0 && n_otherwise > 0,
        "{n_told} {n_untold} {n_otherwise}"
    );
}

/// An account with two levels of policies, a policy of its resources, a role, and a bucket.
const ACCOUNT: &str = r#"
[account.333344445555]
principals-complete = true
resources-complete = ["s3"]
service-control-policies = [
    ['''{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'''],
    ['''{"Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}'''],
]
resource-control-policies = ['''{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}}''']
[principal."arn:aws:iam::333344445555:role/app"]
identity-policies = ['''{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}''']
"#;
const BUCKET: &str = r#"
[resource-policy."arn:aws:s3:::own"]
account = "333344445555"
policy = '''{"Statement": {"Effect": "Deny", "NotPrincipal": {"AWS": ["111122223333", "222233334444"]}, "Action": "s3:PutObject", "Resource": "*"}}'''
"#;

fn network(text: &str) -> model::Network {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("network.toml");
    std::fs::write(&path, text).unwrap();
    let read = crate::session::open(&[path], &ingest::Options::default());
    read.unwrap_or_else(|wrong| panic!("{wrong}")).network
}

/// What is told of a change: notes, and what is open.
fn told(before: &str, after: &str) -> String {
    let networks = [network(before), network(after)];
    let [one, other] = networks.each_ref().map(Judge::new);
    let changes = changes([&one, &other]).unwrap().into_iter();
    let texts = changes.flat_map(|change| {
        let reasons = change.reasons.iter().map(ToString::to_string);
        change
            .notes
            .iter()
            .cloned()
            .chain(reasons)
            .collect::<Vec<_>>()
    });
    texts.collect::<Vec<_>>().join("; ")
}

#[test]
fn every_part_of_an_account_is_compared() {
    let whole = format!("{ACCOUNT}{BUCKET}");
    assert_eq!(told(&whole, &whole), "");
    let some_listed = ACCOUNT.replace("principals-complete = true\n", "");
    let role = ACCOUNT.find("[principal").unwrap();
    let some_listed_without_role = some_listed.replace(&ACCOUNT[role..], "");
    let unlisted = ACCOUNT.replace("resources-complete = [\"s3\"]\n", "");
    for (before, after, expected) in [
        // The second level of service control policies, and what resources may be asked.
        (
            whole.clone(),
            whole.replace("sqs:*", "sns:*"),
            "allows: sns:*",
        ),
        (
            whole.clone(),
            whole.replace("kms:*", "sts:*"),
            "denies: sts:*",
        ),
        // Two whom a Deny leaves out are not compared one by one.
        (
            whole.clone(),
            whole.replace("222233334444", "444455556666"),
            "`NotPrincipal` of several",
        ),
        // What a listing that is not complete leaves out is not nothing.
        (
            some_listed,
            some_listed_without_role,
            "of which the input says nothing after the change",
        ),
        (
            format!("{unlisted}{BUCKET}"),
            unlisted.clone(),
            "of which the input says nothing after the change",
        ),
        // What access control lists may grant is in no document.
        (
            whole.clone(),
            whole.replace(
                "account = \"333344445555\"\n",
                "account = \"333344445555\"\naccess-control-lists = true\n",
            ),
            "access control lists",
        ),
    ] {
        let text = told(&before, &after);
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn documents_of_a_principal_are_compared_for_its_own_requests() {
    const STATEMENT: &str = r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*""#;
    let whole = ACCOUNT;
    assert!(whole.contains(STATEMENT));
    let with = |more: &str| whole.replace(STATEMENT, &format!("{STATEMENT}, {more}"));
    let of_principal = |arn: &str| {
        let condition = format!(r#""Condition": {{"ArnEquals": {{"aws:PrincipalArn": "{arn}"}}}}"#);
        with(&condition)
    };
    // Nobody else's requests are judged by them.
    let own = of_principal("arn:aws:iam::333344445555:role/app");
    assert_eq!(told(whole, &own), "");
    let others = of_principal("arn:aws:iam::333344445555:role/other");
    let text = told(whole, &others);
    assert!(
        text.contains("does not allow any more: s3:GetObject"),
        "{text}"
    );
    // The policies of a session permit no more than they say; without one they take nothing away.
    const SESSION: &str = "[principal.\"arn:aws:sts::333344445555:assumed-role/app/one\"]\n";
    let without = format!("{whole}{SESSION}");
    let policies = |policy: &str| format!("{without}session-policies = ['''{policy}''']\n");
    let all = policies(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#);
    assert_eq!(told(&without, &all), "");
    let some = policies(r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#);
    let text = told(&without, &some);
    assert!(text.contains("does not allow any more:"), "{text}");
    let text = told(&some, &all);
    assert!(
        text.contains("allows:") && !text.contains("any more"),
        "{text}"
    );
}

#[test]
fn documents_of_two_versions_are_not_compared_with_one_another() {
    const ONE: &str = "identity-policies = [";
    let of_versions = |first: &str, second: &str| {
        let policy = |version: &str, action: &str| {
            format!(
                r#"'''{{"Version": "{version}", "Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}'''"#
            )
        };
        let both = format!(
            "{ONE}{}, {}, ",
            policy(first, "sqs:*"),
            policy(second, "sns:*")
        );
        ACCOUNT.replace(ONE, &both)
    };
    let new = "2012-10-17";
    let (one, mixed) = (of_versions(new, new), of_versions(new, "2008-10-17"));
    let text = told(&mixed, &one);
    assert!(text.contains("documents of both versions"), "{text}");
    assert!(!text.contains("allow"), "{text}");
}
