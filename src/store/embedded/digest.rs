//! Digests, which prove a row even after its personal part was destroyed, and checksums, which find damage at a
//! fraction of the cost.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::xxh3_64;

/// Domain separator of event digests, with the version of the format.
const EVENT_DOMAIN: &[u8] = b"ownerline event 1";
/// Domain separator of certificates.
const CERTIFICATE_DOMAIN: &[u8] = b"ownerline certificate 1";
/// Domain separator of checksums.
const CHECKSUM_DOMAIN: &[u8] = b"ownerline checksum 1";
/// Length of a digest, in bytes.
pub(super) const DIGEST: usize = 32;
/// Length of a checksum, in bytes.
pub(super) const CHECKSUM: usize = 8;
/// First byte of a `personal` column with a random key and the personal bytes.
const KEPT: u8 = 1;
/// First byte of a `personal` column whose bytes were destroyed, with only the commitment left.
const ERASED: u8 = 2;
const KEY_LENGTH: usize = 32;

/// The fields that the digest of a row covers.
pub(super) struct Digested<'a> {
    pub(super) position: u64,
    pub(super) stream: &'a str,
    pub(super) revision: u64,
    pub(super) recorded_at: i64,
    pub(super) kind: &'a str,
    pub(super) source: &'a str,
    pub(super) id: &'a str,
    pub(super) clear: &'a [u8],
    pub(super) content_digest: &'a [u8],
    /// The commitment to the personal part, if the row ever had one.
    pub(super) commitment: Option<[u8; 32]>,
}

impl Digested<'_> {
    /// BLAKE3 over the parts, each preceded by its length. `scratch` saves an allocation per row.
    pub(super) fn digest(&self, scratch: &mut Vec<u8>) -> [u8; DIGEST] {
        let commitment: &[u8] = self.commitment.as_ref().map_or(&[], |c| c.as_slice());
        self.lay_out(EVENT_DOMAIN, &[commitment], scratch);
        *blake3::hash(scratch).as_bytes()
    }

    /// XXH3 over the parts, the `personal` column as stored, and the digest, each preceded by its length.
    pub(super) fn checksum(
        &self,
        personal: &[u8],
        digest: &[u8; DIGEST],
        scratch: &mut Vec<u8>,
    ) -> [u8; CHECKSUM] {
        self.lay_out(CHECKSUM_DOMAIN, &[personal, digest], scratch);
        xxh3_64(scratch).to_le_bytes()
    }

    /// Writes the parts, followed by `extra`, to `scratch`, each preceded by its length.
    fn lay_out(&self, domain: &[u8], extra: &[&[u8]], scratch: &mut Vec<u8>) {
        scratch.clear();
        let parts: [&[u8]; 10] = [
            domain,
            &self.position.to_le_bytes(),
            self.stream.as_bytes(),
            &self.revision.to_le_bytes(),
            &self.recorded_at.to_le_bytes(),
            self.kind.as_bytes(),
            self.source.as_bytes(),
            self.id.as_bytes(),
            self.clear,
            self.content_digest,
        ];
        for part in parts.iter().chain(extra) {
            scratch.extend_from_slice(&(part.len() as u64).to_le_bytes());
            scratch.extend_from_slice(part);
        }
    }
}

/// The `digest` column: the digest, followed by the checksum, which rows of format 1 lack.
pub(super) struct Seal<'a> {
    pub(super) digest: &'a [u8; DIGEST],
    pub(super) checksum: Option<&'a [u8; CHECKSUM]>,
}

impl<'a> Seal<'a> {
    pub(super) fn read(column: &'a [u8]) -> Option<Self> {
        let (digest, rest) = column.split_first_chunk()?;
        let checksum = match rest {
            [] => None,
            rest => Some(rest.try_into().ok()?),
        };
        Some(Self { digest, checksum })
    }
}

/// The decoded `personal` column.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Personal<'a> {
    /// The event never had a personal part.
    Absent,
    /// The personal part, with the key of its commitment.
    Kept { key: [u8; 32], bytes: &'a [u8] },
    /// The personal part was destroyed.
    Erased { commitment: [u8; 32] },
}

