//! What claims mean while what they choose by changes in two places at once.

use ingest::Validated;
use ingest::transient::between;

use super::{Answer, Apply, labelled};
use crate::doubt::Doubt;
use crate::invariant_file::read_text;
use crate::judge::Judge;
use crate::report::VerdictWord;

/// An interface on the internet; the group `open` lets anyone in.
const NETWORK: &str = r#"
[vpc.main]
cidrs = ["10.0.0.0/16"]
[internet-gateway.igw]
[route-table.public]
routes = ["0.0.0.0/0 -> internet-gateway:igw"]
[subnet.a]
cidrs = ["10.0.1.0/24"]
route-table = "public"
tags = { Name = "SUBNET" }
[security-group.open]
ingress = ["all from 0.0.0.0/0"]
[security-group.shut]
[interface.a]
subnet = "a"
addresses = ["10.0.1.10 public 203.0.113.10"]
groups = ["GROUP"]
tags = { tier = "TIER" }
"#;

fn network([subnet, group, tier]: [&str; 3]) -> Validated {
    let text = NETWORK.replace("SUBNET", subnet);
    let text = text.replace("GROUP", group).replace("TIER", tier);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("network.toml");
    std::fs::write(&path, text).unwrap();
    ingest::read(&[path]).unwrap().validate().unwrap()
}

/// What holds of a `never` from the internet while one network becomes the other.
fn during(before: [&str; 3], after: [&str; 3], to: &str) -> Answer {
    let (before, after) = (network(before), network(after));
    let networks = [&before.network, &after.network];
    let transient = between(&before, &after);
    let apply = Apply {
        networks,
        labelled: labelled(networks),
        judge: Judge::new(&transient.validated.network),
        all_there: Judge::new(&transient.all_there),
        doubt: Doubt::of(&transient.validated, true),
        transient: &transient,
    };
    let text = format!("[[never]]\nname = \"x\"\nfrom = \"internet\"\nto = \"{to}\"\n");
    let file = read_text("vpcproof.toml", &text).unwrap();
    apply.statement(&file.statements[0], &file.source).unwrap()
}

#[test]
fn a_group_and_a_tag_that_change_may_meet_in_between() {
    let (before, after) = (["s", "shut", "old"], ["s", "open", "new"]);
    let meant = |to: &str| during(before, after, to).0;
    assert_eq!(
        meant("interface tag:tier=old sg:open"),
        VerdictWord::Unknown
    );
    // Without a second label there is nothing in between.
    assert_eq!(meant("interface sg:shut"), VerdictWord::Unknown);
    assert_eq!(meant("interface sg:other"), VerdictWord::Vacuous);
}

#[test]
fn the_name_of_a_subnet_and_a_tag_that_change_may_meet_in_between() {
    let (before, after) = (["one", "open", "old"], ["two", "open", "new"]);
    let meant = |to: &str| during(before, after, to).0;
    assert_eq!(
        meant("interface tag:tier=old subnet:two"),
        VerdictWord::Unknown
    );
    assert_eq!(
        meant("interface tag:tier=old subnet:a"),
        VerdictWord::Unknown
    );
    assert_eq!(
        meant("interface tag:tier=other subnet:two"),
        VerdictWord::Vacuous
    );
}
