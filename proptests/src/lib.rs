//! Generators, laws, planted bugs and the corpus: what the two engines are checked with.
//!
//! Reading order: [`plan`] and [`generate`] make networks, [`question`] draws questions from them,
//! [`run`] asks both engines and counts, [`reduce`] and [`report`] make a disagreement readable.

pub mod plan;
pub mod pool;
pub mod swarm;
pub mod weights;

pub mod generate;

pub mod dice;
pub mod edit;
pub mod question;

pub mod agreement;
pub mod authorization;
pub mod coverage;
pub mod difference;
pub mod forms;
pub mod pairs;
pub mod policy;
pub mod relation;
pub mod run;
pub mod sabotage;

pub mod reduce;
pub mod report;

pub mod corpus;
pub mod line;
pub mod page;
