//! Changes that somebody has looked at and decided not to be told of again.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::finding::Finding;

/// The fingerprints not to report, each with the reason.
#[derive(Debug, Default)]
pub struct Ignored {
    reasons: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    fingerprint: Spanned<String>,
    reason: Spanned<String>,
}

impl Ignored {
    /// Reads a YAML list of entries with a `fingerprint` and a `reason`.
    ///
    /// # Errors
    /// Names the line of what is wrong, such as a missing reason.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).map_err(|error| anyhow!("{}: {error}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        // A file of comments holds no entry.
        let entries: Option<Vec<Entry>> = serde_saphyr::from_str(text).map_err(|error| {
            let message = error.to_string();
            anyhow!("{}", message.lines().next().unwrap_or_default().trim_start_matches("error: "))
        })?;
        let mut reasons = BTreeMap::new();
        for Entry { fingerprint, reason } in entries.unwrap_or_default() {
            let line = fingerprint.referenced.line();
            if reason.value.trim().is_empty() {
                bail!("line {}: the reason for ignoring {} is empty", reason.referenced.line(), fingerprint.value);
            }
            if reasons.insert(fingerprint.value.clone(), reason.value).is_some() {
                bail!("line {line}: {} is ignored twice", fingerprint.value);
            }
        }
        Ok(Self { reasons })
    }

    /// Takes what is ignored out of `findings`; returns how many there were, and the entries that matched nothing.
    pub fn apply(&self, findings: &mut Vec<Finding>) -> (usize, Vec<(&str, &str)>) {
        let before = findings.len();
        let is_unmatched =
            |fingerprint: &str| findings.iter().all(|finding: &Finding| finding.fingerprint != fingerprint);
        let unmatched = self.reasons.iter().filter(|(fingerprint, _)| is_unmatched(fingerprint));
        let unmatched = unmatched.map(|(fingerprint, reason)| (fingerprint.as_str(), reason.as_str())).collect();
        findings.retain(|finding| !self.reasons.contains_key(&finding.fingerprint));
        (before - findings.len(), unmatched)
    }
}

#[cfg(test)]
mod tests {
    use super::Ignored;

    #[test]
    fn entries_are_read_and_comments_are_none() {
        let ignored =
            Ignored::parse("# Looked at.\n- fingerprint: 0a1b2c3d4e5f\n  reason: only in the tests\n").unwrap();
        assert_eq!(ignored.reasons["0a1b2c3d4e5f"], "only in the tests");
        assert!(Ignored::parse("# Nothing yet.\n").unwrap().reasons.is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, line, word) in [
            ("- fingerprint: a\n  reason: b\n- fingerprint: c\n", "line 3", "reason"),
            ("- fingerprint: a\n  reason: ' '\n", "line 2", "empty"),
            ("- fingerprint: a\n  reason: b\n- fingerprint: a\n  reason: c\n", "line 3", "twice"),
            ("- fingerprint: a\n  reasn: b\n", "line 2", "reasn"),
            ("fingerprint: a\n", "line 1", ""),
        ] {
            let error = Ignored::parse(text).unwrap_err().to_string();
            assert!(error.contains(line) && error.contains(word), "{text}: {error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
