//! The world of the templates of a run: parameters, pseudo parameters, conditions, exports.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::json::Value as Json;

use crate::MAX_ERRORS;
use crate::diagnostic::{Code, Diagnostic};
use crate::doubt::Touches;
use crate::nearest::nearest;
use crate::sink::Sink;

use super::template::Template;
use super::term::Term;
use super::yaml::escaped;

/// How deep expressions, and what they refer to, may lie in one another.
pub(super) const MAX_DEPTH: usize = 96;

/// How many expressions one run evaluates: a small template can refer to itself often.
pub(super) const MAX_STEPS: usize = 1_000_000;

/// The templates, and what was found of them.
pub(super) struct World<'t> {
    pub(super) templates: &'t [Template],
    /// The region of the templates that none is given for.
    region: Option<String>,
    /// The prefix lists that an earlier input has.
    pub(super) earlier_lists: BTreeSet<String>,
    /// Each export by its name: the template and the pointer of its value.
    pub(super) exports: BTreeMap<String, (usize, String)>,
    /// What is wrong, each once.
    pub(super) errors: Vec<Diagnostic>,
    /// Where a property that decides what a resource is was open, and why.
    pub(super) undecided: RefCell<Vec<Undecided>>,
    /// Where a condition that is open decides whether anything is there, and why.
    pub(super) optional: Vec<(Spot, String)>,
    /// The parameters that no file gives.
    defaults: BTreeSet<String>,
    /// How many expressions were evaluated.
    pub(super) n_steps: usize,
    /// The conditions that are being decided, to find one that depends on itself.
    deciding: Vec<(usize, String)>,
    decided: BTreeMap<(usize, String), Truth>,
}

/// A property that decides what a resource is, and is open, or wrong.
#[derive(Debug)]
pub(super) struct Undecided {
    pub(super) spot: Spot,
    pub(super) address: String,
    /// What the resource is to the provider.
    pub(super) of: String,
    pub(super) is_open: bool,
    /// What would settle it, or what is wrong.
    pub(super) why: String,
}

/// Whether a condition holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    /// There is no telling; with what would settle it.
    Open(String),
}

impl Truth {
    fn of(holds: bool) -> Truth {
        if holds { Truth::Yes } else { Truth::No }
    }
}

/// Where an expression stands: the template and the pointer in it.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) stack: usize,
    pub(super) pointer: String,
    /// How deep the expression may still go.
    pub(super) depth: usize,
}

impl Spot {
    pub(super) fn new(stack: usize, pointer: impl Into<String>) -> Spot {
        Spot {
            stack,
            pointer: pointer.into(),
            depth: MAX_DEPTH,
        }
    }

    /// A part of what stands here.
    pub(super) fn down(&self, segment: impl std::fmt::Display) -> Spot {
        Spot {
            stack: self.stack,
            pointer: format!("{}/{}", self.pointer, escaped(&segment.to_string())),
            depth: self.depth.saturating_sub(1),
        }
    }

    /// What an expression here refers to.
    pub(super) fn elsewhere(&self, stack: usize, pointer: impl Into<String>) -> Spot {
        Spot {
            stack,
            pointer: pointer.into(),
            depth: self.depth.saturating_sub(1),
        }
    }
}

impl<'t> World<'t> {
    pub(super) fn new(templates: &'t [Template], region: Option<String>) -> World<'t> {
        World {
            templates,
            region,
            earlier_lists: BTreeSet::new(),
            exports: BTreeMap::new(),
            errors: Vec::new(),
            undecided: RefCell::new(Vec::new()),
            optional: Vec::new(),
            defaults: BTreeSet::new(),
            n_steps: 0,
            deciding: Vec::new(),
            decided: BTreeMap::new(),
        }
    }

    pub(super) fn template(&self, stack: usize) -> Option<&'t Template> {
        self.templates.get(stack)
    }

    /// The region of a template.
    pub(super) fn region_of(&self, stack: usize) -> Option<&str> {
        let given = self
            .template(stack)
            .and_then(|of| of.given.get("AWS::Region")?.as_str());
        given.or(self.region.as_deref())
    }

