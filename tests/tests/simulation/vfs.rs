//! A disk that forgets, tears and fails: a way for SQLite to files, whose writes count only when they were synced.
//!
//! What is on the real file is what would outlive a loss of power. Writes stand in memory over it until they are synced. When the power
//! goes, of each unsynced write all, a part (to a sector) or nothing is on the disk. All decisions come from the thread's
//! seeded chance.

#![expect(unsafe_code, reason = "SQLite's interface to the disk is a table of C functions")]

use rusqlite::ffi;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Once;
use sync::wrap::chance;

/// The name under which SQLite knows it.
pub const NAME: &str = "forgetful";
/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

thread_local! {
    /// What was written and not synced, a file.
    static VOLATILE: RefCell<BTreeMap<PathBuf, Vec<Write>>> = const { RefCell::new(BTreeMap::new()) };
    /// In this folder the power goes at the so-manieth write or sync from now.
    static POWER: RefCell<Option<(PathBuf, u32)>> = const { RefCell::new(None) };
    /// In this folder it is gone.
    static DEAD: RefCell<Option<PathBuf>> = const { RefCell::new(None) };
    /// These folders' disks take no more.
    static FULL: RefCell<BTreeSet<PathBuf>> = const { RefCell::new(BTreeSet::new()) };
    static WRITES: Cell<u64> = const { Cell::new(0) };
}

enum Write {
    Bytes(u64, Vec<u8>),
    Cut(u64),
}

/// Makes the way known to SQLite, once a program.
pub fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let vfs = ffi::sqlite3_vfs {
            iVersion: 1,
            szOsFile: size_of::<Open>() as c_int,
            mxPathname: 1024,
            pNext: std::ptr::null_mut(),
            zName: c"forgetful".as_ptr(),
            pAppData: std::ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: None,
            xCurrentTimeInt64: None,
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        };
        let vfs = Box::leak(Box::new(vfs));
        // SAFETY: the table lives as long as the program, and so does its name.
        let done = unsafe { ffi::sqlite3_vfs_register(vfs, 0) };
        assert_eq!(done, ffi::SQLITE_OK);
    });
}

/// In a folder the power will go at the so-manieth write from now.
pub fn power_goes_after(folder: &Path, writes: u32) {
    POWER.set(Some((folder.to_owned(), writes)));
}

/// The power stays, if it has not gone yet.
pub fn power_stays() {
    POWER.set(None);
}

/// As a new machine: nothing is pending, nothing is broken.
pub fn reset() {
    VOLATILE.take();
    POWER.take();
    DEAD.take();
    FULL.take();
    WRITES.set(0);
}

/// A folder's disk takes no more, or does again.
pub fn set_full(folder: &Path, full: bool) {
    FULL.with_borrow_mut(|disks| if full { disks.insert(folder.to_owned()) } else { disks.remove(folder) });
}

/// How many writes and syncs there were on this thread.
pub fn writes() -> u64 {
    WRITES.get()
}

/// Where the power is gone: nothing works there until [`restore_power`].
pub fn dead() -> Option<PathBuf> {
    DEAD.with_borrow(Clone::clone)
}

fn is_dead(path: &Path) -> bool {
    DEAD.with_borrow(|dead| dead.as_ref().is_some_and(|folder| path.starts_with(folder)))
}

/// Unsynced writes of a folder that a disk in another machine never saw.
pub fn forget_unsynced(folder: &Path) {
    VOLATILE.with_borrow_mut(|volatile| volatile.retain(|path, _| !path.starts_with(folder)));
}

/// Whether some bytes stand anywhere among the unsynced writes.
pub fn unsynced_holds(marker: &[u8]) -> bool {
    let holds = |write: &Write| matches!(write, Write::Bytes(_, bytes) if bytes.windows(marker.len()).any(|part| part == marker));
    VOLATILE.with_borrow(|volatile| volatile.values().flatten().any(holds))
}

/// What the power's going left of the files in a folder is what is there now; then it works again.
pub fn restore_power(folder: &Path) {
    VOLATILE.with_borrow_mut(|volatile| {
        let lost: Vec<PathBuf> = volatile.keys().filter(|path| path.starts_with(folder)).cloned().collect();
        for path in lost {
            let writes = volatile.remove(&path).unwrap_or_default();
            let Ok(file) = OpenOptions::new().write(true).open(&path) else { continue };
            for write in writes {
                land(&file, write);
            }
        }
    });
    if dead().is_some_and(|dead| dead == folder) {
        DEAD.set(None);
    }
    POWER.set(None);
}

/// Of a write that nobody synced: all, a part or nothing. Later ones may land although earlier ones did not.
fn land(file: &File, write: Write) {
    let luck = chance::next().unwrap_or(0);
    match write {
        Write::Bytes(at, bytes) => {
            let whole = match luck % 4 {
                0 => bytes.len(),
                1 => (luck >> 8) as usize % (bytes.len() / SECTOR + 1) * SECTOR,
                _ => 0,
            };
            // A disk that fails now fails as a lost write does.
            let _ = file.write_all_at(&bytes[..whole], at);
        }
        Write::Cut(size) if luck.is_multiple_of(2) => drop(file.set_len(size)),
        Write::Cut(_) => {}
    }
}

