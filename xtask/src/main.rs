//! The workspace's own commands: `cargo xtask regen`, `cargo xtask drift` and `cargo xtask coverage`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod canonical;
mod coverage;
mod document;
mod drift;
mod patch;
mod regen;
mod schemas;
mod source;
mod verify;

#[path = "../../pachca-api/codegen/mod.rs"]
mod codegen;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Keeps the workspace in step with the official API description")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fetch the official description, patch it and write `openapi.yaml`
    Regen(regen::Arguments),
    /// Say what changed between two descriptions, what it breaks and for whom
    Drift(drift::Arguments),
    /// List every official operation and what makes it callable
    Coverage(coverage::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Regen(arguments) => regen::run(&arguments),
        Command::Drift(arguments) => return drift::run(&arguments),
        Command::Coverage(arguments) => coverage::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
