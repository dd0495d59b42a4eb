//! Page tokens: opaque, bound to one query, unforgeable, and pinning what the first page stood on.

use std::fs;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use blake3::Hash;
use ownerline_proto::time::Instant;
use prost::Message;
use thiserror::Error;

use crate::runtime::private;
use crate::store::{Epoch, Position};

const KEY_BYTES: usize = 32;
const SEAL_BYTES: usize = 16;

/// Why a page token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Not a token of this server, or changed on the way.
    #[error("not a page token of this server")]
    Foreign,
    /// From another query: every field but page_size must be as in the first request.
    #[error("the page token belongs to another query")]
    OtherQuery,
    /// From another incarnation of the log.
    #[error("the page token belongs to an earlier epoch of the log")]
    OtherEpoch,
}

/// What a token pins: later pages stand on the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pinned {
    /// What was known.
    pub known_at: Position,
    /// The instant (nanoseconds since the Unix epoch).
    pub as_of: Instant,
    /// When the first page was asked for.
    pub asked_at: Instant,
    /// The last entry of the page before.
    pub last: Position,
    /// Whether the first page asked for now, so that later ones may be stale.
    pub stale: bool,
}

/// What travels inside.
#[derive(Clone, PartialEq, Message)]
struct Contents {
    #[prost(fixed32, tag = "1")]
    epoch: u32,
    #[prost(bytes = "vec", tag = "2")]
    query: Vec<u8>,
    #[prost(uint64, tag = "3")]
    known_at: u64,
    #[prost(message, required, tag = "4")]
    as_of: Instant,
    #[prost(uint64, tag = "5")]
    last: u64,
    #[prost(bool, tag = "6")]
    stale: bool,
    /// Where the page before ended, if `last` cannot say it.
    #[prost(bytes = "vec", tag = "7")]
    place: Vec<u8>,
    #[prost(message, required, tag = "8")]
    asked_at: Instant,
}

/// The key that seals tokens: random, kept in the data directory.
#[derive(Clone)]
pub struct TokenKey([u8; KEY_BYTES]);

