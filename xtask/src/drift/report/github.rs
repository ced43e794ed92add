//! For a GitHub workflow: annotations, and the summary of the job.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::super::finding::{Class, Finding, Wire};
use super::{Report, markdown};

/// GitHub shows ten annotations of each kind for a step.
const MOST: usize = 10;

/// The worst changes as workflow commands; the rest is said to be in the summary, or printed where there is none.
pub fn annotations(report: &Report<'_>, has_summary: bool) -> String {
    let mut lines: String = report.findings.iter().take(MOST).map(annotation).collect();
    let rest = report.findings.iter().skip(MOST);
    if rest.len() > 0 && has_summary {
        lines.push_str(&format!("{} more changes in the job summary\n", rest.len()));
    } else {
        // A value of the description may not begin a command of its own.
        rest.for_each(|finding| lines.push_str(&format!("- {} ({})\n", finding.message, finding.rule.id)));
    }
    for (fingerprint, reason) in &report.unmatched {
        let message = format!("Ignored, but nothing has the fingerprint {fingerprint} any more: {reason}");
        lines.push_str(&format!("Note: {}\n", message.replace(['\r', '\n'], " ")));
    }
    lines.push_str(&format!("{}\n", report.headline()));
    lines
}

/// Appends the whole report to the summary of the job.
///
/// # Errors
/// When the file cannot be written to.
pub fn summarize(report: &Report<'_>, path: &Path) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::File::options().create(true).append(true).open(path)?;
        file.write_all(markdown::render(report).as_bytes())
    };
    write().with_context(|| format!("cannot write the job summary to {}", path.display()))
}

fn annotation(finding: &Finding) -> String {
    let level = match (finding.class, finding.wire) {
        (Class::Breaking, _) => "error",
        (_, Wire::Strict) => "warning",
        _ => "notice",
    };
    let breaks = finding.breaks().map(|breaks| format!(" It {breaks}.")).unwrap_or_default();
    let message = format!("{}{breaks} ({})", finding.message, finding.fingerprint);
    format!("::{level} title={}::{}\n", property(&format!("API drift: {}", finding.rule.id)), data(&message))
}

/// A message as the runner reads it back (`escapeData` of actions/toolkit).
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property as the runner reads it back (`escapeProperty` of actions/toolkit).
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(data("50%\r\n::error::no: yes, no"), "50%25%0D%0A::error::no: yes, no");
        assert_eq!(property("50%\na: b, c"), "50%25%0Aa%3A b%2C c");
    }
}
