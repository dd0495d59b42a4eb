//! Lines over a stream that works, fails, blocks, and works again.

use std::sync::Condvar;

use super::*;

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the stream does with the next bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Works,
    Blocks,
    HasNoRoom,
    Fails,
    /// Takes three bytes, then fails.
    FailsHalfway,
}

/// A stream whose mode is set from outside.
#[derive(Debug, Clone)]
struct Pipe {
    shared: Arc<(Mutex<Flow>, Condvar)>,
}

#[derive(Debug)]
struct Flow {
    mode: Mode,
    written: Vec<u8>,
    attempts: usize,
}

impl Pipe {
    fn new(mode: Mode) -> Self {
        let flow = Flow {
            mode,
            written: Vec::new(),
            attempts: 0,
        };
        Self {
            shared: Arc::new((Mutex::new(flow), Condvar::new())),
        }
    }

    fn set(&self, mode: Mode) {
        self.shared.0.lock().unwrap().mode = mode;
        self.shared.1.notify_all();
    }

    /// Waits until the flow is as expected.
    fn until(&self, what: &str, is_so: impl Fn(&Flow) -> bool) {
        let flow = self.shared.0.lock().unwrap();
        let waited = self
            .shared
            .1
            .wait_timeout_while(flow, PATIENCE, |flow| !is_so(flow));
        let (flow, timeout) = waited.unwrap();
        assert!(!timeout.timed_out(), "{what}: {flow:?}");
    }

    fn text(&self) -> String {
        String::from_utf8(self.shared.0.lock().unwrap().written.clone()).unwrap()
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut flow = self.shared.0.lock().unwrap();
        flow.attempts += 1;
        self.shared.1.notify_all();
        while flow.mode == Mode::Blocks {
            flow = self.shared.1.wait(flow).unwrap();
        }
        let taken = match flow.mode {
            Mode::Fails => return Err(io::ErrorKind::StorageFull.into()),
            Mode::HasNoRoom => return Err(io::ErrorKind::WouldBlock.into()),
            Mode::FailsHalfway => {
                flow.mode = Mode::Fails;
                bytes.len().min(3)
            }
            Mode::Works | Mode::Blocks => bytes.len(),
        };
        flow.written.extend_from_slice(&bytes[..taken]);
        self.shared.1.notify_all();
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Reports;

impl Duties for Reports {
    fn report(&self, lost: LostLines) -> String {
        format!("lost {} {}\n", lost.queue_full, lost.write_failed)
    }

    fn every_second(&self) {}
}

fn over(pipe: &Pipe) -> Lines {
    Lines::start("test", pipe.clone(), Reports).unwrap()
}

#[test]
fn lines_are_written_in_their_order_and_flushed() {
    let pipe = Pipe::new(Mode::Works);
    let lines = over(&pipe);
    for number in 0..1_000 {
        lines.add(format!("line {number}\n").as_bytes());
    }
    lines.flush(PATIENCE);
    let expected: String = (0..1_000)
        .map(|number| format!("line {number}\n"))
        .collect();
    assert_eq!(pipe.text(), expected);
    assert_eq!(lines.lost(), LostLines::default());
}

#[test]
fn lines_that_cannot_be_written_are_counted_and_reported_once_when_they_can() {
    let pipe = Pipe::new(Mode::Fails);
    let lines = over(&pipe);
    lines.add(b"one\ntwo\n");
    lines.flush(PATIENCE);
    lines.add(b"three\n");
    lines.flush(PATIENCE);
    let lost = LostLines {
        queue_full: 0,
        write_failed: 3,
    };
    assert_eq!(lines.lost(), lost);
    // Nobody logs anything more.
    pipe.set(Mode::Works);
    pipe.until("reported by itself", |flow| !flow.written.is_empty());
    lines.add(b"four\n");
    lines.flush(PATIENCE);
    assert_eq!(pipe.text(), "lost 0 3\nfour\n");
    assert_eq!(lines.lost(), lost);
}

#[test]
fn a_stream_that_nobody_reads_holds_up_no_caller_and_bounds_what_waits() {
    let pipe = Pipe::new(Mode::Blocks);
    let lines = over(&pipe);
    lines.add(b"first\n");
    pipe.until("the thread is blocked", |flow| flow.attempts == 1);
    let line = [b"x".repeat(1_023), b"\n".to_vec()].concat();
    let fit = (QUEUE_BYTES - "first\n".len()) / line.len();
    for _ in 0..fit + 5 {
        lines.add(&line);
    }
    assert_eq!(lines.lost().queue_full, 5);
    lines.flush(Duration::from_millis(1));
    assert_eq!(pipe.text(), "", "nobody reads it");
    pipe.set(Mode::Works);
    lines.add(b"last\n");
    lines.flush(PATIENCE);
    let text = pipe.text();
    let mut written = text.lines();
    assert_eq!(written.next(), Some("first"));
    let rest: Vec<&str> = written.filter(|line| !line.starts_with('x')).collect();
    // The last line may be with the thread before the report is.
    assert!(
        rest == ["lost 5 0", "last"] || rest == ["last", "lost 5 0"],
        "{rest:?}"
    );
}

#[test]
fn a_stream_that_does_not_block_is_tried_until_it_has_room() {
    let pipe = Pipe::new(Mode::HasNoRoom);
    let lines = over(&pipe);
    lines.add(b"one\n");
    pipe.until("tried again", |flow| flow.attempts > 1);
    pipe.set(Mode::Works);
    lines.flush(PATIENCE);
    assert_eq!(pipe.text(), "one\n");
    assert_eq!(lines.lost(), LostLines::default());
}

#[test]
fn a_line_that_was_cut_off_is_ended_before_the_next() {
    let pipe = Pipe::new(Mode::FailsHalfway);
    let lines = over(&pipe);
    lines.add(b"one line\n");
    lines.flush(PATIENCE);
    pipe.set(Mode::Works);
    pipe.until("reported", |flow| flow.written.ends_with(b"lost 0 1\n"));
    assert_eq!(pipe.text(), "one\nlost 0 1\n");
}
