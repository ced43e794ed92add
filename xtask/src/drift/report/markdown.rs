//! For a comment on a pull request, or the summary of a job.

use super::super::finding::Finding;
use super::Report;

/// The longest comment that GitHub takes has 65,536 characters (its REST API refuses a longer `body`); some are left
/// for what stands around it.
const COMMENT_CHARACTERS: usize = 65_000;

/// How many operations are named; more of them are folded away.
const NAMED: usize = 3;

/// The whole report.
pub fn render(report: &Report<'_>) -> String {
    assemble(report, usize::MAX)
}

/// As much of the report as fits into a comment; what does not is counted.
pub fn comment(report: &Report<'_>) -> String {
    assemble(report, COMMENT_CHARACTERS)
}

fn assemble(report: &Report<'_>, most: usize) -> String {
    let mut parts = vec![format!("## API drift\n\n{}.\n", report.headline())];
    for (operations, findings) in report.groups() {
        let names: Vec<String> = operations.iter().map(|name| format!("`{name}`")).collect();
        parts.push(match names.as_slice() {
            [] => "\n### Used by no operation\n\n".to_owned(),
            all if all.len() > 1 && all.len() == report.operations => "\n### All operations\n\n".to_owned(),
            some if some.len() <= NAMED => format!("\n### {}\n\n", some.join(", ")),
            many => format!(
                "\n### {} operations\n\n<details><summary>Which</summary>\n\n{}\n\n</details>\n\n",
                many.len(),
                many.join(", ")
            ),
        });
        parts.extend(findings.iter().map(|finding| item(finding)));
    }
    for (fingerprint, reason) in &report.unmatched {
        parts.push(format!("\nIgnored, but nothing has the fingerprint `{fingerprint}` any more: {reason}\n"));
    }
    if let Some(suggestion) = report.suggestion() {
        parts.push(format!("\n{suggestion}.\n"));
    }
    let changelog = report.changelog();
    if !changelog.is_empty() {
        parts.push(format!("\n<details><summary>For the changelog</summary>\n\n{changelog}\n</details>\n"));
    }
    let (mut text, mut length, mut left_out) = (String::new(), 0, 0);
    for part in parts {
        length += part.chars().count();
        if length <= most {
            text.push_str(&part);
        } else {
            left_out += usize::from(part.starts_with("- "));
        }
    }
    if length > most {
        text.push_str(&format!("\nToo long for one comment: {left_out} more changes in `--format text` or `json`.\n"));
    }
    text
}

fn item(finding: &Finding) -> String {
    let breaks = finding.breaks().map(|breaks| format!(" It {breaks}.")).unwrap_or_default();
    let mark = if finding.is_breaking() { "**Breaking.** " } else { "" };
    format!(
        "- {mark}{}{breaks} <sub>{}, {}, {}</sub>\n",
        finding.message, finding.rule.id, finding.direction, finding.fingerprint
    )
}
