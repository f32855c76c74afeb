//! The requests of a set, cut along actions, principals, resources and context keys into classes
//! that policies cannot tell apart.

use std::collections::{BTreeMap, BTreeSet};

use model::{ContextKey, Patterns, Principal, PrincipalElement, PrincipalPattern, PrincipalSet};
use model::{Request, RequestContext, RequestSet};

use crate::authorize::CompiledPolicy;
use crate::condition::{Asked, Comparison, Operator, Reading};
use crate::context::{Key, Path, is_several};
use crate::key_classes::{Asks, KeyClass, Type};
use crate::known_texts::KnownTexts;
use crate::pattern::{But, Language, Pattern};
use crate::principal::{account, name};
use crate::principal_classes::PrincipalPatterns;
use crate::resource_element::{ResourceReading, Written};
use crate::statement::{Compiled, Part};
use crate::variable::Template;

/// Strings that make a witness look like a request that somebody makes.
const ACTIONS: [&str; 12] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:DeleteObject",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "sqs:SendMessage",
    "sts:AssumeRole",
    "kms:Decrypt",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ec2:DescribeInstances",
];
pub(crate) const RESOURCES: [&str; 6] = [
    "arn:aws:s3:::bucket-of-somebody-else/key",
    "arn:aws:s3:::bucket-of-somebody-else",
    "arn:aws:dynamodb:ap-northeast-1:999999999999:table/table-of-somebody-else",
    "arn:aws:sqs:ap-northeast-1:999999999999:queue-of-somebody-else",
    "arn:aws:iam::999999999999:role/role-of-somebody-else",
    "arn:aws:kms:ap-northeast-1:999999999999:key/key-of-somebody-else",
];

/// What every action is like (page policy, *sets of requests*).
const NAMED: &str = "?*:?*";

/// The dimensions, by their position. A search chooses in this order: actions and resources leave
/// the fewest statements.
pub(crate) const ACTION: usize = 0;
pub(crate) const RESOURCE: usize = 1;
pub(crate) const PRINCIPAL: usize = 2;
pub(crate) const FIRST_KEY: usize = 3;

/// The classes of each dimension; the first one is that of a request which nothing asks more of.
#[derive(Clone, Debug)]
pub(crate) struct Dimensions {
    pub(crate) actions: Vec<String>,
    pub(crate) principals: Vec<Principal>,
    pub(crate) resources: Vec<String>,
    pub(crate) keys: Vec<(ContextKey, Vec<KeyClass>)>,
    pub(crate) known: KnownTexts,
}

/// What tells the requests of a set apart beside the statements that are searched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Apart<'a> {
    pub(crate) actions: BTreeSet<Pattern>,
    pub(crate) resources: BTreeSet<Pattern>,
    pub(crate) principals: PrincipalPatterns,
    /// Principals that variables may stand for.
    pub(crate) arns: BTreeSet<String>,
    /// Their accounts, and others.
    pub(crate) accounts: BTreeSet<String>,
    /// Conditions by which the values of a key have their types, of whatever statements.
    pub(crate) typing: Vec<&'a Asked>,
}

/// The class chosen in each dimension, as far as one is.
pub(crate) type Choice = Vec<Option<usize>>;

