//! `vpcproof import-scope`: a Network Access Scope of AWS as an invariant file.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use ingest::access_scope::{self as reader, AccessScope};

use super::console::Console;
use crate::access_scope;
use crate::exit::Exit;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The scope: what `aws ec2 get-network-insights-access-scope-content` prints, or its
    /// `MatchPaths` and `ExcludePaths` alone.
    #[arg(value_name = "SCOPE.json")]
    scope: PathBuf,

    /// A file to write it to, which must not be there yet; otherwise standard output.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, console: &mut Console) -> Exit {
    let scope = match reader::read(&arguments.scope) {
        Ok(scope) => scope,
        Err(error) => {
            console.err(&error.to_string());
            return Exit::CouldNotRun;
        }
    };
    let claims = match access_scope::claims(&scope) {
        Ok(claims) => claims,
        Err(problems) => {
            for problem in &problems {
                console.err(&problem.to_string());
            }
            let count = match problems.len() {
                1 => "1 error".to_owned(),
                several => format!("{several} errors"),
            };
            console.err(&format!("error: the scope is not imported ({count})"));
            return Exit::CouldNotRun;
        }
    };
    let file = arguments.scope.display().to_string();
    let text = access_scope::write(&claims, &prefix(&scope, &arguments.scope), &file);
    let Some(path) = &arguments.out else {
        console.out(&text);
        return Exit::Proved;
    };
    let out = path.display();
    let created = fs::File::create_new(path);
    match created.and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => {
            console.err(&format!(
                "wrote {out}; read it, then run `vpcproof check NETWORK -i {out}`"
            ));
            Exit::Proved
        }
        Err(error) => {
            console.err(&format!("error: `{out}` cannot be written: {error}"));
            Exit::CouldNotRun
        }
    }
}

/// What the names of the claims begin with: the id of the scope, else the name of the file.
fn prefix(scope: &AccessScope, path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy());
    let name = scope.id.as_deref().or(stem.as_deref()).unwrap_or("scope");
    let fits = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter
        } else {
            '-'
        }
    };
    let plain: String = name.chars().map(fits).collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() {
        "scope".to_owned()
    } else {
        plain.to_owned()
    }
}
