//! Texts of policies of which a part is open (page policy, *open texts*).

use model::{OpenText, TextPiece};

use crate::pattern::{Pattern, Token};
use crate::principal::{Caller, CallerKind};
use crate::variable::{Manner, N_COLONS, folded};

/// What a text may match in some completion; `None` when nothing is known of it.
pub(crate) fn reach(text: &OpenText, manner: Manner) -> Option<Pattern> {
    let is_arn = manner != Manner::Arn || known(text).filter(|one| *one == ':').count() >= N_COLONS;
    is_arn.then(|| {
        let exactly = |character| match manner {
            Manner::IgnoringCase => folded(character),
            Manner::Equals
            | Manner::Like
            | Manner::Arn
            | Manner::Resource
            | Manner::LooseResource => Token::Exactly(character),
        };
        let of_piece = |piece: &TextPiece| match piece {
            TextPiece::Any(_) => vec![Token::ANY],
            TextPiece::Part(_) => vec![Token::PART],
            // What is open may change where a wildcard stands, and with that what it passes.
            TextPiece::Known(text) => {
                let tokens = text.chars().map(|character| match character {
                    '*' => Token::ANY,
                    '?' => Token::One { not: None },
                    other => exactly(other),
                });
                tokens.collect()
            }
        };
        Pattern::new(text.pieces().iter().flat_map(of_piece).collect())
    })
}

/// The characters that are known.
fn known(text: &OpenText) -> impl Iterator<Item = char> {
    text.pieces().iter().flat_map(|piece| match piece {
        TextPiece::Known(text) => text.chars(),
        TextPiece::Any(_) | TextPiece::Part(_) => "".chars(),
    })
}

/// A principal of a policy of which a part is open.
#[derive(Clone, Debug)]
pub(crate) struct OpenPrincipal {
    /// The ARNs that it may be, when it is certainly that of a user or a role.
    pub(crate) arns: Option<Pattern>,
    may_be_everyone: bool,
    /// What is open about it.
    pub(crate) hole: String,
}

impl OpenPrincipal {
    pub(crate) fn new(text: &OpenText) -> Self {
        let pattern = reach(text, Manner::Equals);
        let has_any = text
            .pieces()
            .iter()
            .any(|piece| matches!(piece, TextPiece::Any(_)));
        let is_star = |pattern: &Pattern| pattern.matches("*");
        OpenPrincipal {
            may_be_everyone: has_any && pattern.as_ref().is_some_and(is_star),
            arns: pattern.filter(|_| is_of_user_or_role(text)),
            hole: text.hole().attribute().to_owned(),
        }
    }

    /// Whether it may mean everyone.
    pub(crate) const fn may_be_everyone(&self) -> bool {
        self.may_be_everyone
    }

    /// Whether it may mean the caller, in any way.
    pub(crate) fn may_mean(&self, caller: &Caller<'_>) -> bool {
        match (&self.arns, caller.kind) {
            (Some(_), CallerKind::Anonymous | CallerKind::Root) => false,
            // The path of its role is not in its ARN.
            (Some(_), CallerKind::Session) => true,
            (Some(arns), CallerKind::User | CallerKind::Role | CallerKind::Other) => {
                arns.matches(&caller.arn)
            }
            (None, CallerKind::Anonymous) => self.may_be_everyone,
            (
                None,
                CallerKind::Root
                | CallerKind::User
                | CallerKind::Role
                | CallerKind::Session
                | CallerKind::Other,
            ) => true,
        }
    }

    /// Whether it may mean the role that the caller is, or in whose session it is.
    pub(crate) fn may_be_own_role(&self, caller: &Caller<'_>) -> bool {
        match caller.kind {
            CallerKind::Role | CallerKind::Session => self.may_mean(caller),
            CallerKind::Anonymous | CallerKind::Root | CallerKind::User | CallerKind::Other => {
                false
            }
        }
    }

    /// Whether it may be the caller's account.
    pub(crate) fn may_be_account_of(&self, caller: &Caller<'_>) -> bool {
        self.arns.is_none() && caller.kind != CallerKind::Anonymous
    }
}

/// Whether a text is `arn:`, known characters or one `part`, and `:iam:`, with a slash somewhere.
fn is_of_user_or_role(text: &OpenText) -> bool {
    let behind_partition = match text.pieces() {
        [
            TextPiece::Known(first),
            TextPiece::Part(_),
            TextPiece::Known(next),
            ..,
        ] if first == "arn:" => Some(next.as_str()),
        [TextPiece::Known(first), ..] => {
            let partition = first.strip_prefix("arn:");
            let end = partition.and_then(|rest| rest.find(':').filter(|end| *end > 0));
            partition.zip(end).and_then(|(rest, end)| rest.get(end..))
        }
        [] | [TextPiece::Any(_) | TextPiece::Part(_), ..] => None,
    };
    let is_of_iam = behind_partition.is_some_and(|rest| rest.starts_with(":iam:"));
    is_of_iam && known(text).any(|one| one == '/')
}
