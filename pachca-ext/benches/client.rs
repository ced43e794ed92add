//! What the client costs: `cargo bench -p pachca-ext`. Each figure stands beside the same work by hand in one run.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use futures_util::stream::{self, StreamExt as _};
use futures_util::{FutureExt as _, TryStreamExt as _};
use pachca_api::reqwest;
use pachca_api::types::{ListUsersResponse, User};
use pachca_ext::{Limit, Pachca, Paginate as _, RateLimits};
use pachca_tests::memory;
use rustix::time::{ClockId, clock_gettime};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

/// How many users a page has.
const PAGE: usize = 50;

/// How many users a walk meets.
const WALK: usize = 100_000;

/// How many users the longest walk meets, whose memory is measured.
const LONG_WALK: usize = 1_000_000;

/// How many calls are under way together.
const IN_FLIGHT: usize = 64;

#[derive(Clone)]
struct Canned {
    /// The users of a page, as JSON.
    users: String,
    latency: Duration,
}

#[derive(Deserialize)]
struct Place {
    cursor: Option<usize>,
    /// How many users there are; so many as a walk meets unless the filter asks for others.
    query: Option<usize>,
}

/// Answers pages of the same users until a walk has met all of them.
async fn users(State(canned): State<Canned>, Query(place): Query<Place>) -> impl IntoResponse {
    if !canned.latency.is_zero() {
        tokio::time::sleep(canned.latency).await;
    }
    let next = place.cursor.unwrap_or(0) + 1;
    let more = next < place.query.unwrap_or(WALK) / PAGE;
    let meta = format!(r#"{{"paginate":{{"next_page":"{next}","has_next":{more},"prev_page":"0","has_prev":true}}}}"#);
    ([(CONTENT_TYPE, "application/json")], format!(r#"{{"data":{},"meta":{meta}}}"#, canned.users))
}

fn user(id: usize) -> Value {
    json!({
        "id": id, "first_name": "Vera", "last_name": "Petrova", "nickname": format!("vera{id}"),
        "email": "vera@garden.example", "phone_number": null, "department": "Garden", "title": null, "role": "user",
        "suspended": false, "invite_status": "confirmed", "inviter_id": null, "list_tags": ["roses", "tulips"],
        "custom_properties": [{ "id": 1, "name": "Desk", "data_type": "string", "value": "By the window" }],
        "user_status": null, "bot": false, "sso": false, "created_at": "2026-03-01T09:30:00.250Z",
        "last_activity_at": "2026-03-02T09:30:00.250Z", "time_zone": "Europe/Moscow", "image_url": null,
    })
}

/// Starts a server on a thread of its own, so that its work is not counted as the client's.
fn serve(latency: Duration) -> String {
    let users_json = Value::from((0..PAGE).map(user).collect::<Vec<_>>()).to_string();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port of this machine");
    listener.set_nonblocking(true).expect("a socket that does not block");
    let base = format!("http://{}", listener.local_addr().expect("the port"));
    std::thread::spawn(move || {
        let router = Router::new().route("/users", get(users)).with_state(Canned { users: users_json, latency });
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, router).await
        })
    });
    base
}

/// A client with all of its layers, whose limits are counted but never reached.
fn pachca(base: &str) -> Pachca {
    let limits = RateLimits::default().other(Limit::per_second(1_000_000).burst(1_000_000));
    Pachca::builder("token").base_url(base).rate_limits(limits).build().expect("a client")
}

async fn by_hand(http: &reqwest::Client, base: &str, cursor: Option<&str>) -> ListUsersResponse {
    let request = http.get(format!("{base}/users")).bearer_auth("token").query(&[("limit", "50")]);
    let request = match cursor {
        Some(cursor) => request.query(&[("cursor", cursor)]),
        None => request,
    };
    let body = request.send().await.expect("an answer").bytes().await.expect("a body");
    serde_json::from_slice(&body).expect("a page")
}

async fn by_client(pachca: &Pachca) -> ListUsersResponse {
    pachca.list_users().limit(50).send().await.expect("a page").into_inner()
}

fn calls(criterion: &mut Criterion) {
    let (runtime, base) = (Runtime::new().expect("a runtime"), serve(Duration::ZERO));
    let (http, pachca) = (reqwest::Client::new(), pachca(&base));
    let mut one = criterion.benchmark_group("one call");
    one.bench_function("by hand", |bencher| bencher.to_async(&runtime).iter(|| by_hand(&http, &base, None)));
    one.bench_function("full stack", |bencher| bencher.to_async(&runtime).iter(|| by_client(&pachca)));
    one.finish();

    let mut many = criterion.benchmark_group("640 calls, 64 in flight");
    many.sample_size(20);
    many.bench_function("by hand", |bencher| {
        bencher.to_async(&runtime).iter(|| {
            stream::iter(0..10 * IN_FLIGHT).for_each_concurrent(IN_FLIGHT, |_| async {
                by_hand(&http, &base, None).await;
            })
        });
    });
    many.bench_function("full stack", |bencher| {
        bencher.to_async(&runtime).iter(|| {
            stream::iter(0..10 * IN_FLIGHT).for_each_concurrent(IN_FLIGHT, |_| async {
                by_client(&pachca).await;
            })
        });
    });
    many.finish();
}

