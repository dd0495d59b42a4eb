//! Words from before their list was closed: stored ones stay readable and carry a warning, new ones are refused.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use ownerline::command::{Door, Recorder, RecorderLimits};
use ownerline::config::Schemes;
use ownerline::runtime::ManualClock;
use ownerline::store::Expected;
use ownerline::store::embedded::{EmbeddedOptions, EmbeddedStore};
use ownerline_proto::DESCRIPTOR_SET;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{ConsentGiven, Touchpoint};

use crate::support::{Server, all_of, feedback};

const NOW: i64 = 1_700_000_000;

fn consent(id: &str, purpose: &str) -> Touchpoint {
    let mut touchpoint = feedback("owner-1", id, NOW);
    touchpoint.payload = Some(Payload::ConsentGiven(ConsentGiven {
        purpose: purpose.to_owned(),
    }));
    touchpoint
}

/// Writes a log with a consent to `surveys`, as an earlier version did.
async fn write_before_the_list(data: &Path) {
    let clock = Arc::new(ManualClock::at(NOW * 1_000_000_000));
    let options = EmbeddedOptions::new(data, Bytes::from_static(DESCRIPTOR_SET));
    let store = Arc::new(EmbeddedStore::open(&options, clock.clone()).unwrap());
    let limits = RecorderLimits {
        touchpoint_bytes: 65_536,
        text_characters: 10_000,
        future_tolerance: Duration::from_secs(60),
        photograph_schemes: Schemes::none(),
    };
    let recorder = Recorder::new(store.clone(), clock, limits);
    let mut prepared = recorder
        .prepare(consent("old", "contact"), Door::Live)
        .unwrap();
    // The other word is as long, so the encoding stays valid.
    let mut clear = prepared.event.clear.to_vec();
    let place = clear.windows(7).position(|it| it == b"contact").unwrap();
    clear[place..place + 7].copy_from_slice(b"surveys");
    prepared.event.clear = clear.into();
    recorder.append(prepared, Expected::Any).await.unwrap();
    drop(recorder);
    assert!(store.close());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_from_before_its_list_was_closed_is_shown_with_a_warning_and_not_taken_again() {
    let directory = tempfile::tempdir().unwrap();
    write_before_the_list(directory.path()).await;
    let server = Server::start_in(directory.path()).await;
    let listed = server.record(consent("new", "telemetry")).await.unwrap();
    let mut request = all_of("owner-1");
    request.at_least = listed.position;
    let page = server.page(request).await.unwrap();
    let shown: Vec<_> = page
        .entries
        .iter()
        .map(|entry| {
            let warnings = entry.warnings.iter().map(|it| (&*it.reason, &*it.field));
            (&*entry.headline, warnings.collect::<Vec<_>>())
        })
        .collect();
    let warned = ("UNLISTED_VALUE", "touchpoint.consent_given.purpose");
    assert_eq!(shown.len(), 2);
    assert!(shown.contains(&("Consent given: surveys", vec![warned])));
    assert!(shown.contains(&("Consent given: telemetry", vec![])));
    let refused = server.record(consent("again", "surveys")).await;
    assert_eq!(refused.unwrap_err().code(), tonic::Code::InvalidArgument);
    server.stop().await;
}
