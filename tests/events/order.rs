//! Which events come, and in which order.

use chrono::{DateTime, Utc};
use pachca_tests::Fault;

use super::*;

#[tokio::test]
async fn the_oldest_comes_first_across_pages_and_each_once() {
    let server = Server::start().await.unwrap();
    for _ in 0..130 {
        happen(&server);
    }
    let all = history(&server);
    assert_eq!(all.len(), 190);
    let mut events = events(&server);
    assert_eq!(take(&mut events, 190).await, all);
    nothing(&mut events).await;
    let newer = [happen(&server), happen(&server)];
    assert_eq!(take(&mut events, 2).await, newer);
    nothing(&mut events).await;
}

#[tokio::test]
async fn a_page_boundary_at_the_beginning_or_the_end_loses_nothing() {
    for extra in [39, 40, 41, 89, 90, 91] {
        let server = Server::start().await.unwrap();
        let start = Mark::from(&first(&server).await);
        for _ in 0..extra {
            happen(&server);
        }
        let all = history(&server);
        let mut stream = events(&server);
        assert_eq!(take(&mut stream, all.len()).await, all, "{extra}");
        let mut rest = events(&server).after(start);
        assert_eq!(take(&mut rest, all.len() - 1).await, all[1..], "{extra}");
        nothing(&mut rest).await;
    }
}

async fn first(server: &Server) -> types::WebhookEvent {
    next(&mut events(server)).await
}

#[tokio::test]
async fn an_empty_history_is_waited_on() {
    let server = Server::start().await.unwrap();
    for id in history(&server) {
        client(&server).delete_webhook_event().id(id).send().await.unwrap();
    }
    let mut events = events(&server);
    nothing(&mut events).await;
    let id = happen(&server);
    assert_eq!(take(&mut events, 1).await, [id]);
}

#[tokio::test]
async fn it_begins_at_a_moment_with_the_events_of_that_moment() {
    let server = Server::start().await.unwrap();
    let moment = "2027-01-01T00:00:00.000Z";
    happen_at(&server, json!("2026-12-31T23:59:59.999Z"));
    let expected = [happen_at(&server, json!(moment)), happen_at(&server, json!("2027-01-01T00:00:00.001Z"))];
    let moment: DateTime<Utc> = moment.parse().unwrap();
    let mut events = events(&server).since(moment);
    assert_eq!(take(&mut events, 2).await, expected);
    nothing(&mut events).await;
}

#[tokio::test]
async fn it_goes_on_after_a_mark_that_was_stored() {
    let server = Server::start().await.unwrap();
    let all = history(&server);
    let mut before = events(&server);
    let handled = take(&mut before, 20).await;
    let mark = serde_json::to_string(&Mark::from(&next(&mut before).await)).unwrap();
    assert_eq!(handled, all[..20]);
    drop(before);
    let later = happen(&server);
    let mark: Mark = serde_json::from_str(&mark).unwrap();
    assert_eq!(mark.id, all[20]);
    let mut events = events(&server).after(mark.clone());
    let expected = [&all[21..], &[later]].concat();
    assert_eq!(take(&mut events, expected.len()).await, expected);

    // The event itself need not be there any more.
    client(&server).delete_webhook_event().id(mark.id.as_str()).send().await.unwrap();
    let mut events = super::events(&server).after(mark);
    assert_eq!(take(&mut events, expected.len()).await, expected);
}

#[tokio::test]
async fn events_of_one_moment_are_told_apart_by_their_ids() {
    let server = Server::start().await.unwrap();
    let same: Vec<String> = (0..120).map(|_| happen_at(&server, json!("2027-01-01T00:00:00.000Z"))).collect();
    let mut stream = events(&server).since("2027-01-01T00:00:00Z".parse().unwrap());
    let handled = take(&mut stream, 55).await;
    let mark = Mark::from(&next(&mut stream).await);
    assert_eq!((handled.as_slice(), mark.id.as_str()), (&same[..55], same[55].as_str()));
    let mut rest = events(&server).after(mark);
    assert_eq!(take(&mut rest, 64).await, same[56..]);
    nothing(&mut rest).await;
}

#[tokio::test]
async fn what_was_handled_is_deleted_when_the_next_is_asked_for() {
    let server = Server::start().await.unwrap();
    let all = history(&server);
    let mut events = events(&server).delete_handled();
    assert_eq!(next(&mut events).await.id, all[0]);
    assert_eq!(history(&server), all, "the caller is still at it");
    assert_eq!(next(&mut events).await.id, all[1]);
    assert_eq!(history(&server), all[1..]);
    // Somebody else deletes one that is under way and one that is not yet.
    for id in [&all[1], &all[40]] {
        client(&server).delete_webhook_event().id(id.as_str()).send().await.unwrap();
    }
    assert_eq!(next(&mut events).await.id, all[2]);
    let rest = [&all[3..40], &all[41..]].concat();
    assert_eq!(take(&mut events, 56).await, rest);
    nothing(&mut events).await;
    assert_eq!(history(&server), Vec::<String>::new());
    let id = happen(&server);
    assert_eq!(next(&mut events).await.id, id, "the anchor is gone, and what is new comes");
}

#[tokio::test]
async fn what_is_deleted_below_on_the_way_down_takes_nothing_with_it() {
    let server = Server::start().await.unwrap();
    let all = history(&server);
    server.misbehave(Fault::delay(Duration::from_secs(1)).on(LIST_NAME).times(2));
    let (pachca, mut stream) = (client(&server), events(&server));
    let below = async {
        while asked(&server) < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // The second page was promised and is not there any more when it is looked for.
        for id in &all[..10] {
            pachca.delete_webhook_event().id(id.as_str()).send().await.unwrap();
        }
        assert_eq!(
            server.requests().iter().filter(|request| request.status == 200).count(),
            1,
            "it is still waited for"
        );
    };
    let (handled, ()) = tokio::join!(take(&mut stream, 50), below);
    assert_eq!(handled, all[10..]);
    nothing(&mut stream).await;
}

#[tokio::test]
async fn nothing_is_deleted_unless_it_is_asked_for() {
    let server = Server::start().await.unwrap();
    let mut stream = events(&server);
    take(&mut stream, 60).await;
    nothing(&mut stream).await;
    assert_eq!(history(&server).len(), 60);
}