/// One write or sync of a file; false when the power is gone there.
fn tick(path: &Path) -> bool {
    WRITES.set(WRITES.get() + 1);
    if is_dead(path) {
        return false;
    }
    let goes = POWER.with_borrow_mut(|power| match power {
        Some((folder, 0)) if path.starts_with(&*folder) => Some(folder.clone()),
        Some((folder, left)) if path.starts_with(&*folder) => {
            *left -= 1;
            None
        }
        _ => None,
    });
    let Some(folder) = goes else { return true };
    DEAD.set(Some(folder));
    POWER.set(None);
    false
}

#[repr(C)]
struct Open {
    base: ffi::sqlite3_file,
    path: *mut PathBuf,
    file: *mut File,
    delete: bool,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync_file),
    xFileSize: Some(file_size),
    xLock: Some(no_lock),
    xUnlock: Some(no_lock),
    xCheckReservedLock: Some(no_reserved),
    xFileControl: Some(no_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// The file behind SQLite's handle.
///
/// # Safety
/// `handle` is one that [`open`] filled and [`close`] has not closed.
unsafe fn of<'a>(handle: *mut ffi::sqlite3_file) -> (&'a Path, &'a File) {
    // SAFETY: as the caller promises; both were leaked by `open`.
    unsafe {
        let open = handle.cast::<Open>();
        (&*(*open).path, &*(*open).file)
    }
}

/// The size as a reader sees it: with what is not synced.
fn size_of_file(path: &Path, file: &File) -> u64 {
    let mut size = file.metadata().map_or(0, |about| about.len());
    VOLATILE.with_borrow(|volatile| {
        for write in volatile.get(path).into_iter().flatten() {
            match write {
                Write::Bytes(at, bytes) => size = size.max(at + bytes.len() as u64),
                Write::Cut(to) => size = *to,
            }
        }
    });
    size
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    handle: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives room for an `Open`, and a name that ends in a zero, or none for a file of its own.
    unsafe {
        let open = handle.cast::<Open>();
        (*open).base.pMethods = std::ptr::null();
        let path = if name.is_null() {
            std::env::temp_dir().join(format!("motcua-sim-{}", chance::next().unwrap_or(0)))
        } else {
            PathBuf::from(CStr::from_ptr(name).to_string_lossy().into_owned())
        };
        if is_dead(&path) {
            return ffi::SQLITE_CANTOPEN;
        }
        let create = flags & ffi::SQLITE_OPEN_CREATE != 0;
        let Ok(file) = OpenOptions::new().read(true).write(true).create(create).truncate(false).open(&path) else {
            return ffi::SQLITE_CANTOPEN;
        };
        (*open).path = Box::into_raw(Box::new(path));
        (*open).file = Box::into_raw(Box::new(file));
        (*open).delete = flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0;
        (*open).base.pMethods = &raw const METHODS;
        if !out_flags.is_null() {
            *out_flags = flags;
        }
        ffi::SQLITE_OK
    }
}

