//! `cargo xtask drift`: what changed between two descriptions, what it breaks and for whom.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;

use crate::regen::workspace_root;
use crate::source::{self, OFFICIAL_URL};
use ignore::Ignored;
use report::Report;
use side::Side;

mod answers;
mod body;
mod bounds;
mod bump;
mod comparison;
mod extensions;
mod finding;
mod ignore;
mod names;
mod operations;
mod parameters;
mod place;
mod reach;
mod report;
mod rule;
mod rules;
mod rust_types;
mod schema;
mod side;
mod unions;
mod whole;

/// The exit code when something is found that `--fail-on` asks for.
const FOUND: u8 = 1;

/// The exit code when the command cannot be understood, its file of ignored changes included. clap's own.
const USAGE: u8 = 2;

/// The exit code when a description cannot be read or patched, which says nothing about drift.
const NOT_COMPARED: u8 = 3;

/// The file that is looked for when `--ignore` is not given.
const IGNORE_FILE: &str = ".drift-ignore.yaml";

#[derive(clap::Args)]
pub struct Arguments {
    /// A path or an http(s) address of the older description, the official or the committed one
    #[arg(long, value_name = "PATH|URL", default_value_os_t = workspace_root().join("openapi.yaml").display().to_string())]
    from: String,
    /// A path or an http(s) address of the newer description, the official or the committed one
    #[arg(long, value_name = "PATH|URL", default_value = OFFICIAL_URL)]
    to: String,
    /// How to print what is found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// What has to be found for the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Any)]
    fail_on: FailOn,
    /// A YAML list of changes not to report, each with its `fingerprint` and a `reason` [default: .drift-ignore.yaml,
    /// where the workspace has one]
    #[arg(long, value_name = "PATH")]
    ignore: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people, by operation
    Text,
    /// For a comment on a pull request
    Markdown,
    /// For programs
    Json,
    /// Annotations of a GitHub workflow, and its job summary
    Github,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A change that breaks old clients or Rust code
    Breaking,
    /// Any change
    Any,
    /// Nothing
    Never,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    let refused = |code: u8, error: &anyhow::Error| {
        eprintln!("error: {error:#}");
        ExitCode::from(code)
    };
    let ignored = match ignored(arguments) {
        Ok(ignored) => ignored,
        Err(error) => return refused(USAGE, &error),
    };
    let (old, new) = match side(&arguments.from).and_then(|old| Ok((old, side(&arguments.to)?))) {
        Ok(sides) => sides,
        Err(error) => return refused(NOT_COMPARED, &error),
    };
    let operations = new.document.operations().len();
    let report = Report::new((&arguments.from, &arguments.to), whole::compare(&old, &new), operations, &ignored);
    match print(&report, arguments.format) {
        // Whoever reads has read enough, as `head` does.
        Err(error)
            if error.downcast_ref().is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe) => {}
        Err(error) => return refused(NOT_COMPARED, &error),
        Ok(()) => {}
    }
    let failed = match arguments.fail_on {
        FailOn::Never => false,
        FailOn::Any => !report.findings.is_empty(),
        FailOn::Breaking => report.findings.iter().any(finding::Finding::is_breaking),
    };
    if failed { ExitCode::from(FOUND) } else { ExitCode::SUCCESS }
}

fn ignored(arguments: &Arguments) -> Result<Ignored> {
    match &arguments.ignore {
        Some(path) => Ignored::read(path),
        None => {
            let path = workspace_root().join(IGNORE_FILE);
            if path.exists() { Ignored::read(&path) } else { Ok(Ignored::default()) }
        }
    }
}

fn side(from: &str) -> Result<Side> {
    Side::new(&source::load(from)?)
}

fn print(report: &Report<'_>, format: Format) -> Result<()> {
    match format {
        // Where colours are not wanted, they are taken out on the way.
        Format::Text => write!(anstream::stdout(), "{}", report::text::render(report))?,
        Format::Markdown => write!(io::stdout(), "{}", report::markdown::comment(report))?,
        Format::Json => writeln!(io::stdout(), "{}", report::json::render(report)?)?,
        Format::Github => {
            let summary = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
            write!(io::stdout(), "{}", report::github::annotations(report, summary.is_some()))?;
            if let Some(path) = summary {
                report::github::summarize(report, std::path::Path::new(&path))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
