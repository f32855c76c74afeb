//! `describe-vpc-block-public-access-options`, `describe-vpc-block-public-access-exclusions`.

use std::collections::BTreeMap;

use model::{BlockPublicAccess, Exclusion, Hole, Value};

use super::snapshot::{Snapshot, Whole};
use crate::block_public_access::{EXCLUSIONS, MODES, exclusion, mode};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::Cursor;
use crate::sink::Sink;

/// The states of an exclusion that is in force; an update that is under way, or that failed,
/// leaves it there.
const IN_FORCE: [&str; 4] = [
    "create-complete",
    "update-complete",
    "update-failed",
    "update-in-progress",
];
/// The other states.
const NOT_IN_FORCE: [&str; 6] = [
    "create-failed",
    "create-in-progress",
    "delete-complete",
    "delete-in-progress",
    "disable-complete",
    "disable-in-progress",
];

/// What the calls say of the accounts and their exclusions.
pub(super) struct Account<'a> {
    options: Vec<Options<'a>>,
    exclusions: BTreeMap<&'a str, Exclusion>,
    /// Whether the exclusions are in the input at all.
    has_exclusions: bool,
}

/// The mode of an account in a Region, each as far as it is said.
struct Options<'a> {
    account: Option<&'a str>,
    region: Option<&'a str>,
    mode: BlockPublicAccess,
}

impl<'a> Account<'a> {
    /// Reads both calls.
    pub(super) fn read(snapshot: &Snapshot<'a>, sink: &mut Sink) -> Self {
        let mut options = Vec::new();
        for Whole {
            cursor: document, ..
        } in &snapshot.documents
        {
            let Some(cursor) = document.get("VpcBlockPublicAccessOptions") else {
                continue;
            };
            if let Some(mode) = required_mode(&cursor, sink) {
                options.push(Options {
                    account: cursor.text("AwsAccountId", sink),
                    region: cursor.text("AwsRegion", sink),
                    mode,
                });
            }
        }
        let mut exclusions = BTreeMap::new();
        for cursor in snapshot.cursors("VpcBlockPublicAccessExclusions") {
            if let Some((subject, exclusion)) = in_force(cursor, sink) {
                let known = exclusions.entry(subject).or_insert(exclusion);
                // Of two the wider one counts, since they add up.
                if exclusion == Exclusion::Bidirectional {
                    *known = exclusion;
                }
            }
        }
        Self {
            options,
            exclusions,
            has_exclusions: snapshot.has_list("VpcBlockPublicAccessExclusions"),
        }
    }

    /// The exclusion of a VPC or a subnet.
    pub(super) fn exclusion(&self, id: &str) -> Option<Exclusion> {
        self.exclusions.get(id).copied()
    }

    /// The mode of a VPC's account in its Region; what the VPC itself says is taken where the
    /// options are not in the input.
    pub(super) fn mode(
        &self,
        vpc: &Cursor<'_>,
        region: &str,
        sink: &mut Sink,
    ) -> Value<BlockPublicAccess> {
        let owner = vpc.text("OwnerId", sink);
        let of_vpc = self.options.iter().filter(|options| {
            let account = options
                .account
                .is_none_or(|account| owner.is_none_or(|owner| owner == account));
            account && options.region.is_none_or(|of| of == region)
        });
        let mut modes: Vec<_> = of_vpc.map(|options| options.mode).collect();
        if modes.is_empty()
            && let Some(states) = vpc.get("BlockPublicAccessStates")
        {
            modes.extend(required_mode(&states, sink));
        }
        modes.sort_unstable();
        modes.dedup();
        let mode = match modes.as_slice() {
            [] => {
                let text = format!(
                    "the output of `describe-vpc-block-public-access-options` for `{region}` is \
                     not in the input: VPC Block Public Access is taken to be off there"
                );
                sink.assume("block-public-access-off", text);
                let id = vpc.text("VpcId", sink).map(str::to_owned);
                sink.taken_for_off.extend(id);
                Value::Known(BlockPublicAccess::Off)
            }
            [only] => Value::Known(*only),
            several => {
                let hole = format!("mode of VPC Block Public Access in {region}");
                Value::OneOf(several.to_vec(), Hole::new(hole))
            }
        };
        if mode != Value::Known(BlockPublicAccess::Off) && !self.has_exclusions {
            let text = "the output of `describe-vpc-block-public-access-exclusions` is not in the \
                        input: taken as empty";
            sink.assume("call-missing", text);
        }
        mode
    }
}

fn required_mode(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<BlockPublicAccess> {
    let field = cursor.required("InternetGatewayBlockMode", sink)?;
    let text = field.as_text(sink)?;
    let found = mode(text);
    if found.is_none() {
        let what = format!("mode of VPC Block Public Access `{text}` is not known");
        not_known(&field, what, MODES, sink);
    }
    found
}

/// The id of what an exclusion is for, and the exclusion, when it is in force.
fn in_force<'a>(cursor: &Cursor<'a>, sink: &mut Sink) -> Option<(&'a str, Exclusion)> {
    if let Some(state) = cursor.get("State") {
        let text = state.as_text(sink)?;
        if !IN_FORCE.contains(&text) {
            if !NOT_IN_FORCE.contains(&text) {
                let what = format!("state of an exclusion `{text}` is not known");
                let states = format!("a state such as `{}`", IN_FORCE.join("`, `"));
                not_known(&state, what, &states, sink);
            }
            return None;
        }
    }
    let field = cursor.required("InternetGatewayExclusionMode", sink)?;
    let text = field.as_text(sink)?;
    let found = exclusion(text);
    if found.is_none() {
        let what = format!("mode of an exclusion `{text}` is not known");
        not_known(&field, what, EXCLUSIONS, sink);
    }
    // An ARN ends in `vpc/vpc-…` or `subnet/subnet-…`.
    let subject = cursor.required("ResourceArn", sink)?;
    let arn = subject.as_text(sink)?;
    let Some((_, id)) = arn.rsplit_once('/') else {
        let what = format!("`{arn}` is not the ARN of a VPC or a subnet");
        let help = "an ARN like `arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1`";
        not_known(&subject, what, help, sink);
        return None;
    };
    Some((id, found?))
}

fn not_known(cursor: &Cursor<'_>, what: String, expected: &str, sink: &mut Sink) {
    let diagnostic = Diagnostic::error(cursor.place(), Code::InvalidValue, what);
    sink.push(diagnostic.help(format!("expected {expected}")));
}