impl Dimensions {
    /// Cuts a set by what some policies ask of requests that come by a way; `Err` names the limit
    /// that was reached.
    pub(crate) fn new(
        set: &RequestSet,
        policies: &[&CompiledPolicy],
        path: &Path,
        apart: &Apart<'_>,
    ) -> Result<Self, &'static str> {
        let statements = policies.iter().flat_map(|policy| &policy.statements);
        let statements: Vec<_> = statements.collect();
        let conditions = statements.iter().flat_map(|one| &one.conditions);
        let conditions: Vec<&Asked> = conditions.collect();
        let known = known_texts(set, &statements, &conditions, path, apart);
        let states = "states of string patterns";
        let actions = statements.iter().flat_map(|one| &one.action.patterns);
        let mut asked = language(&set.actions, Pattern::action);
        asked.groups.push(vec![Pattern::action(NAMED)]);
        let actions = asked
            .texts(&actions.chain(&apart.actions).cloned().collect(), &ACTIONS)
            .ok_or(states)?;
        let mut told = resources(&statements, &known)?;
        told.extend(apart.resources.iter().cloned());
        let resources = language(&set.resources, Pattern::plain)
            .texts(&told, &RESOURCES)
            .ok_or(states)?;
        let principals = principals(set, &statements, &conditions, &known, apart)?;
        let principals = principals.principals(set).ok_or(states)?;
        let mut keys = Vec::new();
        for (key, asks) in asks(set, &conditions, &known, path, apart)? {
            let classes = asks.classes(set.context.get(&key), plausible(&key))?;
            keys.push((key, classes));
        }
        Ok(Self {
            actions,
            principals,
            resources,
            keys,
            known,
        })
    }

    /// How many classes each dimension has.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let own = [
            self.actions.len(),
            self.resources.len(),
            self.principals.len(),
        ];
        let keys = self.keys.iter().map(|(_, classes)| classes.len());
        own.into_iter().chain(keys).collect()
    }

    /// A request of the chosen classes; `None` when there is none at all.
    pub(crate) fn request(&self, choice: &[Option<usize>]) -> Option<Request> {
        let chosen = |dimension: usize| choice.get(dimension).copied().flatten().unwrap_or(0);
        let mut context = RequestContext::new();
        for (position, (key, classes)) in self.keys.iter().enumerate() {
            let class = classes.get(chosen(FIRST_KEY + position))?;
            if !class.values.is_empty() {
                context.insert(key.clone(), class.values.clone());
            }
        }
        Some(Request {
            action: self.actions.get(chosen(ACTION))?.clone(),
            resource: self.resources.get(chosen(RESOURCE))?.clone(),
            principal: self.principals.get(chosen(PRINCIPAL))?.clone(),
            context,
        })
    }

    /// The dimensions that a part depends on, in order.
    pub(crate) fn of(&self, part: Part<'_>) -> Vec<usize> {
        let mut dimensions = BTreeSet::new();
        match part {
            Part::Action(_) | Part::Control => {
                dimensions.insert(ACTION);
            }
            Part::Principal(..) | Part::Grant(..) => {
                dimensions.insert(PRINCIPAL);
            }
            Part::Resource(resources) => {
                dimensions.insert(RESOURCE);
                for template in resources.templates() {
                    template
                        .keys()
                        .for_each(|key| self.of_key(key, &mut dimensions));
                }
            }
            Part::Condition(condition) => {
                self.of_key(&condition.key, &mut dimensions);
                for (_, template) in condition.templates() {
                    template
                        .keys()
                        .for_each(|key| self.of_key(key, &mut dimensions));
                }
            }
        }
        dimensions.into_iter().collect()
    }

    fn of_key(&self, key: &Key, dimensions: &mut BTreeSet<usize>) {
        dimensions.extend(key.follows_from_principal().then_some(PRINCIPAL));
        dimensions.extend(key.of_request().and_then(|key| self.position(key)));
    }

    fn position(&self, key: &ContextKey) -> Option<usize> {
        let position = self.keys.iter().position(|(own, _)| own == key);
        position.map(|position| FIRST_KEY + position)
    }

    /// Whether all requests of the chosen classes are alike to a condition.
    pub(crate) fn is_certain(&self, condition: &Asked, choice: &[Option<usize>]) -> bool {
        match &condition.operator {
            Operator::Unmodelled | Operator::Null(_) => return true,
            Operator::Compare { values, .. } if !is_told(&condition.key, values) => return false,
            Operator::Compare { .. } => {}
        }
        self.is_single(&condition.key, choice)
    }

    /// Whether the chosen class of a key stands for values of which all operators say the same.
    fn is_single(&self, key: &Key, choice: &[Option<usize>]) -> bool {
        self.chosen(key, choice).is_none_or(|class| class.certain)
    }

    /// Whether a variable may take the chosen class of a key.
    pub(crate) fn is_told(&self, key: &Key, choice: &[Option<usize>]) -> bool {
        let class = self.chosen(key, choice);
        class.is_none_or(|class| class.certain && class.is_told)
    }

    fn chosen(&self, key: &Key, choice: &[Option<usize>]) -> Option<&KeyClass> {
        let dimension = self.position(key.of_request()?)?;
        let chosen = choice.get(dimension).copied().flatten()?;
        let (_, classes) = self.keys.get(dimension - FIRST_KEY)?;
        classes.get(chosen)
    }
}

