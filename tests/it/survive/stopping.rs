//! SIGTERM under every kind of load at once: the server drains, loses nothing, and exits with 0. `OWNERLINE_STOPS`
//! sets how often (default 4; the long run is 100). `OWNERLINE_SEED` repeats a run as far as the machine's scheduler
//! allows:
//!
//! ```sh
//! OWNERLINE_STOPS=100 cargo test --test it -- --nocapture stopping::
//! ```

use ownerline_proto::v1::SubscribeRequest;
use tonic::transport::Endpoint;
use tonic::{Code, Status};

use crate::load::{Load, verified};
use crate::process::Served;
use crate::remote::Remote;
use crate::support::{Dice, asked_for, one_stream, reason, seed};

fn is_stopping(status: &Status) {
    assert_eq!(
        (status.code(), reason(status).as_str()),
        (Code::Unavailable, "STOPPING"),
        "{status:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_under_load_loses_nothing_ends_every_stream_and_exits_with_zero() {
    let stops = asked_for("OWNERLINE_STOPS", 4);
    let seed = seed();
    let mut dice = Dice(seed);
    let directory = tempfile::tempdir().unwrap();
    let mut load = Load::new(seed);
    for _ in 0..stops {
        let served = Served::start(directory.path());
        let ends = load.until_drained(served, &mut dice).await;
        for status in [&ends.import, &ends.subscription, &ends.watch] {
            is_stopping(status);
        }
    }
    let served = Served::start(directory.path());
    load.all_is_there(served, directory.path()).await;
    eprintln!("SIGTERM: {}", load.told());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_a_drain_that_waits_for_a_reader_and_nothing_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let patient = [("OWNERLINE_SERVER_DRAIN_TIMEOUT", "10m")];
    let served = Served::start_with(directory.path(), &patient);
    let remote = served.remote().await;
    remote.import(one_stream(30_000)).await;
    let all = SubscribeRequest::default();
    // It reads on all the time, a byte at a time.
    let slow = Endpoint::from_shared(served.url().to_owned()).unwrap();
    let slow = slow.initial_stream_window_size(1).connect().await.unwrap();
    let slow = Remote::of(slow)
        .touchpoints()
        .subscribe(all.clone())
        .await
        .unwrap();
    let mut slow = slow.into_inner();
    let reading = tokio::spawn(async move { while let Ok(Some(_)) = slow.message().await {} });
    let another = served.remote().await;
    let mut reader = another
        .touchpoints()
        .subscribe(all)
        .await
        .unwrap()
        .into_inner();
    served.ask_to_end();
    let ended = loop {
        match reader.message().await {
            Ok(answer) => assert!(answer.is_some(), "it ends with a word"),
            Err(status) => break status,
        }
    };
    is_stopping(&ended);
    // The drain has begun, and would wait ten minutes for the other reader.
    served.ask_to_end();
    let (code, told) = tokio::task::spawn_blocking(|| served.ended())
        .await
        .unwrap();
    assert_eq!(code, Some(143), "{told}");
    reading.abort();
    let served = Served::start(directory.path());
    let head = served.remote().await.head().await;
    assert!(head.ends_with(&format!("{:x}", 30_000)), "{head}");
    assert_eq!(served.terminate(), Some(0));
    verified(directory.path());
}
