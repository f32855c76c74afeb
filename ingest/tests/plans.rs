//! The recorded plans: how many of their references are traced.

use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/plans")
}

#[test]
fn tmp() {
    let mut names: Vec<_> = std::fs::read_dir(fixtures()).unwrap().map(|e| e.unwrap().path()).filter(|p| p.join("plan.json").exists()).collect();
    names.sort();
    for name in names {
        let options = ingest::Options { terraform_files: if std::env::var_os("HCL").is_some() { vec![name.clone()] } else { vec![] } };
        match ingest::read_with(&[name.join("plan.json")], &options) {
            Ok(ingested) => {
                println!("== {} {}", name.display(), ingested.references.len());
                for (a, t) in &ingested.references { if *t != ingest::Traced::Known { println!("   {t:?} {a}"); } }
                for d in &ingested.diagnostics { println!("   {d}"); }
                for a in &ingested.assumptions { println!("   A {}: {}", a.code, a.text); }
                if let Err(e) = ingested.validate() { println!("{e}"); }
            }
            Err(e) => println!("ERR {e}"),
        }
    }
}
