//! Page tokens and positions: only those issued by the server are accepted.

use std::collections::BTreeSet;

use ownerline::query::{Pinned, PositionText, TokenError, TokenKey};
use ownerline::store::{Epoch, Position};

use super::fuzz;

const EPOCH: Epoch = Epoch(0x0001_abcd);

#[test]
fn a_position_is_refused_or_survives_a_round_trip() {
    let text = PositionText(EPOCH);
    let corpus = [0, 1, 255, 4_711, u64::MAX]
        .map(|position| text.write(Position(position)).into_bytes())
        .to_vec();
    fuzz("positions", corpus, 10_000, |bytes| {
        let given = String::from_utf8_lossy(bytes);
        match text.read(&given) {
            Ok(position) => {
                assert_eq!(text.write(position), given);
                true
            }
            Err(_) => false,
        }
    });
}

#[test]
fn a_page_token_is_refused_unless_the_server_issued_it() {
    let directory = tempfile::tempdir().unwrap();
    let key = TokenKey::open(&directory.path().join("token.key")).unwrap();
    let query = blake3::hash(b"a query");
    let sealed = |number: u64| {
        let pinned = Pinned {
            known_at: Position(number),
            as_of: (i64::MIN + i64::try_from(number).unwrap()).into(),
            asked_at: i64::try_from(number).unwrap().into(),
            last: Position(number * 7),
            stale: number.is_multiple_of(2),
        };
        key.seal(EPOCH, &query, pinned)
    };
    let given: BTreeSet<String> = (0..20).map(sealed).collect();
    let other = key.seal(
        Epoch(7),
        &query,
        Pinned {
            known_at: Position(1),
            as_of: 0.into(),
            asked_at: 0.into(),
            last: Position(1),
            stale: false,
        },
    );
    let mut corpus: Vec<Vec<u8>> = given
        .iter()
        .map(|token| token.clone().into_bytes())
        .collect();
    corpus.push(other.clone().into_bytes());
    fuzz("tokens", corpus, 10_000, |bytes| {
        let token = String::from_utf8_lossy(bytes);
        match key.open_token(&token, EPOCH, &query) {
            Ok(_) => {
                assert!(given.contains(&*token), "forged");
                true
            }
            Err(TokenError::OtherEpoch) => {
                assert_eq!(token, other, "forged");
                false
            }
            Err(_) => false,
        }
    });
}
