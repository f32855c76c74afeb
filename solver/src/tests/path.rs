//! The keys that follow from the way.

use model::{
    Engine, NetworkDraft, Organization, PermissionEffect, Principal, Request, RequestContext,
    RequestWay,
};

use super::account::*;
use super::build::*;
use super::condition::on;
use super::policy::*;
use crate::Solver;

/// An endpoint whose policy asks, for each action, one thing of one key.
fn asking(service: &str) -> NetworkDraft {
    let allow = |action, operator, key, value| on(allow_on(action, "*"), operator, key, &[value]);
    let arn = "arn:*:ec2:*:111122223333:vpc/v";
    let mut draft = s3(known(vec![
        allow("k:account", "StringEquals", "aws:VpceAccount", OWN),
        allow("k:organization", "StringEquals", "aws:VpceOrgID", "o-own"),
        allow("k:alone", "Null", "aws:VpceOrgID", "true"),
        allow("k:arn", "ArnLike", "aws:SourceVpcArn", arn),
        allow("k:paths", "Null", "aws:VpceOrgPaths", "true"),
        allow("k:in", "IpAddress", "aws:VpcSourceIp", "10.0.1.0/24"),
        allow("k:out", "NotIpAddress", "aws:VpcSourceIp", "10.0.1.0/24"),
        allow(
            "k:all",
            "ForAllValues:IpAddress",
            "aws:VpcSourceIp",
            "10.0.1.0/24",
        ),
        allow("k:text", "StringLike", "aws:VpcSourceIp", "10.*"),
        allow("k:there", "Null", "aws:VpcSourceIp", "false"),
        allow("k:public", "IpAddress", "aws:SourceIp", "0.0.0.0/0"),
        allow_on("k:variable", "arn:aws:s3:::b/${aws:VpcSourceIp}"),
        allow_on("k:owner", "arn:aws:s3:::b/${aws:VpceAccount}"),
    ]));
    draft.vpc_endpoints[0].service = format!("com.amazonaws.eu-west-1.{service}");
    draft.vpcs[0].account = Some(OWN.to_owned());
    account(&mut draft, OWN);
    draft
}

/// The effects of these actions, `?` for one that is open.
fn effects(draft: &NetworkDraft, source: Option<&str>, actions: &[&str]) -> String {
    let solver = Solver::load(&valid(draft.clone()));
    let way = match source {
        Some(source) => RequestWay::Endpoint("vpce".into(), Some(address(source))),
        None => RequestWay::EndpointPolicy("vpce".into()),
    };
    let effect = |action: &&str| {
        let request = Request {
            action: format!("k:{action}"),
            resource: format!(
                "arn:aws:s3:::b/{}",
                if *action == "owner" { OWN } else { "10.0.1.9" }
            ),
            principal: Principal::Anonymous,
            context: RequestContext::new(),
        };
        match solver.permits(&way, &request).effect {
            PermissionEffect::Permitted => '+',
            PermissionEffect::Denied => '-',
            PermissionEffect::Undetermined(_) => '?',
        }
    };
    actions.iter().map(effect).collect()
}

const OWNER: [&str; 5] = ["account", "organization", "alone", "arn", "owner"];

#[test]
fn which_services_send_the_keys_of_the_owner() {
    for (service, answer) in [
        ("s3", "+-+++"),
        ("ecr.api", "+-+++"),
        ("dynamodb", "+-+?+"),
        ("sqs", "?-+??"),
        ("kinesis-streams", "?-+??"),
        ("ecr", "?????"),
        ("sns", "?????"),
    ] {
        let found = effects(&asking(service), None, &OWNER);
        assert_eq!(found, answer, "{service}");
    }
    let mut elsewhere = asking("s3");
    elsewhere.vpc_endpoints[0].service = "cn.com.amazonaws.cn-north-1.s3".to_owned();
    assert_eq!(effects(&elsewhere, None, &OWNER), "?????");
    assert_eq!(effects(&asking("s3"), None, &["paths"]), "?");
}

#[test]
fn what_is_known_of_the_owner() {
    let mut draft = asking("s3");
    draft.vpcs[0].region = "us-isob-east-1".to_owned();
    assert_eq!(effects(&draft, None, &OWNER), "+-+?+");
    draft.vpcs[0].account = Some(FOREIGN.to_owned());
    draft.vpcs[0].region = "eu-west-1".to_owned();
    assert_eq!(effects(&draft, None, &OWNER), "-??--");
    draft.vpcs[0].account = None;
    assert_eq!(effects(&draft, None, &OWNER), "?????");
    let mut draft = asking("s3");
    for (organization, id, answer) in [
        (Organization::Management, Some("o-own"), "++-++"),
        (member(vec![], vec![]), Some("o-other"), "+--++"),
        (Organization::Management, None, "+??++"),
        (Organization::Unknown(hole("which")), Some("o-own"), "+??++"),
    ] {
        let own = account_mut(&mut draft, OWN);
        own.organization = organization;
        own.organization_id = id.map(str::to_owned);
        assert_eq!(effects(&draft, None, &OWNER), answer, "{id:?}");
    }
}

#[test]
fn only_operators_of_addresses_compare_the_source() {
    let mut draft = asking("s3");
    draft.accounts.clear();
    let asked = ["in", "out", "all", "there", "text", "variable", "public"];
    for (source, answer) in [
        (Some("10.0.1.9"), "+-++??-"),
        (Some("10.0.2.9"), "-+-+??-"),
        (Some("fd00::1"), "-+-+??-"),
        (None, "??????-"),
    ] {
        assert_eq!(effects(&draft, source, &asked), answer, "{source:?}");
    }
}
