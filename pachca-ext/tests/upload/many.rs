//! Many files at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pachca_api::{Call, Transport};
use pachca_ext::{ErrorKind, Pachca, Source};
use pachca_tests::{Fault, Server};
use tower::ServiceExt as _;

use super::{quick, start, steps};

fn sources(count: usize) -> Vec<Source> {
    (0..count).map(|number| Source::bytes(format!("{number}.txt"), format!("file {number}"))).collect()
}

#[tokio::test]
async fn many_files_are_sent_a_few_at_a_time_and_come_back_in_order() {
    for (at_once, most) in [(None, 4), (Some(2), 2), (Some(0), 1), (Some(9), 9)] {
        let server = Server::start().await.unwrap();
        // The first to be sent is the last to be answered.
        server.misbehave(Fault::delay(Duration::from_millis(400)).on("upload_file").times(1));
        let (now, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counted = (now.clone(), peak.clone());
        let layer = tower::layer::layer_fn(move |inner: Transport| {
            let (now, peak) = counted.clone();
            tower::service_fn(move |call: Call| {
                let (now, peak, inner) = (now.clone(), peak.clone(), inner.clone());
                async move {
                    if call.operation.name != "upload_file" {
                        return inner.oneshot(call).await;
                    }
                    peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    // The first wait for as many as there should be, however slow the machine is.
                    for _ in 0..300 {
                        if peak.load(Ordering::SeqCst) >= most {
                            break;
                        }
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                    let answer = inner.oneshot(call).await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    answer
                }
            })
        });
        let builder = Pachca::builder(server.token()).base_url(server.base_url()).retry(quick());
        let pachca = builder.layer(layer).build().unwrap();
        let uploads = pachca.upload_all(sources(10));
        let uploads = match at_once {
            Some(at_once) => uploads.at_once(at_once),
            None => uploads,
        };
        let files = uploads.send().await.unwrap();
        let names: Vec<_> = files.iter().map(|file| file.name.clone()).collect();
        assert_eq!(names, (0..10).map(|number| format!("{number}.txt")).collect::<Vec<_>>());
        for (number, file) in files.iter().enumerate() {
            assert_eq!(server.stored(&file.key).unwrap(), format!("file {number}"));
        }
        assert_eq!(peak.load(Ordering::SeqCst), most);
    }
}

#[tokio::test]
async fn one_failure_names_its_file() {
    let (server, pachca) = start().await;
    let mut all = sources(3);
    all.insert(2, Source::path("/not/there/report.pdf"));
    let error = pachca.upload_all(all).at_once(1).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().starts_with("`report.pdf`: cannot read /not/there/report.pdf"), "{error}");
    // Those after it are given up.
    assert_eq!(steps(&server).1, 2);
    assert_eq!(pachca.upload_all(Vec::<Source>::new()).send().await.unwrap(), []);
}
