//! Streams for a log that a server had better not rely on.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::thread::JoinHandle;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// A device that has no space for a single byte.
pub(super) fn full_device() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

/// A pipe whose reader is gone.
pub(super) fn closed_pipe() -> PipeWriter {
    let (_, writer) = io::pipe().unwrap();
    writer
}

/// A pipe without room for a single byte. Writing to it fails, if it must not block, and waits for a reader otherwise.
pub(super) fn full_pipe(blocks: bool) -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = io::pipe().unwrap();
    let flags = fcntl_getfl(&writer).unwrap();
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
    let line = [b"x".repeat(63), b"\n".to_vec()].concat();
    while writer.write_all(&line).is_ok() {}
    if blocks {
        fcntl_setfl(&writer, flags).unwrap();
    }
    (reader, writer)
}

/// Everything that comes through a pipe, to its end.
pub(super) fn read(mut pipe: PipeReader) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    })
}
