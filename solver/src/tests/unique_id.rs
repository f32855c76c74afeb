//! Unique ids in principal elements: whose one is, nobody says.

use model::{Claim, PrincipalElement, PrincipalSet};

use super::account::*;
use super::authorization::*;
use super::authorization_set::{asked, never, unknown, violated};
use super::policy::*;

const GIVEN: &str = "arn:aws:s3:::given";

#[test]
fn a_unique_id_may_be_that_of_who_signs_and_is_no_root_user() {
    let mut draft = estate();
    let mut beside = by(allow_on("s3:AbortMultipartUpload", "*"), "canonical");
    if let PrincipalElement::Principal(entries) = &mut beside.principal
        && let PrincipalElement::Principal(unique) = by(everything(), "unique").principal
    {
        entries.extend(unique);
    }
    let policy = vec![
        by(allow_on("s3:GetObject", "*"), "unique"),
        by(deny_on("s3:DeleteObject", "*"), "unique"),
        by(deny_on("s3:PutObject", "*"), "!unique"),
        beside,
    ];
    resource(&mut draft, GIVEN, OWN, Some(known(policy)));
    let open = format!("principal {UNIQUE}: authorization-open");
    let canonical = format!("account of {CANONICAL}: authorization-open");
    let (admin, silent, root) = (own("role/admin"), own("role/silent"), format!("root:{OWN}"));
    let boundary = format!("permissions boundary of {admin}: authorization-open");
    let of_partner = format!("root:{PARTNER}");
    let denied = "denied authorization-explicit-deny";
    assert_says(
        draft,
        &[
            ("s3:GetObject", GIVEN, &silent, &open),
            ("s3:GetObject", GIVEN, &of(PARTNER, "role/app"), &open),
            ("s3:GetObject", GIVEN, &of_partner, NOT_ACROSS),
            ("s3:GetObject", GIVEN, "anonymous", NOT_ANONYMOUS),
            ("s3:DeleteObject", GIVEN, &admin, &open),
            ("s3:DeleteObject", GIVEN, &root, SAME),
            ("s3:PutObject", GIVEN, &admin, &boundary),
            ("s3:PutObject", GIVEN, &root, denied),
            // The first in the element's order.
            ("s3:AbortMultipartUpload", GIVEN, &silent, &canonical),
        ],
    );
}

#[test]
fn a_claim_names_the_unique_id() {
    let policy = || known(vec![by(everything(), "unique")]);
    let gets = |principals| asked(&["s3:GetObject"], &["arn:aws:s3:::given/*"], principals);
    let of_own = || PrincipalSet::OfAccounts([OWN.to_owned()].into());
    let ask = |permitted| check(policy(), &claim(gets(of_own()), permitted));
    assert_eq!(
        unknown(ask(never())),
        [format!("principal {UNIQUE}")].into()
    );
    let denied = violated(ask(Claim::PermittedAll));
    assert_eq!(denied.principal, who(&format!("root:{OWN}")));
}
