//! The form of an input, recognised by its first bytes: text, gzipped text, or something that must be converted first,
//! which an error explains.

use std::io::{BufRead, BufReader, Cursor, Read as _};

use super::gzip::{self, Gunzip};
use crate::cli::error::Unreadable;

/// The first bytes of other formats, which no text begins with, and what to do with them.
const OTHER_FORMS: [(&[u8], &str); 16] = [
    (
        b"\x28\xb5\x2f\xfd",
        "it is compressed with zstd: unpack it with `zstd -dc`",
    ),
    (
        b"PK\x03\x04",
        "it is a zip archive: unpack it with `unzip -p`",
    ),
    (b"PK\x05\x06", "it is an empty zip archive"),
    (
        b"BZh",
        "it is compressed with bzip2: unpack it with `bzip2 -dc`",
    ),
    (
        b"\xfd7zXZ\0",
        "it is compressed with xz: unpack it with `xz -dc`",
    ),
    (
        b"\x04\x22\x4d\x18",
        "it is compressed with lz4: unpack it with `lz4 -dc`",
    ),
    (b"7z\xbc\xaf", "it is a 7z archive: unpack it first"),
    (
        b"\x00\x00\xfe\xff",
        "it is UTF-32: convert it to UTF-8 with `iconv -f UTF-32 -t UTF-8`",
    ),
    (
        b"\xff\xfe\x00\x00",
        "it is UTF-32: convert it to UTF-8 with `iconv -f UTF-32 -t UTF-8`",
    ),
    (
        b"\xff\xfe",
        "it is UTF-16: convert it to UTF-8 with `iconv -f UTF-16 -t UTF-8`",
    ),
    (
        b"\xfe\xff",
        "it is UTF-16: convert it to UTF-8 with `iconv -f UTF-16 -t UTF-8`",
    ),
    (
        b"{\0",
        "it is UTF-16: convert it to UTF-8 with `iconv -f UTF-16LE -t UTF-8`",
    ),
    (
        b"\0{",
        "it is UTF-16: convert it to UTF-8 with `iconv -f UTF-16BE -t UTF-8`",
    ),
    (
        b"[\0",
        "it is UTF-16: convert it to UTF-8 with `iconv -f UTF-16LE -t UTF-8`",
    ),
    (
        b"\0[",
        "it is UTF-16: convert it to UTF-8 with `iconv -f UTF-16BE -t UTF-8`",
    ),
    (b"PAR1", "it is a Parquet file, not JSON"),
];
/// The length of the longest of them.
const LOOKED_AT: u64 = 6;
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Returns the text of an input, without a byte order mark.
pub(super) fn text_of(input: impl BufRead + 'static) -> Result<Box<dyn BufRead>, Unreadable> {
    let (head, input) = look(input)?;
    if !head.starts_with(&gzip::MAGIC) {
        return plain(&head, input);
    }
    let (head, input) = look(BufReader::with_capacity(1 << 16, Gunzip::new(input)))?;
    if head.starts_with(&gzip::MAGIC) {
        return Err(Unreadable::form(
            1,
            "it is gzipped twice: unpack it once with `gzip -dc`",
        ));
    }
    plain(&head, input)
}

/// Returns the first bytes, and the input from its beginning.
fn look<R: BufRead + 'static>(mut input: R) -> Result<(Vec<u8>, Box<dyn BufRead>), Unreadable> {
    let mut head = Vec::new();
    let read = input.by_ref().take(LOOKED_AT).read_to_end(&mut head);
    read.map_err(|error| Unreadable::read(1, error))?;
    let whole = Cursor::new(head.clone()).chain(input);
    Ok((head, Box::new(whole)))
}

fn plain(head: &[u8], mut input: Box<dyn BufRead>) -> Result<Box<dyn BufRead>, Unreadable> {
    if let Some((_, what)) = OTHER_FORMS
        .iter()
        .find(|(begins, _)| head.starts_with(begins))
    {
        return Err(Unreadable::form(1, *what));
    }
    if head.starts_with(&BYTE_ORDER_MARK) {
        // It is in the first bytes, which are in memory.
        input.consume(BYTE_ORDER_MARK.len());
    }
    Ok(input)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn read(bytes: &[u8]) -> Result<String, String> {
        let mut text = String::new();
        let input = text_of(Cursor::new(bytes.to_vec())).map_err(|error| error.to_string())?;
        let mut input = input;
        input.read_to_string(&mut text).unwrap();
        Ok(text)
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_byte_order_mark_is_removed_also_in_a_gzipped_file() {
        assert_eq!(read(b"\xef\xbb\xbf{}\n").unwrap(), "{}\n");
        assert_eq!(read(&gzipped(b"\xef\xbb\xbf{}\n")).unwrap(), "{}\n");
        assert_eq!(read(b"{}").unwrap(), "{}");
        assert_eq!(read(b"").unwrap(), "");
    }

    #[test]
    fn the_format_of_an_input_and_how_to_convert_it_are_reported() {
        let utf_16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, name) in [
            (b"\x28\xb5\x2f\xfd\x04\x00".to_vec(), "zstd"),
            (b"PK\x03\x04\x14\0".to_vec(), "zip"),
            (b"BZh91AY".to_vec(), "bzip2"),
            ([b"\xff\xfe".to_vec(), utf_16.clone()].concat(), "UTF-16"),
            (utf_16, "UTF-16"),
            (gzipped(b"BZh91AY"), "bzip2"),
            (gzipped(&gzipped(b"{}")), "gzipped twice"),
        ] {
            let error = read(&bytes).unwrap_err();
            assert!(error.starts_with("line 1: "), "{error}");
            assert!(error.contains(name), "{error}");
        }
    }
}