unsafe extern "C" fn close(handle: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes each handle once.
    unsafe {
        let open = handle.cast::<Open>();
        let path = Box::from_raw((*open).path);
        drop(Box::from_raw((*open).file));
        if (*open).delete {
            VOLATILE.with_borrow_mut(|volatile| volatile.remove(&*path));
            let _ = std::fs::remove_file(&*path);
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(handle: *mut ffi::sqlite3_file, to: *mut c_void, amount: c_int, at: i64) -> c_int {
    // SAFETY: SQLite gives an open handle and room for `amount` bytes.
    let ((path, file), buffer) =
        unsafe { (of(handle), std::slice::from_raw_parts_mut(to.cast::<u8>(), amount as usize)) };
    buffer.fill(0);
    if is_dead(path) {
        return ffi::SQLITE_IOERR_READ;
    }
    let at = at as u64;
    let size = size_of_file(path, file);
    let mut got = 0;
    while got < buffer.len() {
        match file.read_at(&mut buffer[got..], at + got as u64) {
            Ok(0) => break,
            Ok(some) => got += some,
            Err(_) => return ffi::SQLITE_IOERR_READ,
        }
    }
    VOLATILE.with_borrow(|volatile| {
        for write in volatile.get(path).into_iter().flatten() {
            match write {
                Write::Bytes(from, bytes) => lay_over(buffer, at, *from, bytes),
                Write::Cut(to) if *to < at + buffer.len() as u64 => buffer[to.saturating_sub(at) as usize..].fill(0),
                Write::Cut(_) => {}
            }
        }
    });
    if at + buffer.len() as u64 > size { ffi::SQLITE_IOERR_SHORT_READ } else { ffi::SQLITE_OK }
}

/// Puts what was written at `from` over a buffer that begins at `at`.
fn lay_over(buffer: &mut [u8], at: u64, from: u64, bytes: &[u8]) {
    let (start, end) = (at.max(from), (at + buffer.len() as u64).min(from + bytes.len() as u64));
    if start < end {
        let there = (start - at) as usize..(end - at) as usize;
        buffer[there].copy_from_slice(&bytes[(start - from) as usize..(end - from) as usize]);
    }
}

unsafe extern "C" fn write(handle: *mut ffi::sqlite3_file, from: *const c_void, amount: c_int, at: i64) -> c_int {
    // SAFETY: SQLite gives an open handle and `amount` bytes.
    let ((path, file), bytes) = unsafe { (of(handle), std::slice::from_raw_parts(from.cast::<u8>(), amount as usize)) };
    if !tick(path) {
        return ffi::SQLITE_IOERR_WRITE;
    }
    let full = FULL.with_borrow(|disks| disks.iter().any(|folder| path.starts_with(folder)));
    if full && at as u64 + bytes.len() as u64 > size_of_file(path, file) {
        return ffi::SQLITE_FULL;
    }
    VOLATILE.with_borrow_mut(|volatile| {
        volatile.entry(path.to_owned()).or_default().push(Write::Bytes(at as u64, bytes.to_vec()));
    });
    ffi::SQLITE_OK
}

unsafe extern "C" fn truncate(handle: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: SQLite gives an open handle.
    let (path, _) = unsafe { of(handle) };
    if !tick(path) {
        return ffi::SQLITE_IOERR_TRUNCATE;
    }
    VOLATILE.with_borrow_mut(|volatile| {
        volatile.entry(path.to_owned()).or_default().push(Write::Cut(size as u64));
    });
    ffi::SQLITE_OK
}

unsafe extern "C" fn sync_file(handle: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite gives an open handle.
    let (path, file) = unsafe { of(handle) };
    if !tick(path) {
        return ffi::SQLITE_IOERR_FSYNC;
    }
    let writes = VOLATILE.with_borrow_mut(|volatile| volatile.remove(path)).unwrap_or_default();
    for write in writes {
        let done = match write {
            Write::Bytes(at, bytes) => file.write_all_at(&bytes, at),
            Write::Cut(size) => file.set_len(size),
        };
        if done.is_err() {
            return ffi::SQLITE_IOERR_FSYNC;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_size(handle: *mut ffi::sqlite3_file, size: *mut i64) -> c_int {
    // SAFETY: SQLite gives an open handle and room for a number.
    unsafe {
        let (path, file) = of(handle);
        *size = size_of_file(path, file) as i64;
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn no_lock(_: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn no_reserved(_: *mut ffi::sqlite3_file, reserved: *mut c_int) -> c_int {
    // SAFETY: SQLite gives room for a number.
    unsafe { *reserved = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn no_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    SECTOR as c_int
}

unsafe extern "C" fn characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    0
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, _: c_int) -> c_int {
    // SAFETY: SQLite gives a name that ends in a zero.
    let path = PathBuf::from(unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned());
    if !tick(&path) {
        return ffi::SQLITE_IOERR_DELETE;
    }
    VOLATILE.with_borrow_mut(|volatile| volatile.remove(&path));
    match std::fs::remove_file(&path) {
        Ok(()) => ffi::SQLITE_OK,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => ffi::SQLITE_IOERR_DELETE_NOENT,
        Err(_) => ffi::SQLITE_IOERR_DELETE,
    }
}

unsafe extern "C" fn access(_: *mut ffi::sqlite3_vfs, name: *const c_char, _: c_int, found: *mut c_int) -> c_int {
    // SAFETY: SQLite gives a name that ends in a zero and room for a number.
    unsafe {
        let path = PathBuf::from(CStr::from_ptr(name).to_string_lossy().into_owned());
        *found = c_int::from(path.exists());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite gives a name that ends in a zero and `room` bytes; names here are whole paths already.
    unsafe {
        let bytes = CStr::from_ptr(name).to_bytes_with_nul();
        if bytes.len() > room as usize {
            return ffi::SQLITE_CANTOPEN;
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len());
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, amount: c_int, out: *mut c_char) -> c_int {
    // SAFETY: SQLite gives room for `amount` bytes.
    let bytes = unsafe { std::slice::from_raw_parts_mut(out.cast::<u8>(), amount as usize) };
    for part in bytes.chunks_mut(8) {
        part.copy_from_slice(&chance::next().unwrap_or(1).to_le_bytes()[..part.len()]);
    }
    amount
}

unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, micros: c_int) -> c_int {
    micros
}

unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: SQLite gives room for a number.
    unsafe { *out = 2_461_000.5 };
    ffi::SQLITE_OK
}
