//! Arbitrary rows of the log: queries and views refuse the same ones and fold the others.

use bytes::Bytes;
use ownerline::projector::Decoder;
use ownerline::query::{PositionText, decode, recorded};
use ownerline::store::{Epoch, EventKey, Position, Revision, StoredEvent, StreamName};
use ownerline_projections::fold::driver::LogEntry;
use ownerline_projections::{Driver, MemoryState, VIEWS};
use ownerline_proto::schema::Schema;
use prost::Message as _;

use super::{fuzz, samples};

/// Every view of the server.
pub(crate) fn views() -> Driver<MemoryState> {
    let mut driver = Driver::default();
    for view in VIEWS {
        driver.add(view, MemoryState::default()).unwrap();
    }
    driver
}

/// Folds one more; whether every view took it.
pub(crate) fn fold(driver: &mut Driver<MemoryState>, entry: LogEntry) -> bool {
    driver.apply(&[entry]).expect("in order");
    driver.lanes().iter().all(|lane| lane.stopped().is_none())
}

/// A row: a byte for the kind, two for where the personal part begins, then both parts.
fn row(bytes: &[u8], position: u64) -> Option<StoredEvent> {
    let (kind, rest) = bytes.split_first()?;
    let (at, rest) = rest.split_at_checked(2)?;
    let at = usize::from(u16::from_be_bytes([at[0], at[1]])).min(rest.len());
    let kinds = Schema::get().kinds();
    Some(StoredEvent {
        position: Position(position),
        stream: StreamName::new("owner-ann"),
        revision: Revision(position - 1),
        recorded_at: i64::try_from(position).unwrap(),
        key: EventKey {
            source: "s".into(),
            id: "i".into(),
        },
        kind: kinds[usize::from(*kind) % kinds.len()].name.clone(),
        clear: Bytes::copy_from_slice(&rest[..at]),
        personal: Bytes::copy_from_slice(&rest[at..]),
        whole: Bytes::copy_from_slice(rest),
    })
}

#[test]
fn a_row_is_refused_or_means_the_same_to_queries_and_views() {
    let schema = Schema::get();
    let corpus = samples()
        .iter()
        .map(|touchpoint| {
            let whole = touchpoint.encode_to_vec();
            let (clear, personal) = schema.split(&whole).unwrap();
            let number = ownerline_proto::kind::of_encoded(&whole).unwrap();
            let place = schema
                .kinds()
                .iter()
                .position(|kind| kind.name == number.name);
            let mut bytes = vec![u8::try_from(place.unwrap()).unwrap()];
            bytes.extend(u16::try_from(clear.len()).unwrap().to_be_bytes());
            bytes.extend(clear);
            bytes.extend(personal);
            bytes
        })
        .collect();
    let decoder = Decoder::new();
    let text = PositionText(Epoch(1));
    let (mut driver, mut position) = (views(), 1);
    fuzz("stored rows", corpus, 5_000, |bytes| {
        let Some(event) = row(bytes, position) else {
            return false;
        };
        let asked = decode(&event);
        assert_eq!(recorded(text, &event).is_ok(), asked.is_ok());
        match decoder.decode(&event) {
            Ok(entry) => {
                let asked = asked.expect("what views take, queries take");
                assert_eq!(entry.recorded().touchpoint, asked);
                position += 1;
                // A view may stop at what no door would have let in; the others begin anew with it.
                if !fold(&mut driver, entry) || position > 200 {
                    (driver, position) = (views(), 1);
                }
                true
            }
            Err(_) => false,
        }
    });
}
