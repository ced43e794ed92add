//! What the next version of the crates should be, by the rules of Cargo.

use super::finding::{Class, Finding, Rust};

/// The version that the workspace has.
pub const CURRENT: &str = env!("CARGO_PKG_VERSION");

/// How far a version goes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bump {
    /// Nothing to release.
    None,
    /// Compatible, without anything new before 1.0 as well.
    Patch,
    /// Something new; before 1.0 what breaks.
    Minor,
    /// What breaks.
    Major,
}

impl Bump {
    /// What the findings ask for: Rust code decides, because the wire is the server's.
    ///
    /// Cargo takes the first number that is not zero for the breaking one.
    pub fn of(findings: &[Finding], current: &str) -> Self {
        let before_one = current.starts_with("0.");
        let any = |is: fn(&Finding) -> bool| findings.iter().any(is);
        match () {
            () if findings.is_empty() => Self::None,
            () if any(|finding| finding.rust == Rust::Breaking) => {
                if before_one {
                    Self::Minor
                } else {
                    Self::Major
                }
            }
            () if !before_one && any(|finding| finding.class == Class::Additive) => Self::Minor,
            () => Self::Patch,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// The version after this one.
    pub fn next(self, current: &str) -> String {
        let mut numbers: Vec<u64> =
            current.split(['.', '-', '+']).take(3).map_while(|part| part.parse().ok()).collect();
        numbers.resize(3, 0);
        let place = match self {
            Self::None => return current.to_owned(),
            Self::Patch => 2,
            Self::Minor => 1,
            Self::Major => 0,
        };
        for (index, number) in numbers.iter_mut().enumerate().skip(place) {
            *number = if index == place { *number + 1 } else { 0 };
        }
        numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
    }
}

#[cfg(test)]
mod tests {
    use super::Bump;

    #[test]
    fn numbers_below_the_one_that_goes_up_become_zero() {
        for (bump, current, next) in [
            (Bump::None, "0.1.7", "0.1.7"),
            (Bump::Patch, "0.1.7", "0.1.8"),
            (Bump::Minor, "0.1.7", "0.2.0"),
            (Bump::Minor, "2.1.7", "2.2.0"),
            (Bump::Major, "2.1.7", "3.0.0"),
        ] {
            assert_eq!(bump.next(current), next, "{bump:?} {current}");
        }
    }
}