/// A loop over all pages, as one writes it without the client.
async fn walk_by_hand(http: &reqwest::Client, base: &str) {
    let (mut cursor, mut count) = (None::<String>, 0);
    loop {
        let page = by_hand(http, base, cursor.as_deref()).await;
        count += page.data.len();
        if page.meta.paginate.has_next != Some(true) {
            break;
        }
        cursor = Some(page.meta.paginate.next_page);
    }
    assert_eq!(count, WALK);
}

async fn walk(pachca: &Pachca) {
    let items = pachca.list_users().limit(50).items();
    let count = items.try_fold(0, |count, _: User| async move { Ok(count + 1) }).await.expect("all users");
    assert_eq!(count, WALK);
}

fn walks(criterion: &mut Criterion) {
    let (runtime, base) = (Runtime::new().expect("a runtime"), serve(Duration::ZERO));
    let (http, pachca) = (reqwest::Client::new(), pachca(&base));
    let mut group = criterion.benchmark_group("100,000 users");
    group.sample_size(10);
    group.bench_function("by hand", |bencher| bencher.to_async(&runtime).iter(|| walk_by_hand(&http, &base)));
    group.bench_function("items", |bencher| bencher.to_async(&runtime).iter(|| walk(&pachca)));
    group.finish();
}

fn read_ahead(criterion: &mut Criterion) {
    let latency = Duration::from_millis(20);
    let (runtime, base) = (Runtime::new().expect("a runtime"), serve(latency));
    let pachca = pachca(&base);
    let mut group = criterion.benchmark_group("20 pages with 20 ms at both ends");
    group.sample_size(10);
    for ahead in [false, true] {
        group.bench_with_input(BenchmarkId::new("read ahead", ahead), &ahead, |bencher, ahead| {
            bencher.to_async(&runtime).iter(|| async {
                let pages = pachca.list_users().limit(50).pages();
                let pages = if *ahead { pages.read_ahead() } else { pages };
                pages
                    .take(20)
                    .try_for_each(|_| async {
                        tokio::time::sleep(latency).await;
                        Ok(())
                    })
                    .await
                    .expect("all pages");
            });
        });
    }
    group.finish();
}

/// The processor's time that this thread has taken, waiting not included.
fn processor() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().expect("a clock that counts upwards")
}

/// Prints how long one piece of work takes in terms of another. Both are done in turns, so that whatever else the machine
/// does hits both, and the medians are compared.
fn ratio(runtime: &Runtime, name: &str, rounds: usize, hand: impl AsyncFn(), client: impl AsyncFn()) {
    let mut taken = [const { Vec::new() }; 4];
    for round in 0..rounds {
        for turn in [round % 2, (round + 1) % 2] {
            let (time, work) = (Instant::now(), processor());
            match turn {
                0 => runtime.block_on(hand()),
                _ => runtime.block_on(client()),
            }
            taken[turn].push(time.elapsed());
            taken[2 + turn].push(processor() - work);
        }
    }
    let [by_hand, by_client, hand_work, client_work] = taken.map(|mut times| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    });
    let (time, work) = (by_client / by_hand, client_work / hand_work);
    println!("{name}: {time:.2} of the time by hand, {work:.2} of the processor's time");
}

fn ratios(_: &mut Criterion) {
    // All of the client's work is done on this thread, and all of the server's on another.
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let base = serve(Duration::ZERO);
    let (http, pachca) = (reqwest::Client::new(), pachca(&base));
    for in_flight in [1, IN_FLIGHT] {
        let calls = || stream::iter(0..128);
        ratio(
            &runtime,
            &format!("{in_flight} in flight"),
            200,
            async || calls().for_each_concurrent(in_flight, |_| by_hand(&http, &base, None).map(drop)).await,
            async || calls().for_each_concurrent(in_flight, |_| by_client(&pachca).map(drop)).await,
        );
    }
    ratio(&runtime, "walk", 20, async || walk_by_hand(&http, &base).await, async || walk(&pachca).await);
}

/// Prints the most memory that the process holds while it walks over few and over many users.
fn memory_of_walks(_: &mut Criterion) {
    let (runtime, base) = (Runtime::new().expect("a runtime"), serve(Duration::ZERO));
    let pachca = pachca(&base);
    for total in [1_000, LONG_WALK] {
        let (mut count, mut most) = (0, memory("VmRSS"));
        runtime.block_on(async {
            let mut users = pachca.list_users().limit(50).query(total.to_string()).items();
            while users.try_next().await.expect("all users").is_some() {
                count += 1;
                if count % 500 == 0 {
                    most = most.max(memory("VmRSS"));
                }
            }
        });
        assert_eq!(count, total);
        println!("memory at most during a walk over {total} users: {} KiB", most.unwrap_or_default());
    }
}

criterion_group!(benches, calls, walks, read_ahead, ratios, memory_of_walks);
criterion_main!(benches);
