//! Texts of policies left open, and completed.

use model::{
    Condition, Hole, OpenText, Policy, PolicyText, PrincipalElement, PrincipalPattern,
    ResourceElement, Statement, TextPiece,
};

use crate::dice::Dice;

/// Texts of which pieces take the place of openings.
const TEXTS: [&str; 12] = [
    "*",
    "arn:aws:s3:::home/ann/x",
    "arn:aws:s3:::home/*",
    "arn:aws:sqs:eu-west-1:111122223333:queue",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::444455556666:user/x/ann",
    "arn:aws:sts::111122223333:assumed-role/app/one",
    "arn:aws:iam::111122223333:root",
    "AROAEXAMPLE",
    "home/?*",
    "blue",
    "2026-01-01T00:00:00Z",
];

/// The text when all of it is known.
pub const fn known_mut(text: &mut PolicyText) -> Option<&mut String> {
    match text {
        PolicyText::Known(text) => Some(text),
        PolicyText::Open(_) => None,
    }
}

/// Which texts of a policy may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// Any.
    Everywhere,
    /// Not the principals, which the policy of an identity does not have.
    ButPrincipals,
}

/// Leaves some texts of a policy open, each with so many percent.
pub fn open(policy: &mut Policy, percent: usize, of: Where, dice: &mut Dice) {
    let mut n = 0;
    let mut next = |text: &str, dice: &mut Dice| {
        n += 1;
        dice.percent(percent)
            .then(|| opened(text, n, dice))
            .flatten()
    };
    for statement in &mut policy.statements {
        if of == Where::Everywhere {
            for pattern in principals(&mut statement.principal) {
                let text = match pattern {
                    PrincipalPattern::Everyone => "*",
                    PrincipalPattern::Account(text) | PrincipalPattern::Arn(text) => text,
                    PrincipalPattern::Open(_) | PrincipalPattern::Other { .. } => continue,
                };
                if let Some(open) = next(text, dice) {
                    *pattern = PrincipalPattern::Open(open);
                }
            }
        }
        let texts = resources(&mut statement.resource).iter_mut();
        let values = statement.conditions.iter_mut().flat_map(values);
        for text in texts.chain(values) {
            let open = text.known().and_then(|text| next(text, dice));
            if let Some(open) = open {
                *text = PolicyText::Open(open);
            }
        }
    }
}

fn principals(element: &mut PrincipalElement) -> &mut [PrincipalPattern] {
    let (PrincipalElement::Principal(patterns) | PrincipalElement::NotPrincipal(patterns)) =
        element;
    patterns
}

const fn resources(element: &mut ResourceElement) -> &mut Vec<PolicyText> {
    let (ResourceElement::Resource(patterns) | ResourceElement::NotResource(patterns)) = element;
    patterns
}

const fn values(condition: &mut Condition) -> &mut Vec<PolicyText> {
    &mut condition.values
}

/// A text with one or two openings in the place of a part of it; `None` where its variable forbids
/// that.
fn opened(text: &str, n: usize, dice: &mut Dice) -> Option<OpenText> {
    let opening = |which: usize, dice: &mut Dice| {
        let hole = Hole::new(format!("text {n}.{which}"));
        if dice.percent(50) {
            TextPiece::Any(hole)
        } else {
            TextPiece::Part(hole)
        }
    };
    let known = |text: &str| TextPiece::Known(text.to_owned());
    let (front, behind) = cut(text, dice);
    let (middle, end) = cut(behind, dice);
    let pieces = match dice.below(6) {
        0 => vec![opening(1, dice)],
        1 => vec![known(front), opening(1, dice)],
        2 => vec![opening(1, dice), known(end)],
        3 => vec![
            known(front),
            opening(1, dice),
            known(middle),
            opening(2, dice),
        ],
        _ => vec![known(front), opening(1, dice), known(end)],
    };
    OpenText::new(pieces)
}

