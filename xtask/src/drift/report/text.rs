//! For people at a terminal.

use anstyle::{AnsiColor, Style};

use super::super::finding::{Class, Finding, Wire};
use super::Report;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The counts, then the changes by operation, then what to release. Coloured; the terminal's side takes it out.
pub fn render(report: &Report<'_>) -> String {
    let mut text = format!("{BOLD}{}{BOLD:#}\n", report.headline());
    text.push_str(&format!("from {}\nto   {}\n", report.from, report.to));
    for (operations, findings) in report.groups() {
        let names: Vec<&str> = operations.iter().map(String::as_str).collect();
        let title = match names.as_slice() {
            [] => "Used by no operation".to_owned(),
            [one] => (*one).to_owned(),
            all if all.len() == report.operations => "All operations".to_owned(),
            several => format!("{} operations", several.len()),
        };
        text.push_str(&format!("\n{BOLD}{title}{BOLD:#}\n"));
        if names.len() > 1 && names.len() < report.operations {
            text.push_str(&format!("{DIM}  {}{DIM:#}\n", names.join(", ")));
        }
        findings.iter().for_each(|finding| text.push_str(&line(finding)));
    }
    for (fingerprint, reason) in &report.unmatched {
        text.push_str(&format!("\nIgnored, but nothing has the fingerprint {fingerprint} any more: {reason}\n"));
    }
    if let Some(suggestion) = report.suggestion() {
        text.push_str(&format!("\n{BOLD}{suggestion}{BOLD:#}\n"));
    }
    let changelog = report.changelog();
    if !changelog.is_empty() {
        text.push_str(&format!("\n{BOLD}For the changelog{BOLD:#}\n\n{changelog}"));
    }
    text
}

fn line(finding: &Finding) -> String {
    let (colour, word) = match (finding.class, finding.wire) {
        (Class::Breaking, _) => (AnsiColor::Red, "breaking"),
        (Class::Additive, _) => (AnsiColor::Green, "additive"),
        (Class::Info, Wire::Strict) => (AnsiColor::Yellow, "info"),
        (Class::Info, _) => (AnsiColor::Blue, "info"),
    };
    let style = colour.on_default();
    let breaks = finding.breaks().map(|breaks| format!(" It {breaks}.")).unwrap_or_default();
    format!(
        "  {style}{word:<8}{style:#}  {}{breaks}\n            {DIM}{}, {}, {}{DIM:#}\n",
        finding.message, finding.rule.id, finding.direction, finding.fingerprint
    )
}