/// Whether classes of principals tell apart what a comparison does: names and accounts are
/// compared as text only.
const fn is_told(key: &Key, values: &Comparison) -> bool {
    match (key, values) {
        (_, Comparison::Text(..)) => true,
        (
            Key::PrincipalAccount | Key::CallerAccount | Key::Username | Key::UserId(_),
            Comparison::Number(..)
            | Comparison::Date(..)
            | Comparison::Bool(_)
            | Comparison::Address(_),
        ) => false,
        (
            Key::PrincipalArn
            | Key::PrincipalType
            | Key::PrincipalIsService
            | Key::ViaService
            | Key::PrincipalTag(_)
            | Key::Signed(_)
            | Key::SourceVpce
            | Key::SourceVpc
            | Key::SourceVpcArn
            | Key::VpceAccount
            | Key::VpceOrgId
            | Key::VpceOrgPaths
            | Key::VpcSourceIp
            | Key::SourceIp
            | Key::NeverThere
            | Key::AlwaysOpen
            | Key::Free(_),
            _,
        ) => true,
    }
}

pub(crate) fn language(set: &Patterns, read: fn(&str) -> Pattern) -> Language {
    let patterns = |texts: &[String]| texts.iter().map(|text| read(text)).collect::<Vec<_>>();
    let include = Some(patterns(&set.include)).filter(|include| !include.is_empty());
    Language {
        groups: include.into_iter().collect(),
        excluded: patterns(&set.exclude),
    }
}

/// A readable value of a key that no policy speaks of.
fn plausible(key: &ContextKey) -> &'static str {
    match key.folded() {
        key if key.ends_with("account") => "999999999999",
        key if key.ends_with("orgid") => "o-of-somebody-else",
        key if key.ends_with("orgpaths") => "o-of-somebody-else/r-1/ou-1/",
        _ => "of-somebody-else",
    }
}

/// The patterns by which statements tell resources apart.
fn resources(
    statements: &[&Compiled],
    known: &KnownTexts,
) -> Result<BTreeSet<Pattern>, &'static str> {
    let mut patterns = BTreeSet::new();
    for resource in statements.iter().flat_map(|one| &one.resource.patterns) {
        match &resource.written {
            Written::Fixed(reading) => patterns.extend(reading.patterns().cloned()),
            Written::Variable(template) => {
                let fillings = known.fillings(template).ok_or("values of variables")?;
                let readings = fillings.iter().map(|symbols| ResourceReading::new(symbols));
                patterns.extend(readings.flat_map(ResourceReading::into_patterns));
            }
        }
    }
    Ok(patterns)
}

/// The patterns by which a condition tells texts apart.
fn patterns_of(condition: &Asked, known: &KnownTexts) -> Result<BTreeSet<Pattern>, &'static str> {
    let mut patterns: BTreeSet<_> = condition.patterns().cloned().collect();
    for (reading, template) in condition.templates() {
        let fillings = known.fillings(template).ok_or("values of variables")?;
        patterns.extend(
            fillings
                .iter()
                .filter_map(|symbols| reading.pattern(symbols)),
        );
    }
    Ok(patterns)
}