    /// Whether nothing says that two templates are for two accounts.
    pub(super) fn is_one_account(&self, one: usize, other: usize) -> bool {
        let of = |stack| {
            self.template(stack)
                .and_then(|of| of.given.get("AWS::AccountId"))
        };
        match (of(one), of(other)) {
            (Some(one), Some(other)) => one == other,
            (_, _) => true,
        }
    }

    /// Takes an error, once, and gives a term that claims nothing.
    pub(super) fn wrong(&mut self, spot: &Spot, message: impl Into<String>, help: &str) -> Term {
        let message = message.into();
        if let Some(template) = self.template(spot.stack) {
            let error = template.error(&spot.pointer, Code::InvalidValue, message);
            let error = if help.is_empty() {
                error
            } else {
                error.help(help)
            };
            self.push(error);
        }
        Term::Open("an expression with an error".to_owned())
    }

    /// Takes an error, once; of very many, the first.
    pub(super) fn push(&mut self, error: Diagnostic) {
        if self.errors.len() <= MAX_ERRORS && !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// Notes what the templates leave to whoever deploys them.
    pub(super) fn notes(&self, sink: &mut Sink) {
        if !self.defaults.is_empty() {
            let names = self.defaults.iter().map(|name| format!("`{name}`"));
            let names = names.collect::<Vec<_>>().join(", ");
            let text = format!("parameters that no file gives have their defaults: {names}");
            sink.assume("template-defaults", text);
        }
        let text = "the stacks are deployed without tags of their own, which all of their resources would have";
        sink.assume("template-tags", text);
        let what = "what a stack makes has tags of AWS, which a template does not say";
        sink.no_proof(Touches::TagsOfAws, what);
        let what = "of what a stack makes a template does not say the account";
        sink.no_proof(Touches::Accounts, what);
        for (stack, template) in self.templates.iter().enumerate() {
            if self.region_of(stack).is_none() {
                let file = &template.file;
                let what = format!(
                    "the Region of `{file}` is not known: give `AWS::Region` in a file of parameters"
                );
                sink.no_proof(Touches::Everything, what);
            }
        }
    }

    /// The names of the exports, of every template. What an output with an unmet condition exports
    /// is not there.
    pub(super) fn gather_exports(&mut self) {
        for (stack, template) in self.templates.iter().enumerate() {
            let outputs = template.section("Outputs").into_iter().flatten();
            for (name, output) in outputs {
                let pointer = format!("/Outputs/{}", escaped(name));
                let Some(export) = output.get("Export").and_then(|export| export.get("Name"))
                else {
                    continue;
                };
                let condition = output.get("Condition").and_then(Json::as_str);
                let is_there = condition.is_none_or(|condition| {
                    let spot = Spot::new(stack, format!("{pointer}/Condition"));
                    self.condition(condition, &spot) != Truth::No
                });
                let spot = Spot::new(stack, format!("{pointer}/Export/Name"));
                if let (true, Some(text)) = (is_there, self.evaluate(export, &spot).as_text()) {
                    self.export(text, stack, &pointer);
                }
            }
        }
    }

    fn export(&mut self, name: String, stack: usize, pointer: &str) {
        let value = (stack, format!("{pointer}/Value"));
        let first = self
            .exports
            .entry(name.clone())
            .or_insert_with(|| value.clone());
        if *first != value {
            let spot = Spot::new(stack, pointer);
            let message = format!("`{name}` is exported more than once");
            self.wrong(
                &spot,
                message,
                "an export's name is unique in an account and region",
            );
        }
    }

    /// What `Ref` gives: a pseudo parameter, a parameter, or the name of a resource.
    pub(super) fn reference(&mut self, name: &str, spot: &Spot) -> Term {
        let Some(template) = self.template(spot.stack) else {
            return Term::Absent;
        };
        if name.starts_with("AWS::") {
            return self.pseudo(name, spot);
        }
        if let Some(parameter) = template.entry("Parameters", name) {
            if !template.given.contains_key(name) && parameter.get("Default").is_some() {
                self.defaults.insert(name.to_owned());
            }
            return parameter_value(template, name, parameter);
        }
        if template.resource(name).is_some() {
            return self.attribute(name, None, spot);
        }
        let of = ["Parameters", "Resources"].into_iter();
        let known = of.filter_map(|section| template.section(section)).flatten();
        let close = nearest(name, known.map(|(name, _)| name));
        let help = close.map_or_else(
            || "expected the name of a parameter or a resource of this template".to_owned(),
            |close| format!("did you mean `{close}`?"),
        );
        let message = format!("`{name}` is neither a parameter nor a resource of the template");
        let error = template.error(&spot.pointer, Code::NotDefined, message);
        self.push(error.help(help));
        Term::Open(name.to_owned())
    }

    fn pseudo(&mut self, name: &str, spot: &Spot) -> Term {
        let given = self.template(spot.stack).and_then(|of| of.given.get(name));
        if let Some(given) = given {
            return Term::Scalar(given.clone());
        }
        let region = self.region_of(spot.stack);
        let known = match name {
            "AWS::NoValue" => return Term::Absent,
            "AWS::Region" => region,
            "AWS::Partition" => region.map(|region| partition(region).0),
            "AWS::URLSuffix" => region.map(|region| partition(region).1),
            "AWS::AccountId" | "AWS::StackName" | "AWS::StackId" | "AWS::NotificationARNs" => None,
            _ => {
                let message = format!("`{name}` is no pseudo parameter");
                return self.wrong(spot, message, "expected one such as `AWS::Region`");
            }
        };
        known.map_or_else(|| Term::Open(name.to_owned()), Term::text)
    }

    /// Whether a condition of a template holds.
    pub(super) fn condition(&mut self, name: &str, spot: &Spot) -> Truth {
        let key = (spot.stack, name.to_owned());
        if let Some(decided) = self.decided.get(&key) {
            return decided.clone();
        }
        let written = self
            .template(spot.stack)
            .and_then(|template| template.entry("Conditions", name));
        let Some(written) = written else {
            self.wrong(
                spot,
                format!("there is no condition `{name}`"),
                "see `Conditions`",
            );
            return Truth::Open(name.to_owned());
        };
        if self.deciding.contains(&key) || spot.depth == 0 {
            let message = format!("condition `{name}` depends on itself");
            self.wrong(spot, message, "");
            return Truth::Open(name.to_owned());
        }
        self.deciding.push(key.clone());
        let pointer = format!("/Conditions/{}", escaped(name));
        let truth = self.truth(written, &spot.elsewhere(spot.stack, pointer));
        self.deciding.pop();
        self.decided.insert(key, truth.clone());
        truth
    }

    fn truth(&mut self, json: &Json, spot: &Spot) -> Truth {
        let function = json.as_object().filter(|fields| fields.len() == 1);
        let function = function.and_then(|fields| fields.iter().next());
        let Some((name, argument)) = function else {
            self.wrong(
                spot,
                "not a condition",
                "expected `Fn::Equals` or another function of conditions",
            );
            return Truth::Open("a condition with an error".to_owned());
        };
        let spot = spot.down(name);
        let parts = argument.as_array().map_or(&[][..], Vec::as_slice);
        match (name, parts) {
            ("Condition", _) => match argument.as_str() {
                Some(name) => self.condition(name, &spot),
                None => Truth::Open("a condition with an error".to_owned()),
            },
            ("Fn::Equals", [left, right]) => {
                let left = self.evaluate(left, &spot.down(0));
                let right = self.evaluate(right, &spot.down(1));
                equals(&left, &right)
            }
            ("Fn::Not", [only]) => match self.truth(only, &spot.down(0)) {
                Truth::Yes => Truth::No,
                Truth::No => Truth::Yes,
                Truth::Open(why) => Truth::Open(why),
            },
            ("Fn::And", parts) if !parts.is_empty() => self.joined(parts, &spot, &Truth::No),
            ("Fn::Or", parts) if !parts.is_empty() => self.joined(parts, &spot, &Truth::Yes),
            _ => {
                self.wrong(&spot, format!("`{name}` is not read here"), "expected `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` or `Condition` with its arguments");
                Truth::Open("a condition with an error".to_owned())
            }
        }
    }

    /// `Fn::And` or `Fn::Or`: one part that is `decisive` decides.
    fn joined(&mut self, parts: &[Json], spot: &Spot, decisive: &Truth) -> Truth {
        let mut open = None;
        for (position, part) in parts.iter().enumerate() {
            match self.truth(part, &spot.down(position)) {
                truth if truth == *decisive => return truth,
                Truth::Open(why) => open = open.or(Some(why)),
                Truth::Yes | Truth::No => {}
            }
        }
        match open {
            Some(why) => Truth::Open(why),
            None => Truth::of(*decisive == Truth::No),
        }
    }
}

fn equals(left: &Term, right: &Term) -> Truth {
    match (left.as_text(), right.as_text()) {
        (Some(left), Some(right)) => Truth::of(left == right),
        (_, _) => {
            let why = left.why_open().or_else(|| right.why_open());
            Truth::Open(why.unwrap_or_else(|| "a comparison of what is no text".to_owned()))
        }
    }
}

/// The partition of a region, and the end of its names.
pub(super) fn partition(region: &str) -> (&'static str, &'static str) {
    if region.starts_with("cn-") {
        ("aws-cn", "amazonaws.com.cn")
    } else if region.starts_with("us-gov-") {
        ("aws-us-gov", "amazonaws.com")
    } else {
        ("aws", "amazonaws.com")
    }
}

/// The value of a parameter: as given, else its default. What Systems Manager holds, and what must
/// not be shown, stays open.
fn parameter_value(template: &Template, name: &str, parameter: &Json) -> Term {
    let of = parameter
        .get("Type")
        .and_then(Json::as_str)
        .unwrap_or("String");
    let open = Term::Open(format!("parameter {name}"));
    let is_secret = match parameter.get("NoEcho") {
        Some(Json::Bool(secret)) => *secret,
        Some(Json::String(text)) => text.eq_ignore_ascii_case("true"),
        Some(Json::Null | Json::Number(_) | Json::Array(_) | Json::Object(_)) | None => false,
    };
    if of.starts_with("AWS::SSM::Parameter") || is_secret {
        return open;
    }
    let given = template
        .given
        .get(name)
        .or_else(|| parameter.get("Default"));
    let Some(value) = given.map(|value| Term::Scalar(value.clone())) else {
        return open;
    };
    let Some(text) = value.as_text() else {
        return open;
    };
    // What it names is read only where the parameter is used.
    if text.contains("{{resolve:") {
        return Term::Open(format!("dynamic reference {text}"));
    }
    if dummy(&text) {
        return Term::Open(format!("{DUMMY} (`{text}`)"));
    }
    if of == "CommaDelimitedList" || of.starts_with("List<") {
        let pointer = format!("/Parameters/{}/Default", escaped(name));
        let items = text.split(',').map(|item| super::term::Part {
            term: Term::text(item.trim()),
            pointer: pointer.clone(),
        });
        return Term::List(items.collect());
    }
    Term::text(text)
}

/// What to do about what CDK could not look up.
pub(super) const DUMMY: &str = "what CDK looks up: commit cdk.context.json and synthesize again";

/// Whether a text is what CDK writes where a look-up has not been made yet.
///
/// Source: <https://docs.aws.amazon.com/cdk/v2/guide/context.html>
pub(super) fn dummy(text: &str) -> bool {
    // What stands in for a parameter of Systems Manager has the parameter's name in it.
    const PARAMETER: &str = "dummy-value-for-";
    const DUMMIES: [&str; 17] = [
        "1.2.3.4/5",
        "pl-xxxxxxxx",
        "vpc-12345",
        "s-12345",
        "s-67890",
        "p-12345",
        "p-67890",
        "rtb-12345s",
        "rtb-67890s",
        "rtb-12345p",
        "rtb-57890p",
        "sg-1234",
        "sg-12345678",
        "sg-123456789012",
        "dummy1a",
        "dummy1b",
        "dummy1c",
    ];
    text.contains(PARAMETER) || DUMMIES.contains(&text)
}
