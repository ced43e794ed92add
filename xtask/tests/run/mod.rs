//! Runs of the `xtask` binary in a folder of their own, and a server on the loopback address to read from.

#![allow(dead_code, clippy::unwrap_used, reason = "each test target uses a part of it, and a test may panic")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A description in which every rule finds something.
pub const SMALL: &str = include_str!("../fixtures/small.yaml");

/// What stands in `openapi.yaml` before a run.
pub const OLD: &str = "what was there before\n";

/// A folder with an `openapi.yaml` to be written, and another one for what is read.
pub struct Folder {
    written: TempDir,
    read: TempDir,
}

impl Folder {
    pub fn new() -> Self {
        let folder = Self { written: tempfile::tempdir().unwrap(), read: tempfile::tempdir().unwrap() };
        std::fs::write(folder.target(), OLD).unwrap();
        folder
    }

    /// The file that regen is told to write.
    pub fn target(&self) -> PathBuf {
        self.written.path().join("openapi.yaml")
    }

    /// The text that stands there.
    pub fn text(&self) -> String {
        std::fs::read_to_string(self.target()).unwrap()
    }

    /// Puts a description down to be read, and returns its path.
    pub fn source(&self, content: impl AsRef<[u8]>) -> String {
        let path = self.read.path().join("source.yaml");
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs `cargo xtask regen` from a path or an address.
    pub fn regen(&self, from: &str, more: &[&str]) -> Output {
        let target = self.target();
        xtask(&[&["regen", "--from", from, "--to", target.to_str().unwrap()], more].concat())
    }

    /// Runs it where it has to succeed, and returns what it printed.
    #[track_caller]
    pub fn succeed(&self, from: &str, more: &[&str]) -> String {
        let output = self.regen(from, more);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{error}");
        assert_eq!(error, "");
        self.assert_tidy();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs it where it has to fail, and returns the one line that says why. The old file is as it was.
    #[track_caller]
    pub fn fail(&self, from: &str, more: &[&str]) -> String {
        let before = std::fs::read(self.target()).unwrap();
        let line = error_of(&self.regen(from, more));
        assert_eq!(std::fs::read(self.target()).unwrap(), before, "{line}");
        self.assert_tidy();
        line
    }

    /// Says that no temporary file was left behind.
    #[track_caller]
    fn assert_tidy(&self) {
        let names: Vec<_> = std::fs::read_dir(&self.written).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["openapi.yaml"]);
    }
}

/// Runs the binary.
pub fn xtask(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        // Only loopback addresses are read from, never through a proxy.
        .env("NO_PROXY", "*")
        .output()
        .unwrap()
}

/// The one line with which a run has failed.
#[track_caller]
pub fn error_of(output: &Output) -> String {
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.ends_with('\n') && error.lines().count() == 1, "{error}");
    assert!(error.starts_with("error: "), "{error}");
    error
}

/// A server that gives every request the same answer, word for word, and hangs up. Returns its address.
pub fn serve(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            read_head(&mut stream);
            // The client may have heard enough before the end.
            let _ = stream.write_all(&answer);
        }
    });
    format!("http://{address}/openapi.yaml")
}

/// A whole answer with this status and body.
pub fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
        head.push(byte[0]);
    }
}