/// ARNs and accounts of principals that statements and the set name.
fn named_arns(set: &RequestSet, statements: &[&Compiled]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut arns, mut accounts) = (BTreeSet::new(), BTreeSet::new());
    for statement in statements {
        let (PrincipalElement::Principal(patterns) | PrincipalElement::NotPrincipal(patterns)) =
            &statement.principal.element;
        for pattern in patterns {
            match pattern {
                PrincipalPattern::Account(of) => {
                    accounts.insert(crate::principal::account_of(of).to_owned());
                }
                PrincipalPattern::Arn(arn) => {
                    arns.insert(arn.clone());
                }
                PrincipalPattern::Everyone
                | PrincipalPattern::Open(_)
                | PrincipalPattern::Other { .. } => {}
            }
        }
    }
    match &set.principals {
        PrincipalSet::Every => {}
        PrincipalSet::OfAccounts(of) | PrincipalSet::NotOfAccounts(of) => {
            accounts.extend(of.iter().cloned());
        }
        PrincipalSet::These(principals) => {
            for principal in principals {
                match principal {
                    Principal::Anonymous => {}
                    Principal::Root { account } => {
                        accounts.insert(account.clone());
                    }
                    Principal::Arn { account, arn } => {
                        accounts.insert(account.clone());
                        arns.insert(arn.clone());
                    }
                }
            }
        }
    }
    accounts.extend(arns.iter().map(|arn| account(arn).to_owned()));
    (arns, accounts)
}

/// What variables may stand for: texts of the policies and the set, or else a word, so that some
/// requests have equal values.
fn known_texts(
    set: &RequestSet,
    statements: &[&Compiled],
    conditions: &[&Asked],
    path: &Path,
    apart: &Apart<'_>,
) -> KnownTexts {
    let resources = statements.iter();
    let resources = resources.flat_map(|one| one.resource.templates());
    let values = conditions.iter().flat_map(|one| one.templates());
    let values = values.map(|(_, template)| template);
    let keys: BTreeSet<Key> = resources
        .chain(values)
        .flat_map(Template::keys)
        .cloned()
        .collect();
    let (mut arns, mut accounts) = named_arns(set, statements);
    arns.extend(apart.arns.iter().cloned());
    accounts.extend(apart.accounts.iter().cloned());
    let mut known = KnownTexts::default();
    for key in &keys {
        known.add_given(key, path);
        let asking = conditions.iter().filter(|one| one.key == *key);
        known.add(
            key,
            asking
                .flat_map(|one| one.patterns())
                .filter_map(Pattern::only),
        );
        match key {
            Key::PrincipalArn => known.add(key, arns.iter().cloned()),
            Key::PrincipalAccount | Key::CallerAccount => known.add(key, accounts.iter().cloned()),
            Key::Username => {
                let names = arns.iter().map(|arn| name(arn).to_owned());
                known.add(key, names.chain([String::from("ann")]));
            }
            Key::UserId(of) | Key::PrincipalTag(of) | Key::Signed(of) | Key::Free(of) => {
                let values = set.context.get(of).and_then(|set| set.values.as_ref());
                let include = values.map(|values| values.include.as_slice());
                let include = include.unwrap_or_default().iter();
                let literal = include.filter(|text| !text.contains(['*', '?']));
                known.add(key, literal.cloned().chain([String::from("blue")]));
                let mut asking = conditions.iter().filter(|one| one.key == *key);
                if asking.any(|one| Type::of(one) == Some(Type::Bool)) {
                    known.add(key, ["true", "false"].map(String::from));
                }
                if matches!(key, Key::UserId(_)) {
                    known.add(key, accounts.iter().cloned());
                }
            }
            Key::PrincipalType
            | Key::PrincipalIsService
            | Key::ViaService
            | Key::SourceVpce
            | Key::SourceVpc
            | Key::SourceVpcArn
            | Key::VpceAccount
            | Key::VpceOrgId
            | Key::VpceOrgPaths
            | Key::VpcSourceIp
            | Key::SourceIp
            | Key::NeverThere
            | Key::AlwaysOpen => {}
        }
    }
    known
}

