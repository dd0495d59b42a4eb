//! The VFS, which passes calls of SQLite on to the default VFS. The layout follows SQLite's documentation of
//! `sqlite3_vfs` and `sqlite3_io_methods`: a file of this VFS begins with the part that SQLite knows, and ends with
//! the file of the default VFS.

use std::alloc::Layout;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::mem;
use std::path::PathBuf;
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::ffi;

use crate::disk::{State, Verdict, lock, path_of};

/// The part of a VFS that SQLite knows, followed by our own. Leaked when it is registered.
#[repr(C)]
struct Vfs {
    base: ffi::sqlite3_vfs,
    real: *mut ffi::sqlite3_vfs,
    state: Arc<Mutex<State>>,
}

/// The part of a file that SQLite knows, followed by our own. The file of the default VFS follows.
#[repr(C)]
struct Opened {
    base: ffi::sqlite3_file,
    /// Set for a database or a write-ahead log; null for other files, whose calls go straight through.
    watched: *mut Watched,
}

struct Watched {
    path: PathBuf,
    state: Arc<Mutex<State>>,
    /// The number of failed syncs of the file that this handle has reported, or that happened before it was opened.
    reported: AtomicU64,
}

/// The offset of the file of the default VFS.
const REAL_AT: usize = {
    // SQLite allocates with an alignment of eight bytes.
    let size = mem::size_of::<Opened>();
    size.next_multiple_of(8)
};
const _: () = assert!(Layout::new::<Opened>().align() <= 8);

/// Registers a VFS of this name over the default one.
pub(crate) fn register(name: &str, state: Arc<Mutex<State>>) {
    let name = CString::new(name).expect("a name without NUL");
    // SAFETY: SQLite initialises itself, and the default VFS lives as long as the process. So does the registered
    // VFS, which is leaked; it begins with a complete `sqlite3_vfs`.
    unsafe {
        let real = ffi::sqlite3_vfs_find(ptr::null());
        assert!(!real.is_null(), "there is a default VFS");
        let mut base = ptr::read(real);
        base.zName = name.into_raw();
        base.pNext = ptr::null_mut();
        base.szOsFile += c_int::try_from(REAL_AT).expect("a small number");
        base.xOpen = Some(open);
        base.xDelete = Some(delete);
        let vfs = Box::leak(Box::new(Vfs { base, real, state }));
        let result = ffi::sqlite3_vfs_register(&raw mut vfs.base, 0);
        assert_eq!(result, ffi::SQLITE_OK, "the VFS is registered");
    }
}

/// The file of the default VFS inside one of ours.
///
/// # Safety
/// `file` was opened by [`open`].
unsafe fn real(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: `szOsFile` reserves room for it after `REAL_AT`.
    unsafe { file.byte_add(REAL_AT) }
}

