//! Traversals: from a name through attributes, indexes and splats to a value.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, TraversalOperator};

use super::super::reference::{Call, Key};
use super::evaluate::{Evaluator, MAX_DEPTH, Scope};
use super::symbol::{Name, Symbol};
use super::{block, document, fit, variable};

impl Evaluator<'_, '_> {
    /// The value that a traversal leads to.
    pub(super) fn traversal(
        &self,
        base: &Expression,
        operators: &[&TraversalOperator],
        scope: Scope<'_>,
    ) -> Symbol {
        let Expression::Variable(name) = base else {
            return self.apply(self.value(base, scope), operators, scope);
        };
        let name = name.as_str();
        if let Some(value) = scope.variable(name) {
            return self.apply(value.clone(), operators, scope);
        }
        let attribute = |position: usize| match operators.get(position) {
            Some(TraversalOperator::GetAttr(name)) => Some(name.as_str()),
            Some(_) | None => None,
        };
        let Some(first) = attribute(0) else {
            return Symbol::Open;
        };
        let (value, n_used) = match (name, attribute(1)) {
            ("var", _) => (variable::value(self, first, scope), 1),
            ("local", _) => (self.local(first, scope), 1),
            ("module", _) => (self.called(first, scope), 1),
            ("each", _) if first == "key" => (key(scope.key), 1),
            ("each", _) => (scope.each.cloned().unwrap_or(Symbol::Open), 1),
            ("count", _) => (key(scope.key), 1),
            ("path" | "terraform" | "self", _) => (Symbol::Open, 1),
            ("data", Some(second)) => {
                let block = format!("data.{first}.{second}");
                (self.instances(&block, scope), 2)
            }
            (of, _) => (self.instances(&format!("{of}.{first}"), scope), 1),
        };
        self.apply(value, operators.get(n_used..).unwrap_or_default(), scope)
    }

