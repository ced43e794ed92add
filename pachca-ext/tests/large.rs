//! A gibibyte goes up and comes down, and the memory of the client does not grow with it.
//!
//! The client is a process of its own, so that only its memory counts. Run with `--nocapture`, the test says how long
//! each way took and how much memory the client held at most.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use futures_util::stream;
use pachca_ext::{Pachca, Source};
use serde_json::{Value, json};
use tokio::sync::Mutex;

const SIZE: u64 = 1 << 30;

/// The most memory that the client may have held at any time, in KiB.
const MOST: u64 = 48 * 1024;

/// What the content repeats. Its length is odd, so that no piece that is lost, doubled or moved goes unseen.
static BLOCK: LazyLock<Bytes> = LazyLock::new(|| {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    std::iter::repeat_with(next).take((1 << 20) + 7).collect()
});

/// The content from a place on, up to the end of a block.
fn content_at(place: u64) -> Bytes {
    let start = usize::try_from(place % BLOCK.len() as u64).unwrap();
    let left = usize::try_from(SIZE - place).unwrap_or(usize::MAX);
    BLOCK.slice(start..BLOCK.len().min(start.saturating_add(left)))
}

/// Compares bytes with the content at a place; they may be more than a block.
fn is_content(mut place: u64, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        if place >= SIZE {
            return false;
        }
        let expected = content_at(place);
        let length = expected.len().min(bytes.len());
        if expected[..length] != bytes[..length] {
            return false;
        }
        bytes = &bytes[length..];
        place += length as u64;
    }
    true
}

/// What the server saw of the upload.
#[derive(Debug, Default)]
struct Seen {
    fields: Vec<String>,
    bytes: u64,
    wrong: bool,
}

/// A server that keeps nothing: it compares what comes, and makes what goes.
async fn serve() -> (String, Arc<Mutex<Seen>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Seen::default()));
    let direct = format!("{base}/storage");
    let params = move || async move {
        let names = ["Content-Disposition", "acl", "policy", "x-amz-credential"];
        let names = names.into_iter().chain(["x-amz-algorithm", "x-amz-date", "x-amz-signature"]);
        let mut params: Value = names.map(|name| (name.to_owned(), json!("given"))).collect();
        params["key"] = json!("attaches/1/${filename}");
        params["direct_url"] = json!(direct);
        (StatusCode::CREATED, Json(params))
    };
    let router = axum::Router::new()
        .route("/uploads", post(params))
        .route("/storage", post(store).layer(axum::extract::DefaultBodyLimit::disable()))
        .route("/chats/exports/5", get(|| async { (StatusCode::FOUND, Redirect::to("/archive")) }))
        .route("/archive", get(archive))
        .with_state(seen.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, seen)
}

async fn store(State(seen): State<Arc<Mutex<Seen>>>, headers: HeaderMap, request: Request) -> StatusCode {
    assert!(!headers.contains_key(header::AUTHORIZATION));
    let boundary = multer::parse_boundary(headers[header::CONTENT_TYPE].to_str().unwrap()).unwrap();
    let mut form = multer::Multipart::new(request.into_body().into_data_stream(), boundary);
    let mut seen = seen.lock().await;
    while let Some(mut field) = form.next_field().await.unwrap() {
        seen.fields.push(field.name().unwrap().to_owned());
        if field.name() == Some("file") {
            while let Some(chunk) = field.chunk().await.unwrap() {
                seen.wrong |= !is_content(seen.bytes, &chunk);
                seen.bytes += chunk.len() as u64;
            }
        }
    }
    StatusCode::NO_CONTENT
}

async fn archive(headers: HeaderMap) -> Response {
    assert!(!headers.contains_key(header::AUTHORIZATION));
    let chunks = stream::unfold(0, |place| async move {
        let chunk = (place < SIZE).then(|| content_at(place))?;
        Some((Ok::<_, std::convert::Infallible>(chunk.clone()), place + chunk.len() as u64))
    });
    ([(header::CONTENT_LENGTH, SIZE.to_string())], Body::from_stream(chunks)).into_response()
}

/// What the other process does, and how many bytes it moved.
async fn client(task: &str, base: &str, path: &Path) -> u64 {
    let pachca = Pachca::builder("tkn-large").base_url(base).build().unwrap();
    match task {
        "upload" => pachca.upload(path).send().await.unwrap().size,
        "read" => {
            let file = tokio::fs::File::open(path).await.unwrap();
            pachca.upload(Source::reader("read.bin", file)).send().await.unwrap().size
        }
        "download" => pachca.export(5).download(path).await.unwrap(),
        other => panic!("{other}"),
    }
}

fn write_content(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    let mut place = 0;
    while place < SIZE {
        let piece = content_at(place);
        file.write_all(&piece).unwrap();
        place += piece.len() as u64;
    }
}

fn holds_content(path: &Path) -> bool {
    let mut file = std::fs::File::open(path).unwrap();
    let (mut place, mut buffer) = (0, vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut buffer).unwrap();
        if read == 0 {
            return place == SIZE;
        }
        if !is_content(place, &buffer[..read]) {
            return false;
        }
        place += read as u64;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gibibyte_goes_both_ways_in_less_than_48_mebibytes() {
    const TASK: &str = "PACHCA_TEST_LARGE";
    if let Ok(task) = std::env::var(TASK) {
        let [task, base, path] = task.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{task}") };
        let size = client(task, base, Path::new(path)).await;
        println!("moved {size}, held {}", pachca_tests::memory("VmHWM").unwrap_or_default());
        return;
    }
    if pachca_tests::memory("VmHWM").is_none() {
        println!("skipped: only Linux tells how much memory a process held in /proc/self/status");
        return;
    }
    let (base, seen) = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let run = async |task: &str, path: &Path| {
        let started = Instant::now();
        let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", "a_gibibyte_goes_both_ways_in_less_than_48_mebibytes", "--nocapture"])
            .kill_on_drop(true);
        let output = child.env(TASK, format!("{task} {base} {}", path.display())).output();
        let output = tokio::time::timeout(Duration::from_secs(240), output).await.unwrap().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let numbers = text.split_once("moved ").and_then(|(_, rest)| rest.lines().next()?.split_once(", held "));
        let Some((moved, held)) = numbers else { panic!("{text}{}", String::from_utf8_lossy(&output.stderr)) };
        println!("{task}: {moved} bytes in {:?} with {held} KiB", started.elapsed());
        assert_eq!(moved, SIZE.to_string());
        let held: u64 = held.parse().unwrap();
        assert!(held < MOST, "to {task} it held {held} KiB");
    };

    let up = folder.path().join("up.bin");
    write_content(&up);
    for task in ["upload", "read"] {
        run(task, &up).await;
        let seen = std::mem::take(&mut *seen.lock().await);
        assert_eq!((seen.bytes, seen.wrong, seen.fields.len()), (SIZE, false, 9));
        assert_eq!(seen.fields.last().map(String::as_str), Some("file"));
    }
    std::fs::remove_file(&up).unwrap();

    let down = folder.path().join("down.bin");
    run("download", &down).await;
    assert!(holds_content(&down));
}