/// The watched part of a file, if it is watched.
///
/// # Safety
/// `file` was opened by [`open`] and is not closed.
unsafe fn watched<'f>(file: *mut ffi::sqlite3_file) -> Option<&'f Watched> {
    // SAFETY: a file of ours begins with `Opened`, and its watched part is freed only when the file is closed.
    unsafe { (*file.cast::<Opened>()).watched.as_ref() }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite calls with the VFS we registered and `szOsFile` bytes at `file`.
    unsafe {
        let ours = &*vfs.cast::<Vfs>();
        let inner = real(file);
        let opened =
            (*ours.real).xOpen.expect("every VFS opens")(ours.real, name, inner, flags, out);
        let is_open = !(*inner).pMethods.is_null();
        let is_log = flags & (ffi::SQLITE_OPEN_MAIN_DB | ffi::SQLITE_OPEN_WAL) != 0;
        let watched = if is_open && is_log && !name.is_null() {
            let path = path_of(CStr::from_ptr(name));
            let reported = lock(&ours.state).failed_syncs(&path);
            Box::into_raw(Box::new(Watched {
                path,
                state: ours.state.clone(),
                reported: reported.into(),
            }))
        } else {
            ptr::null_mut()
        };
        let methods = if is_open {
            &raw const METHODS
        } else {
            ptr::null()
        };
        file.cast::<Opened>().write(Opened {
            base: ffi::sqlite3_file { pMethods: methods },
            watched,
        });
        opened
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: SQLite calls with the VFS we registered and a path.
    unsafe {
        let ours = &*vfs.cast::<Vfs>();
        let mut state = lock(&ours.state);
        if state.is_dead() {
            return ffi::SQLITE_IOERR_DELETE;
        }
        let deleted = (*ours.real).xDelete.expect("every VFS deletes")(ours.real, name, sync);
        if deleted == ffi::SQLITE_OK {
            state.deleted(&path_of(CStr::from_ptr(name)));
        }
        deleted
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    // Shared memory, but no mapped files: every write is a call.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock_file),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once, and its watched part was leaked by `open`.
    unsafe {
        let inner = real(file);
        let closed = (*(*inner).pMethods).xClose.expect("every file closes")(inner);
        let watched = mem::replace(&mut (*file.cast::<Opened>()).watched, ptr::null_mut());
        if !watched.is_null() {
            drop(Box::from_raw(watched));
        }
        closed
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    amount: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite calls with an open file of ours and `amount` bytes.
    unsafe {
        let inner = real(file);
        let real_write = (*(*inner).pMethods).xWrite.expect("every file writes");
        let Some(watched) = watched(file) else {
            return real_write(inner, bytes, amount, at);
        };
        let mut state = lock(&watched.state);
        let (amount, result) = match state.next_write() {
            Verdict::Pass => (amount, ffi::SQLITE_OK),
            Verdict::Half => (amount / 2, ffi::SQLITE_IOERR_WRITE),
            Verdict::Fail => return ffi::SQLITE_IOERR_WRITE,
            Verdict::Full => return ffi::SQLITE_FULL,
        };
        let length = usize::try_from(amount).unwrap_or(0);
        let written = slice::from_raw_parts(bytes.cast::<u8>(), length);
        let offset = u64::try_from(at).unwrap_or(0);
        if state.writing(&watched.path, offset, written).is_err() {
            return ffi::SQLITE_IOERR_WRITE;
        }
        match real_write(inner, bytes, amount, at) {
            ffi::SQLITE_OK => result,
            failed => failed,
        }
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite calls with an open file of ours.
    unsafe {
        let inner = real(file);
        let real_truncate = (*(*inner).pMethods).xTruncate.expect("every file shrinks");
        let Some(watched) = watched(file) else {
            return real_truncate(inner, size);
        };
        let mut state = lock(&watched.state);
        if !matches!(state.next(), Verdict::Pass) {
            return ffi::SQLITE_IOERR_TRUNCATE;
        }
        let to = u64::try_from(size).unwrap_or(0);
        if state.truncating(&watched.path, to).is_err() {
            return ffi::SQLITE_IOERR_TRUNCATE;
        }
        real_truncate(inner, size)
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: SQLite calls with an open file of ours.
    unsafe {
        let inner = real(file);
        let Some(watched) = watched(file) else {
            return (*(*inner).pMethods).xSync.expect("every file syncs")(inner, flags);
        };
        let delay = lock(&watched.state).sync_delay;
        std::thread::sleep(delay);
        let mut state = lock(&watched.state);
        let verdict = state.next();
        let failed = state.failed_syncs(&watched.path);
        if watched.reported.swap(failed, Ordering::Relaxed) < failed {
            return ffi::SQLITE_IOERR_FSYNC;
        }
        if matches!(verdict, Verdict::Pass) {
            // No real sync is needed, because the machine does not fail; only the remembered state counts.
            state.synced(&watched.path);
            return ffi::SQLITE_OK;
        }
        if !state.is_dead() {
            state.sync_failed(&watched.path);
            watched.reported.fetch_add(1, Ordering::Relaxed);
        }
        ffi::SQLITE_IOERR_FSYNC
    }
}

/// A method that goes straight to the default VFS.
macro_rules! pass {
    ($name:ident, $method:ident, ($($argument:ident: $Type:ty),*) $(-> $Answer:ty)?) => {
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file, $($argument: $Type),*) $(-> $Answer)? {
            // SAFETY: SQLite calls with an open file of ours; the default VFS has every method that
            // `iVersion` 2 promises.
            unsafe {
                let inner = real(file);
                (*(*inner).pMethods).$method.expect("a method of version 2")(inner, $($argument),*)
            }
        }
    };
}

pass!(read, xRead, (into: *mut c_void, amount: c_int, at: ffi::sqlite3_int64) -> c_int);
pass!(file_size, xFileSize, (size: *mut ffi::sqlite3_int64) -> c_int);
pass!(lock_file, xLock, (level: c_int) -> c_int);
pass!(unlock, xUnlock, (level: c_int) -> c_int);
pass!(check_reserved_lock, xCheckReservedLock, (out: *mut c_int) -> c_int);
pass!(file_control, xFileControl, (what: c_int, argument: *mut c_void) -> c_int);
pass!(sector_size, xSectorSize, () -> c_int);
pass!(device_characteristics, xDeviceCharacteristics, () -> c_int);
pass!(shm_map, xShmMap, (page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int);
pass!(shm_lock, xShmLock, (offset: c_int, count: c_int, flags: c_int) -> c_int);
pass!(shm_barrier, xShmBarrier, ());
pass!(shm_unmap, xShmUnmap, (delete: c_int) -> c_int);
