//! `cargo xtask regen`: the official description in, `openapi.yaml` out.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::canonical;
use crate::document::Document;
use crate::patch::{self, Applied, Context, documentation::Docs};
use crate::source::{self, OFFICIAL_URL, Source};
use crate::verify;

/// What mends a failed check.
const REMEDY: &str = "cargo xtask regen";

/// What is left to do when the description has changed.
const REVIEW: &str =
    "review the snapshots: `cargo insta review`, or `INSTA_UPDATE=always cargo test -p pachca-tests --test snapshots`";

#[derive(clap::Args)]
pub struct Arguments {
    /// A path or an http(s) address to read the official description from
    #[arg(long, value_name = "PATH|URL", default_value = OFFICIAL_URL)]
    from: String,
    /// Write nothing; fail when `openapi.yaml` is not what the description gives
    #[arg(long)]
    check: bool,
    /// Where the result is, or is to be written
    #[arg(long, value_name = "PATH", default_value_os_t = workspace_root().join("openapi.yaml"))]
    to: PathBuf,
}

/// A patched document as text, with what was done to it.
pub struct Patched {
    /// The canonical YAML.
    pub text: String,
    /// The document behind it.
    pub document: Document,
    /// What each rule did.
    pub applied: Vec<Applied>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// The folder that holds the workspace.
pub fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Patches a description and makes sure that the client can be generated from the result.
///
/// # Errors
/// What is wrong with the description, or what the rules cannot carry, in one line.
pub fn patch(source: &Source) -> Result<Patched> {
    let docs = Docs::read(&workspace_root().join("xtask/docs.yaml"))?;
    let mut document = Document::parse(source)?;
    let mut context = Context { source, docs: &docs, notes: Default::default() };
    let applied =
        patch::apply(&mut document, &mut context).with_context(|| format!("cannot carry {}", source.origin))?;
    verify::verify(&mut document).with_context(|| format!("cannot carry {}", source.origin))?;
    let text = canonical::write(&document.root)?;
    Ok(Patched { text, document, applied, notes: context.notes.into_iter().collect() })
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let source = source::load(&arguments.from)?;
    let patched = patch(&source)?;
    print!("{}", table(&patched.applied));
    for note in &patched.notes {
        println!("note: {note}");
    }
    let path = arguments.to.display();
    let operations = patched.document.operations().len();
    let schemas = patched.document.components().len();
    let size = format!("{operations} operations, {schemas} schemas, {} lines", patched.text.lines().count());
    if arguments.check {
        check(&arguments.to, &patched)?;
        println!("{path} is what {} gives ({size})", source.origin);
        return Ok(());
    }
    if std::fs::read_to_string(&arguments.to).is_ok_and(|written| written == patched.text) {
        println!("{path} is unchanged ({size})");
        return Ok(());
    }
    replace(&arguments.to, &patched.text)?;
    println!("wrote {path} ({size})");
    println!("{REVIEW}");
    Ok(())
}

/// Fails when the written file differs from the patched text, or when a rule has become stale.
fn check(path: &Path, patched: &Patched) -> Result<()> {
    let written = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read {}; `{REMEDY}` writes it", path.display()))?;
    if without_provenance(&written) != without_provenance(&patched.text) {
        let line = 1 + written.lines().zip(patched.text.lines()).take_while(|(old, new)| old == new).count();
        bail!("{} differs from what the description gives, from line {line} on; `{REMEDY}` mends it", path.display());
    }
    let stale: Vec<&str> = patched.applied.iter().filter(|patch| patch.hits == 0).map(|patch| patch.name).collect();
    if !stale.is_empty() {
        bail!("stale patches, which no longer hit anything: {}; upstream has changed under them", stale.join(", "));
    }
    Ok(())
}

/// The text without the line that differs between the languages of one description.
fn without_provenance(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.trim_start().starts_with("sha256:")).collect()
}

/// Writes beside the target and renames, so that the old file stays whole whatever happens.
fn replace(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = (|| -> std::io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".openapi").tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
        }
        file.persist(path)?;
        Ok(())
    })();
    written.with_context(|| format!("cannot write {}", path.display()))
}

fn table(applied: &[Applied]) -> String {
    let width = applied.iter().map(|patch| patch.name.len()).max().unwrap_or_default();
    let mut lines = format!("{:<width$}  {:>5}  why\n", "patch", "hits");
    for Applied { name, hits, why } in applied {
        let hits = if *hits == 0 { "stale".to_owned() } else { hits.to_string() };
        lines.push_str(&format!("{name:<width$}  {hits:>5}  {why}\n"));
    }
    lines
}

#[cfg(test)]
mod tests;
