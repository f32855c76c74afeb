//! Sessions of service-linked roles, which the policies of organizations do not limit.

use model::Organization;

use super::account::*;
use super::authorization::*;
use super::authorization_set::{ask, asked, never, these, two_ways, unknown};
use super::policy::*;

const TAGGING: &str = "s3:GetObjectTagging";

/// One of service control policies, and one of resource control policies.
fn limits() -> Organization {
    member(
        vec![everything(), deny_on("s3:GetObjectAcl", "*")],
        vec![deny_on("s3:PutObjectAcl", "*")],
    )
}

fn role_of(session: &str) -> String {
    format!("role of {session}: authorization-open")
}

#[test]
fn a_session_is_service_linked_by_its_role() {
    let mut draft = estate();
    account_mut(&mut draft, OWN).organization = limits();
    let linked = own("role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX");
    let named_so = own("role/AWSServiceRoleForMine");
    for role in [&linked, &named_so] {
        principal(&mut draft, role, vec![everything()]);
    }
    let of_linked = own("assumed-role/AWSServiceRoleForX/s");
    let of_named_so = own("assumed-role/AWSServiceRoleForMine/s");
    let unlisted = own("assumed-role/AWSServiceRoleForY/s");
    let denied = "denied authorization-explicit-deny";
    assert_says(
        draft,
        &[
            ("s3:GetObjectAcl", OBJECT, &linked, SAME),
            ("s3:GetObjectAcl", OBJECT, &of_linked, SAME),
            ("s3:PutObjectAcl", OBJECT, &of_linked, SAME),
            ("s3:GetObjectAcl", OBJECT, &of_named_so, denied),
            ("s3:PutObjectAcl", OBJECT, &of_named_so, denied),
            (TAGGING, OBJECT, &unlisted, &role_of(&unlisted)),
            // What nobody grants stays denied.
            ("s3:GetObjectAcl", OBJECT, &unlisted, NOT_SAME),
        ],
    );
}

#[test]
fn where_the_role_is_not_listed_each_limit_is_open() {
    let session = own("assumed-role/AWSServiceRoleForY/s");
    let of_foreign = of(FOREIGN, "assumed-role/AWSServiceRoleForY/s");
    for (service, resource) in [
        (vec![vec![known(vec![everything()])]], vec![]),
        (vec![], vec![known(vec![deny_on("s3:PutObjectAcl", "*")])]),
    ] {
        let mut draft = estate();
        account_mut(&mut draft, OWN).organization = Organization::Member {
            service_control_policies: service,
            resource_control_policies: resource,
        };
        assert_says(draft, &[(TAGGING, OBJECT, &session, &role_of(&session))]);
    }
    // Where there is no limit, it does not matter.
    assert_says(
        estate(),
        &[
            (TAGGING, OBJECT, &session, SAME),
            (TAGGING, OBJECT, &of_foreign, &role_of(&of_foreign)),
        ],
    );
}

#[test]
fn a_claim_names_the_role() {
    let mut draft = two_ways();
    account_mut(&mut draft, OWN).organization = limits();
    let policy = known(vec![by(allow_on(TAGGING, "*"), "*")]);
    resource(&mut draft, LOGS, OWN, Some(policy));
    let session = own("assumed-role/AWSServiceRoleForY/s");
    let set = asked(&[TAGGING], &["arn:aws:s3:::logs/*"], these(&[&session]));
    let hole = [format!("role of {session}")].into();
    assert_eq!(unknown(ask(&draft, "c", set, never())), hole);
}
