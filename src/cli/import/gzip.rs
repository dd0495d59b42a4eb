//! A gzip reader that returns everything before the first damaged byte.
//!
//! The reader of flate2 drops what the failing call had decompressed, up to 32 KiB of good lines. This one combines the
//! header parser, the inflater and the checksum of flate2 so that nothing is lost.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use flate2::{Crc, Decompress, FlushDecompress, Status};

/// The first bytes of a gzip member.
pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// The size of the output buffer: at least the window of the format, so that a failing call can return everything it
/// had.
const CHUNK: usize = 1 << 16;

/// A reader that decompresses one gzip member after the other; zero padding after the last one is skipped.
pub(super) struct Gunzip<R> {
    /// Absent while a header is read from it.
    input: Option<R>,
    inflate: Decompress,
    crc: Crc,
    in_member: bool,
    ended: bool,
    /// Decompressed bytes that were not read yet.
    ready: Vec<u8>,
    taken: usize,
    /// The error after what is ready.
    failed: Option<io::Error>,
}

impl<R: BufRead> Gunzip<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input: Some(input),
            inflate: Decompress::new(false),
            crc: Crc::new(),
            in_member: false,
            ended: false,
            ready: Vec::new(),
            taken: 0,
            failed: None,
        }
    }

    /// Decompresses more, or finds the end.
    fn advance(&mut self) -> io::Result<()> {
        let Some(mut input) = self.input.take() else {
            self.ended = true;
            return Ok(());
        };
        if !self.in_member {
            if !at_member(&mut input)? {
                self.ended = true;
                return Ok(());
            }
            let header = GzDecoder::new(input);
            if header.header().is_none() {
                return Err(damaged("its header is damaged or cut off"));
            }
            input = header.into_inner();
            self.inflate.reset(false);
            self.crc.reset();
            self.in_member = true;
        }
        let inflated = self.inflate_some(&mut input);
        self.input = Some(input);
        inflated
    }

    fn inflate_some(&mut self, input: &mut R) -> io::Result<()> {
        self.ready.resize(CHUNK, 0);
        self.taken = 0;
        let compressed = input.fill_buf()?;
        let at_end = compressed.is_empty();
        let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self
            .inflate
            .decompress(compressed, &mut self.ready, FlushDecompress::None);
        let read = usize::try_from(self.inflate.total_in() - read).unwrap_or(usize::MAX);
        let written = usize::try_from(self.inflate.total_out() - written).unwrap_or(usize::MAX);
        input.consume(read);
        self.ready.truncate(written);
        self.crc.update(&self.ready);
        match status {
            Ok(Status::StreamEnd) => {
                self.in_member = false;
                self.trailer(input)
            }
            Ok(_) if at_end && written == 0 => Err(damaged("it is cut off")),
            Ok(_) => Ok(()),
            Err(_) => Err(damaged("its compressed data is damaged")),
        }
    }

    fn trailer(&self, input: &mut R) -> io::Result<()> {
        let mut trailer = [0; 8];
        input
            .read_exact(&mut trailer)
            .map_err(|_| damaged("it is cut off"))?;
        let [sum @ .., _, _, _, _] = trailer;
        let [_, _, _, _, length @ ..] = trailer;
        if u32::from_le_bytes(sum) != self.crc.sum()
            || u32::from_le_bytes(length) != self.crc.amount()
        {
            return Err(damaged(
                "the checksum does not match: something before this line was changed",
            ));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let ready = self.ready.get(self.taken..).unwrap_or_default();
            if !ready.is_empty() {
                let length = ready.len().min(out.len());
                for (to, from) in out.iter_mut().zip(ready) {
                    *to = *from;
                }
                self.taken += length;
                return Ok(length);
            }
            if let Some(error) = self.failed.take() {
                self.ended = true;
                return Err(error);
            }
            if self.ended {
                return Ok(0);
            }
            self.ready.clear();
            self.failed = self.advance().err();
        }
    }
}

/// Returns whether another member follows; zero padding is skipped.
fn at_member(input: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let buffer = input.fill_buf()?;
        match buffer.iter().position(|byte| *byte != 0) {
            _ if buffer.is_empty() => return Ok(false),
            None => {
                let length = buffer.len();
                input.consume(length);
            }
            Some(zeros) => {
                let begins = buffer.get(zeros) == MAGIC.first();
                input.consume(zeros);
                if begins {
                    return Ok(true);
                }
                return Err(damaged("something else follows it"));
            }
        }
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("the gzip data cannot be read further: {what}"),
    )
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn member(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// Returns what comes out, and the error if there was one.
    fn unzipped(bytes: &[u8]) -> (Vec<u8>, Option<String>) {
        let mut out = Vec::new();
        let ended = Gunzip::new(bytes).read_to_end(&mut out);
        (out, ended.err().map(|error| error.to_string()))
    }

    fn text() -> Vec<u8> {
        let lines = (0..20_000_u64).map(|n| format!("{} {n}\n", n.wrapping_mul(0x9e37_79b9)));
        lines.collect::<String>().into_bytes()
    }

    #[test]
    fn members_follow_each_other_and_zeros_after_the_last_are_padding() {
        for padding in [0, 1, 511, 100_000] {
            let whole = [
                member(b"a\nb"),
                member(b""),
                member(b"c\n"),
                vec![0; padding],
            ]
            .concat();
            assert_eq!(unzipped(&whole), (b"a\nbc\n".to_vec(), None));
        }
        let text = text();
        assert_eq!(unzipped(&member(&text)), (text, None));
    }

    #[test]
    fn everything_before_a_cut_comes_out() {
        let (text, whole) = (text(), member(&text()));
        for cut in [whole.len() - 1, whole.len() - 8, whole.len() / 2] {
            let (out, why) = unzipped(&whole[..cut]);
            assert!(text.starts_with(&out), "nothing is invented");
            assert!(why.unwrap().contains("cut off"));
            // What is missing was in the missing part, which was not compressed more than the rest.
            assert!(out.len() * 10 >= text.len() * 9 * cut / whole.len() - 100_000);
        }
        assert_eq!(unzipped(&whole[..whole.len() - 8]).0, text);
    }

    #[test]
    fn everything_before_a_damaged_byte_comes_out() {
        // Two blocks in one member, so that the first is whole and the second begins with an impossible type.
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"first\nsecond\n").unwrap();
        encoder.flush().unwrap();
        let mut damaged = encoder.get_ref().clone();
        damaged.extend([0xff; 64]);
        let (out, why) = unzipped(&damaged);
        assert_eq!(out, b"first\nsecond\n");
        assert!(why.unwrap().contains("damaged"));
    }

    #[test]
    fn a_wrong_checksum_and_trailing_data_are_reported_after_the_text() {
        let mut changed = member(b"a\n");
        let sum = changed.len() - 8;
        changed[sum] ^= 1;
        let (out, why) = unzipped(&changed);
        assert_eq!(out, b"a\n");
        assert!(why.unwrap().contains("checksum"));
        let (out, why) = unzipped(&[member(b"a\n"), b"b\n".to_vec()].concat());
        assert_eq!(out, b"a\n");
        assert!(why.unwrap().contains("follows"));
        assert!(unzipped(&MAGIC).1.unwrap().contains("header"));
    }
}
