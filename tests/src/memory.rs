//! What a process takes of this machine, for tests that promise how little it is.

/// How much memory this process holds (`VmRSS`), or has held at most (`VmHWM`), in KiB, where the system tells it.
pub fn memory(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