/// The patterns by which statements tell principals apart.
fn principals(
    set: &RequestSet,
    statements: &[&Compiled],
    conditions: &[&Asked],
    known: &KnownTexts,
    apart: &Apart<'_>,
) -> Result<PrincipalPatterns, &'static str> {
    let mut principals = apart.principals.clone();
    if matches!(set.principals, PrincipalSet::These(_)) {
        return Ok(principals);
    }
    for statement in statements {
        principals.element(&statement.principal.element);
    }
    let mut tell = |key: &Key, pattern: Pattern| match key {
        Key::PrincipalArn => principals.arn(pattern),
        Key::PrincipalAccount | Key::CallerAccount => principals.accounts_like(&pattern),
        Key::Username => principals.usernames(&pattern),
        Key::UserId(_) => principals.root_users(&pattern),
        Key::PrincipalType
        | Key::PrincipalIsService
        | Key::ViaService
        | Key::PrincipalTag(_)
        | Key::Signed(_)
        | Key::SourceVpce
        | Key::SourceVpc
        | Key::SourceVpcArn
        | Key::VpceAccount
        | Key::VpceOrgId
        | Key::VpceOrgPaths
        | Key::VpcSourceIp
        | Key::SourceIp
        | Key::NeverThere
        | Key::AlwaysOpen
        | Key::Free(_) => {}
    };
    for condition in conditions {
        for pattern in patterns_of(condition, known)? {
            tell(&condition.key, pattern);
        }
        match &condition.operator {
            // What is no ARN is open.
            Operator::Compare {
                values: Comparison::Text(Reading::Arn, _),
                ..
            } => tell(&condition.key, Pattern::any_arn()),
            // Whether there is a name.
            Operator::Compare { .. } | Operator::Null(_) | Operator::Unmodelled => {
                tell(&condition.key, Pattern::text(""));
            }
        }
    }
    for key in known.keys() {
        for text in known.of(key) {
            tell(key, Pattern::text(text));
        }
    }
    Ok(principals)
}

/// What is asked of each key whose values are the request's own.
fn asks<'a>(
    set: &RequestSet,
    conditions: &[&'a Asked],
    known: &KnownTexts,
    path: &Path,
    apart: &Apart<'a>,
) -> Result<BTreeMap<ContextKey, Asks<'a>>, &'static str> {
    let mut asks: BTreeMap<ContextKey, Asks<'a>> = BTreeMap::new();
    for key in set.context.keys() {
        asks.entry(key.clone()).or_default();
    }
    for condition in conditions {
        let Some(key) = condition.key.of_request() else {
            continue;
        };
        let patterns = patterns_of(condition, known)?;
        let asks = asks.entry(key.clone()).or_default();
        asks.conditions.push(condition);
        asks.patterns.extend(patterns);
    }
    for key in known.keys() {
        let Some(of_request) = key.of_request() else {
            continue;
        };
        let asks = asks.entry(of_request.clone()).or_default();
        asks.patterns
            .extend(known.of(key).map(|text| Pattern::text(text)));
    }
    for (key, asks) in &mut asks {
        asks.several = is_several(key) || path.several.contains(key);
        let elsewhere = apart.typing.iter();
        let elsewhere = elsewhere.filter(|one| one.key.of_request() == Some(key));
        asks.elsewhere.extend(elsewhere);
        let mut asking = asks.conditions.iter().chain(&asks.elsewhere);
        asks.may_be_empty = !asking.any(|one| one.is_of_presence());
        if matches!(Key::new(key), Key::PrincipalTag(_)) {
            asks.but = But::SIGN;
        }
    }
    Ok(asks)
}
