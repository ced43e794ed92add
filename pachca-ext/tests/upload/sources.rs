//! Where the bytes come from.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::process::{Command, Stdio};

use pachca_ext::{Error, ErrorKind, Pachca, Source};
use pachca_tests::Server;
use tokio::io::AsyncWriteExt as _;

use super::{pattern, start, steps};

#[tokio::test]
async fn a_path_is_sent_under_its_own_name_or_another() {
    let (server, pachca) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("список.txt");
    std::fs::write(&path, "tea").unwrap();
    for source in [
        Source::from(path.as_path()),
        Source::from(&path),
        Source::from(path.clone()),
        Source::from(path.to_str().unwrap()),
        Source::from(path.to_str().unwrap().to_owned()),
    ] {
        let file = pachca.upload(source).send().await.unwrap();
        assert_eq!((file.name.as_str(), file.size), ("список.txt", 3));
        assert_eq!(server.stored(&file.key).unwrap(), "tea");
    }
    let file = pachca.upload(&path).name("list.md").send().await.unwrap();
    assert_eq!(file.name, "list.md");
    assert!(file.key.ends_with("/list.md"));
}

#[tokio::test]
async fn readers_of_known_and_unknown_size_are_sent_whole() {
    let (server, pachca) = start().await;
    let content = pattern(300_000);
    let piped = || {
        let (mut writer, reader) = tokio::io::duplex(1000);
        let content = content.clone();
        tokio::spawn(async move { writer.write_all(&content).await });
        reader
    };
    for source in [Source::reader("a.bin", piped()), Source::sized_reader("a.bin", piped(), 300_000)] {
        let file = pachca.upload(source).send().await.unwrap();
        assert_eq!(file.size, 300_000);
        assert_eq!(server.stored(&file.key).unwrap(), content);
    }
    let empty = pachca.upload(Source::reader("a.bin", tokio::io::empty())).send().await.unwrap();
    assert_eq!((empty.size, server.stored(&empty.key).unwrap().len()), (0, 0));
}

#[tokio::test]
async fn a_reader_that_does_not_keep_its_word_is_refused_before_anything_is_sent() {
    let (server, pachca) = start().await;
    for (size, gave) in [(4, "more"), (6, "5"), (u64::MAX, "5"), (0, "more")] {
        let error = pachca.upload(Source::sized_reader("a.bin", &b"bytes"[..], size)).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        let text = format!("`a.bin`: {size} bytes were announced and the reader gave {gave}");
        assert_eq!(error.to_string(), text);
    }
    let failing = failing_reader();
    let error = pachca.upload(Source::reader("a.bin", failing)).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("the pipe burst"), "{error}");
    assert_eq!(steps(&server), (0, 0));
}

/// A reader that fails after its first bytes.
fn failing_reader() -> impl tokio::io::AsyncRead + Send {
    struct Failing(bool);
    impl tokio::io::AsyncRead for Failing {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            buffer: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            if std::mem::replace(&mut self.0, true) {
                return std::task::Poll::Ready(Err(std::io::Error::other("the pipe burst")));
            }
            buffer.put_slice(b"first");
            std::task::Poll::Ready(Ok(()))
        }
    }
    Failing(false)
}

#[tokio::test]
async fn what_cannot_be_read_is_told_with_its_cause() {
    let (server, pachca) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let error = pachca.upload(folder.path().join("not there.txt")).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("not there.txt"), "{error}");
    let cause = std::error::Error::source(&error).unwrap().downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(cause.kind(), std::io::ErrorKind::NotFound);
    let error = pachca.upload(folder.path()).send().await.unwrap_err();
    assert!(error.kind() == ErrorKind::InvalidRequest && error.to_string().contains("is not a file"), "{error}");
    let error = pachca.upload("/").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(steps(&server).1, 0);
}

#[tokio::test]
async fn a_file_that_changes_on_the_way_is_sent_as_it_was_or_not_at_all() {
    let (server, pachca) = start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.txt");
    let size = 4 << 20;
    std::fs::write(&path, pattern(size)).unwrap();
    let grows = path.clone();
    let file = pachca.upload(&path).on_progress(move |sent, total| {
        assert!(sent <= total);
        if sent == 0 {
            OpenOptions::new().append(true).open(&grows).unwrap().write_all(b"more").unwrap();
        }
    });
    let file = file.send().await.unwrap();
    assert_eq!(file.size, size as u64);
    assert_eq!(server.stored(&file.key).unwrap(), pattern(size));

    let shrinks = path.clone();
    let file = pachca.upload(&path).on_progress(move |sent, _| {
        if sent > 0 {
            OpenOptions::new().write(true).open(&shrinks).unwrap().set_len(10).unwrap();
        }
    });
    let error = file.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("became shorter"), "{error}");
    assert_eq!(steps(&server).0, 2, "it is not tried again");
}

/// Standard input is that of a process, so this test runs itself in another one.
#[tokio::test]
async fn standard_input_is_sent_to_its_end() {
    const ADDRESS: &str = "PACHCA_TEST_UPLOAD_STDIN";
    if let Ok(address) = std::env::var(ADDRESS) {
        let pachca = Pachca::builder("tkn-of-the-parent").base_url(address).build().unwrap();
        let file = pachca.upload(Source::stdin("piped.txt")).send().await.map_err(|error: Error| error.to_string());
        println!("{file:?}");
        return;
    }
    let server = Server::builder().token("tkn-of-the-parent").start().await.unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sources::standard_input_is_sent_to_its_end", "--nocapture"])
        .env(ADDRESS, server.base_url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let content = pattern(500_000);
    let written = content.clone();
    let output = tokio::task::spawn_blocking(move || {
        input.write_all(&written).unwrap();
        drop(input);
        child.wait_with_output().unwrap()
    });
    let output = tokio::time::timeout(std::time::Duration::from_secs(60), output).await.unwrap().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let key = output.split("key: \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or(&output);
    assert_eq!(server.stored(key).as_deref(), Some(content.as_slice()), "{output}");
}