/// Two parts of a text, at a character's edge and rather beside a colon or a slash.
fn cut<'t>(text: &'t str, dice: &mut Dice) -> (&'t str, &'t str) {
    let edges = text.char_indices().map(|(at, _)| at);
    let all: Vec<usize> = edges.chain([text.len()]).collect();
    let is_beside = |at: &&usize| {
        let (front, behind) = text.split_at_checked(**at).unwrap_or_default();
        front.ends_with([':', '/']) || behind.starts_with([':', '/'])
    };
    let beside: Vec<usize> = all.iter().filter(is_beside).copied().collect();
    let pool = if dice.percent(70) && !beside.is_empty() {
        beside
    } else {
        all
    };
    let at = dice.pick(&pool).copied().unwrap_or_default();
    text.split_at_checked(at).unwrap_or_default()
}

/// Whether a text of a policy is open.
pub fn is_open(policy: &Policy) -> bool {
    let mut policy = policy.clone();
    let mut n_open = 0;
    each_open(&mut policy, |_| n_open += 1);
    n_open > 0
}

/// Asks about each text that is open, whose answer is put in its place.
fn each_open(policy: &mut Policy, mut ask: impl FnMut(&OpenText)) {
    policy.statements.iter_mut().for_each(|statement| {
        complete_by(statement, &mut |open| {
            ask(open);
            None
        });
    });
}

/// The policy with a drawn text in the place of each that is open.
pub fn completed(policy: &Policy, dice: &mut Dice) -> Policy {
    let mut policy = policy.clone();
    for statement in &mut policy.statements {
        complete_by(statement, &mut |open| {
            let pieces = open.pieces().iter();
            let text: String = pieces.map(|piece| drawn(piece, dice)).collect();
            Some(text.into())
        });
    }
    policy
}

/// Puts other texts in the place of those that are open, principals left out.
pub fn replace(policy: &mut Policy, with: &mut dyn FnMut(&OpenText) -> Option<PolicyText>) {
    for statement in &mut policy.statements {
        replace_in(statement, with);
    }
}

/// The same in one statement.
pub fn replace_in(
    statement: &mut Statement,
    with: &mut dyn FnMut(&OpenText) -> Option<PolicyText>,
) {
    let texts = resources(&mut statement.resource).iter_mut();
    let values = statement.conditions.iter_mut().flat_map(values);
    for text in texts.chain(values) {
        if let PolicyText::Open(open) = text
            && let Some(other) = with(open)
        {
            *text = other;
        }
    }
}

fn complete_by(
    statement: &mut Statement,
    text_of: &mut dyn FnMut(&OpenText) -> Option<PolicyText>,
) {
    for pattern in principals(&mut statement.principal) {
        if let PrincipalPattern::Open(open) = pattern
            && let Some(PolicyText::Known(text)) = text_of(open)
        {
            *pattern = principal(text);
        }
    }
    replace_in(statement, text_of);
}

/// What a piece may be: some part of one of the texts.
fn drawn(piece: &TextPiece, dice: &mut Dice) -> String {
    let is_part = match piece {
        TextPiece::Known(text) => return text.clone(),
        TextPiece::Any(_) => false,
        TextPiece::Part(_) => true,
    };
    let whole = dice.pick(&TEXTS).copied().unwrap_or_default();
    if is_part {
        let parts: Vec<&str> = whole.split([':', '*', '?']).collect();
        let part = dice.pick(&parts).copied().unwrap_or_default();
        return if part.is_empty() { "home" } else { part }.to_owned();
    }
    let (_, behind) = cut(whole, dice);
    match dice.below(3) {
        0 => whole.to_owned(),
        1 => behind.to_owned(),
        _ => cut(behind, dice).0.to_owned(),
    }
}

/// What a value of the kind `AWS` is, as policies are read.
fn principal(text: String) -> PrincipalPattern {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|one| one.is_ascii_digit());
    let root = || {
        let (front, account) = text.strip_suffix(":root")?.rsplit_once(':')?;
        let is_root = front.starts_with("arn:") && front.ends_with(":iam:") && is_account(account);
        is_root.then(|| account.to_owned())
    };
    if text == "*" {
        PrincipalPattern::Everyone
    } else if is_account(&text) {
        PrincipalPattern::Account(text)
    } else if let Some(account) = root() {
        PrincipalPattern::Account(account)
    } else if text.starts_with("arn:") {
        PrincipalPattern::Arn(text)
    } else {
        PrincipalPattern::Other {
            kind: "AWS".to_owned(),
            value: text,
        }
    }
}