impl TokenKey {
    /// The key in `path`; made there if there is none. An empty file is replaced: it holds nothing that could be lost.
    ///
    /// # Errors
    /// If the file cannot be read or written, or is not a key.
    pub fn open(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(bytes) if bytes.is_empty() => {
                let shown = path.display();
                tracing::warn!(path = %shown, "key of page tokens was empty, a new one is made: clients start their lists again");
                Self::create(path)
            }
            Ok(bytes) => bytes
                .try_into()
                .map(Self)
                .map_err(|bytes| not_a_key(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::create(path),
            Err(error) => Err(error),
        }
    }

    fn create(path: &Path) -> io::Result<Self> {
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        // Private, because whoever has the key can forge tokens.
        private::replace_file(path, &key)?;
        Ok(Self(key))
    }

    /// A token for the page behind `pinned.last` of the query with this hash.
    #[must_use]
    pub fn seal(&self, epoch: Epoch, query: &Hash, pinned: Pinned) -> String {
        self.seal_with_place(epoch, query, pinned, Vec::new())
    }

    /// Like [`seal`](Self::seal), for a page that ends at a place of its own.
    #[must_use]
    pub fn seal_with_place(
        &self,
        epoch: Epoch,
        query: &Hash,
        pinned: Pinned,
        place: Vec<u8>,
    ) -> String {
        let contents = Contents {
            epoch: epoch.0,
            query: query
                .as_bytes()
                .get(..SEAL_BYTES)
                .unwrap_or_default()
                .to_vec(),
            known_at: pinned.known_at.0,
            as_of: pinned.as_of,
            last: pinned.last.0,
            stale: pinned.stale,
            place,
            asked_at: pinned.asked_at,
        };
        let mut bytes = self.stamp(&contents.encode_to_vec()).to_vec();
        contents.encode(&mut bytes).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What a token pins.
    ///
    /// # Errors
    /// If it is not of this server, this log or this query.
    pub fn open_token(
        &self,
        token: &str,
        epoch: Epoch,
        query: &Hash,
    ) -> Result<Pinned, TokenError> {
        let (pinned, _) = self.open_token_with_place(token, epoch, query)?;
        Ok(pinned)
    }

    /// What a token pins, and the place at which its page ended.
    ///
    /// # Errors
    /// If it is not of this server, this log or this query.
    pub fn open_token_with_place(
        &self,
        token: &str,
        epoch: Epoch,
        query: &Hash,
    ) -> Result<(Pinned, Vec<u8>), TokenError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(token)
            .map_err(|_| TokenError::Foreign)?;
        let (stamp, encoded) = bytes
            .split_at_checked(SEAL_BYTES)
            .ok_or(TokenError::Foreign)?;
        // Compared as hashes of equal length: no early exit to learn from.
        if blake3::keyed_hash(&self.0, stamp) != blake3::keyed_hash(&self.0, &self.stamp(encoded)) {
            return Err(TokenError::Foreign);
        }
        let contents = Contents::decode(encoded).map_err(|_| TokenError::Foreign)?;
        if contents.epoch != epoch.0 {
            return Err(TokenError::OtherEpoch);
        }
        if Some(contents.query.as_slice()) != query.as_bytes().get(..SEAL_BYTES) {
            return Err(TokenError::OtherQuery);
        }
        let pinned = Pinned {
            known_at: Position(contents.known_at),
            as_of: contents.as_of,
            asked_at: contents.asked_at,
            last: Position(contents.last),
            stale: contents.stale,
        };
        Ok((pinned, contents.place))
    }

    fn stamp(&self, encoded: &[u8]) -> [u8; SEAL_BYTES] {
        let mut stamp = [0; SEAL_BYTES];
        let hash = blake3::keyed_hash(&self.0, encoded);
        for (to, from) in stamp.iter_mut().zip(hash.as_bytes()) {
            *to = *from;
        }
        stamp
    }
}

/// The error of a file that is not a key. Deleting it is safe, which nobody would guess.
fn not_a_key(bytes: &[u8]) -> io::Error {
    let message = format!(
        "it holds {} bytes, a key has {KEY_BYTES}: delete the file, and the next start makes a new key; this costs only the \
         page tokens that are out (clients start their lists again)",
        bytes.len()
    );
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the year 9999.
    const AS_OF: Instant = Instant::from_nanos(253_402_300_799_999_999_999);
    const PINNED: Pinned = Pinned {
        known_at: Position(7),
        as_of: AS_OF,
        asked_at: Instant::from_nanos(1_700_000_000_000_000_001),
        last: Position(5),
        stale: true,
    };

    #[test]
    fn a_token_opens_for_its_own_query_only() {
        let key = TokenKey([1; KEY_BYTES]);
        let (query, other) = (blake3::hash(b"a"), blake3::hash(b"b"));
        let token = key.seal(Epoch(1), &query, PINNED);
        assert_eq!(key.open_token(&token, Epoch(1), &query), Ok(PINNED));
        assert_eq!(
            key.open_token(&token, Epoch(1), &other),
            Err(TokenError::OtherQuery)
        );
        assert_eq!(
            key.open_token(&token, Epoch(2), &query),
            Err(TokenError::OtherEpoch)
        );
        assert_eq!(
            TokenKey([2; KEY_BYTES]).open_token(&token, Epoch(1), &query),
            Err(TokenError::Foreign)
        );
    }

    #[test]
    fn a_token_changed_anywhere_is_foreign() {
        let key = TokenKey([1; KEY_BYTES]);
        let query = blake3::hash(b"a");
        let token = key.seal(Epoch(1), &query, PINNED);
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(
                key.open_token(&changed, Epoch(1), &query),
                Err(TokenError::Foreign),
                "{at}"
            );
        }
        assert_eq!(
            key.open_token("", Epoch(1), &query),
            Err(TokenError::Foreign)
        );
    }

    #[test]
    fn a_key_is_made_once_and_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token.key");
        let made = TokenKey::open(&path).unwrap();
        assert_eq!(TokenKey::open(&path).unwrap().0, made.0);
    }

    #[test]
    fn an_empty_key_is_replaced_and_another_file_is_refused_with_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token.key");
        std::fs::write(&path, b"").unwrap();
        let made = TokenKey::open(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), made.0);
        std::fs::write(&path, b"short").unwrap();
        let refused = TokenKey::open(&path).err().unwrap().to_string();
        for part in [
            "holds 5 bytes, a key has 32",
            "delete the file",
            "start their lists again",
        ] {
            assert!(refused.contains(part), "{refused}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), b"short", "it is left alone");
    }
}