impl<'a> Personal<'a> {
    pub(super) fn read(column: Option<&'a [u8]>) -> Result<Self, &'static str> {
        let Some(column) = column else {
            return Ok(Self::Absent);
        };
        let Some((form, rest)) = column.split_first() else {
            return Err("the personal part is empty");
        };
        let Some((head, bytes)) = rest.split_first_chunk::<KEY_LENGTH>() else {
            return Err("the personal part is too short");
        };
        match *form {
            KEPT => Ok(Self::Kept { key: *head, bytes }),
            ERASED if bytes.is_empty() => Ok(Self::Erased { commitment: *head }),
            _ => Err("the personal part has an unknown form"),
        }
    }

    /// The commitment that the digest of the row covers.
    pub(super) fn commitment(&self) -> Option<[u8; 32]> {
        match self {
            Self::Absent => None,
            Self::Kept { key, bytes } => Some(commit(key, bytes)),
            Self::Erased { commitment } => Some(*commitment),
        }
    }

    /// The personal bytes, as far as they still exist.
    pub(super) fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Kept { bytes, .. } => bytes,
            Self::Absent | Self::Erased { .. } => &[],
        }
    }
}

fn commit(key: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    *blake3::keyed_hash(key, bytes).as_bytes()
}

/// The `personal` column of a new row and the commitment to it; `None` if nothing is personal.
pub(super) fn seal(personal: &[u8], keys: &RowKeys) -> Option<(Vec<u8>, [u8; 32])> {
    if personal.is_empty() {
        return None;
    }
    let key = keys.next();
    let mut column = Vec::with_capacity(1 + KEY_LENGTH + personal.len());
    column.push(KEPT);
    column.extend_from_slice(&key);
    column.extend_from_slice(personal);
    Some((column, commit(&key, personal)))
}

/// The `personal` column of a row whose personal part was destroyed. The digest of the row stays valid.
#[cfg(test)]
pub(super) fn erased(commitment: [u8; 32]) -> Vec<u8> {
    let mut column = vec![ERASED];
    column.extend_from_slice(&commitment);
    column
}

/// The `content_digest` column. It is keyed, so that contents cannot be guessed from a copy of the events.
pub(super) fn content_digest(content_key: &[u8; 32], content_hash: &[u8; 32]) -> [u8; 32] {
    *blake3::keyed_hash(content_key, content_hash).as_bytes()
}

/// A chain over the digests of rows, by which two copies of a log are compared. If they have equal certificates
/// at some position, they are equal up to there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Certificate(pub [u8; 32]);

impl Certificate {
    /// Extends the certificate by one row.
    pub(super) fn then(self, digest: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(CERTIFICATE_DOMAIN);
        hasher.update(&self.0);
        hasher.update(digest);
        Self(*hasher.finalize().as_bytes())
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        blake3::Hash::from_bytes(self.0).to_hex().fmt(f)
    }
}

/// Random keys for rows, derived from one seed per process so that an event needs no system call.
pub(super) struct RowKeys {
    seed: [u8; 32],
    issued: AtomicU64,
}

impl RowKeys {
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self {
            seed,
            issued: AtomicU64::new(0),
        })
    }

    fn next(&self) -> [u8; 32] {
        let number = self.issued.fetch_add(1, Ordering::Relaxed);
        *blake3::keyed_hash(&self.seed, &number.to_le_bytes()).as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_erased_personal_part_keeps_its_commitment() {
        let keys = RowKeys::new().expect("randomness");
        let (column, commitment) = seal(b"+49 30 1234", &keys).expect("something personal");
        let kept = Personal::read(Some(&column)).expect("well-formed");
        assert_eq!(kept.bytes(), b"+49 30 1234");
        assert_eq!(kept.commitment(), Some(commitment));
        let column = erased(commitment);
        let erased = Personal::read(Some(&column)).expect("well-formed");
        assert_eq!(erased.bytes(), b"");
        assert_eq!(erased.commitment(), Some(commitment));
    }

    #[test]
    fn equal_personal_parts_have_different_commitments() {
        let keys = RowKeys::new().expect("randomness");
        let one = seal(b"same", &keys).expect("something");
        let other = seal(b"same", &keys).expect("something");
        assert_ne!(one.1, other.1);
        assert_eq!(seal(b"", &keys), None);
    }

    /// The expected value was computed from docs/storage-format.md with another implementation of BLAKE3.
    #[test]
    fn a_certificate_is_the_documented_chain() {
        let certificate = Certificate::default().then(&[1; 32]).then(&[2; 32]);
        assert_eq!(
            certificate.to_string(),
            "cf2290b9e7dd5470e48c0ce66d66f0a75abd87a96ee8682f9f47de5de5b3622a"
        );
    }

    #[test]
    fn malformed_personal_columns_are_refused() {
        for column in [&b""[..], b"\x01short", &[3; 40], &[2; 40]] {
            assert!(Personal::read(Some(column)).is_err());
        }
        assert_eq!(Personal::read(None), Ok(Personal::Absent));
    }
}
