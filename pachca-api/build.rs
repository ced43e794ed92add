//! Generates the client from `openapi.yaml`: everything that differs per operation or schema comes from there.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

mod codegen;

fn main() -> Result<()> {
    let description = description()?;
    println!("cargo::rerun-if-changed={}", description.display());
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=codegen");
    let place = description.display();
    let text = std::fs::read_to_string(&description)
        .with_context(|| format!("cannot read {place}; `cargo xtask regen` writes it"))?;
    let document = codegen::parse(&text).with_context(|| format!("cannot parse {place}"))?;
    let generated = codegen::generate(&document).with_context(|| format!("cannot generate a client from {place}"))?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").context("OUT_DIR is not set")?).join("generated.rs");
    std::fs::write(&out, generated.source).with_context(|| format!("cannot write {}", out.display()))
}

/// A link to the file at the top of the workspace; in a package, the file itself.
fn description() -> Result<PathBuf> {
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").context("CARGO_MANIFEST_DIR is not set")?);
    Ok(here.join("openapi.yaml"))
}