    fn apply(
        &self,
        mut value: Symbol,
        operators: &[&TraversalOperator],
        scope: Scope<'_>,
    ) -> Symbol {
        let mut rest = operators;
        while let Some((operator, behind)) = rest.split_first() {
            rest = behind;
            value = match operator {
                TraversalOperator::GetAttr(name) => self.get(&value, name.as_str(), scope),
                TraversalOperator::Index(index) => {
                    let index = self.value(index, scope);
                    self.index(&value, &index, scope)
                }
                TraversalOperator::LegacyIndex(index) => {
                    let index = usize::try_from(*index.value()).unwrap_or(usize::MAX);
                    self.index(&value, &Symbol::count(index), scope)
                }
                TraversalOperator::FullSplat(_) => return self.splat(&value, rest, scope),
                TraversalOperator::AttrSplat(_) => {
                    // A number behind a dot belongs to it too, an index in brackets does not.
                    let is_inner = |one: &&&TraversalOperator| {
                        matches!(
                            one,
                            TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_)
                        )
                    };
                    let n_inner = rest.iter().take_while(is_inner).count();
                    let (inner, outer) = rest.split_at(n_inner);
                    rest = outer;
                    self.splat(&value, inner, scope)
                }
            };
        }
        value
    }

    fn splat(&self, value: &Symbol, inner: &[&TraversalOperator], scope: Scope<'_>) -> Symbol {
        let is_single = matches!(
            value,
            Symbol::Map(_) | Symbol::Resource(_) | Symbol::Module(_)
        );
        let items = if is_single {
            Some(std::slice::from_ref(value))
        } else if *value == Symbol::Null {
            Some([].as_slice())
        } else {
            value.items()
        };
        let Some(items) = items else {
            return Symbol::Open;
        };
        let item = |item: &Symbol| self.apply(item.clone(), inner, scope);
        Symbol::List(items.iter().map(item).collect())
    }

    /// A field of a value.
    pub(super) fn get(&self, value: &Symbol, name: &str, scope: Scope<'_>) -> Symbol {
        match value {
            Symbol::Map(fields) => fields.get(name).cloned().unwrap_or(Symbol::Missing),
            Symbol::Resource(resource) => self.attribute(*resource, name, scope.depth()),
            Symbol::Module(module) => self.output(module, name, scope.depth()),
            Symbol::Missing | Symbol::Null => Symbol::Missing,
            Symbol::Bool(_)
            | Symbol::Number(_)
            | Symbol::Text(_)
            | Symbol::List(_)
            | Symbol::Set(_)
            | Symbol::Attribute(_)
            | Symbol::Template(_)
            | Symbol::Document(_)
            | Symbol::Open => Symbol::Open,
        }
    }

    /// An item of a value.
    pub(super) fn index(&self, value: &Symbol, index: &Symbol, scope: Scope<'_>) -> Symbol {
        if let Symbol::List(items) = value {
            return match index.as_index() {
                Some(index) => items.get(index).cloned().unwrap_or(Symbol::Missing),
                None => Symbol::Open,
            };
        }
        match index.as_text() {
            Some(name) => self.get(value, &name, scope),
            None => Symbol::Open,
        }
    }

    fn local(&self, name: &str, scope: Scope<'_>) -> Symbol {
        let module = self.module(scope.module);
        let expression = module.and_then(|module| module.locals.get(name));
        let Some(expression) = expression else {
            return Symbol::Open;
        };
        self.once(scope.module, &format!("local.{name}"), || {
            self.value(expression, Scope::of_module(scope.module, scope.depth()))
        })
    }

    pub(super) fn output(&self, module: &[Call], name: &str, depth: usize) -> Symbol {
        let Some(files) = self.module(module) else {
            return Symbol::Open;
        };
        let Some(expression) = files.outputs.get(name) else {
            return Symbol::Missing;
        };
        self.once(module, &format!("output.{name}"), || {
            self.value(expression, Scope::of_module(module, depth))
        })
    }

    /// A call of a module: its instances.
    fn called(&self, name: &str, scope: Scope<'_>) -> Symbol {
        let declared = self.module(scope.module).and_then(|of| of.calls.get(name));
        let Some(declared) = declared else {
            return Symbol::Open;
        };
        let instance = |key: Option<Key>| {
            let mut module = scope.module.to_vec();
            let name = name.to_owned();
            module.push(Call { name, key });
            Symbol::Module(module)
        };
        // An instance without any resource is not in the plan, but has its outputs.
        match block::keys(self, declared, scope) {
            Some(block::Keys::Single) => instance(None),
            Some(block::Keys::Count(count)) => {
                let keys = (0..count).map(|index| Some(Key::Number(index)));
                Symbol::List(keys.map(instance).collect())
            }
            Some(block::Keys::Names(names)) => {
                let named = |name: String| (name.clone(), instance(Some(Key::Text(name))));
                Symbol::Map(names.into_iter().map(named).collect())
            }
            None => Symbol::Open,
        }
    }

    /// The instances of a resource or data source.
    fn instances(&self, block: &str, scope: Scope<'_>) -> Symbol {
        let declared = self
            .module(scope.module)
            .and_then(|of| of.blocks.get(block));
        let Some(declared) = declared else {
            return Symbol::Open;
        };
        if !fit::are_all(self, declared, scope, block) {
            return Symbol::Open;
        }
        let positions = self.plan.positions_of(scope.module, block);
        let instances = positions.iter().filter_map(|position| {
            let resource = self.plan.resources.get(*position)?;
            Some((resource.key.clone(), Symbol::Resource(*position)))
        });
        keyed(instances, block::repetition(&declared.body))
    }

    /// An attribute of an instance: as the plan has it, else as its own expression says when that
    /// leads to one attribute of another instance.
    fn attribute(&self, position: usize, name: &str, depth: usize) -> Symbol {
        let Some(resource) = self.plan.resources.get(position) else {
            return Symbol::Open;
        };
        let own = Name::new(position, resource.of, name);
        let (value, unknown) = resource.raw(name);
        let symbol = Symbol::of_plan(resource.of, value, unknown, own);
        if !matches!(symbol, Symbol::Attribute(_)) || depth >= MAX_DEPTH {
            return symbol;
        }
        if resource.is_data && resource.of == document::DATA_SOURCE && name == "json" {
            return document::of_data(self, position);
        }
        match block::written(self, position, name, depth) {
            Some(Symbol::Attribute(written)) => Symbol::Attribute(written),
            Some(_) | None => symbol,
        }
    }
}

fn keyed(
    instances: impl Iterator<Item = (Option<Key>, Symbol)>,
    repetition: block::Repetition,
) -> Symbol {
    let mut list = BTreeMap::new();
    let mut fields = BTreeMap::new();
    let mut single = None;
    for (key, instance) in instances {
        match key {
            Some(Key::Number(number)) => {
                list.insert(number, instance);
            }
            Some(Key::Text(text)) => {
                fields.insert(text, instance);
            }
            None => single = Some(instance),
        }
    }
    match repetition {
        block::Repetition::None => single.unwrap_or(Symbol::Open),
        // A gap is an instance that the plan does not have, so positions would lie.
        block::Repetition::Count if list.keys().copied().eq(0..list.len() as u64) => {
            Symbol::List(list.into_values().collect())
        }
        block::Repetition::Count => Symbol::Open,
        block::Repetition::ForEach => Symbol::Map(fields),
    }
}

fn key(key: Option<&Key>) -> Symbol {
    match key {
        Some(Key::Number(index)) => usize::try_from(*index).map_or(Symbol::Open, Symbol::count),
        Some(Key::Text(text)) => Symbol::text(text),
        None => Symbol::Open,
    }
}
