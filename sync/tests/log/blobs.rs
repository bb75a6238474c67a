//! Attachments: sealed chunk by chunk, stored whole or not at all, taken up where they stopped.

use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;
use sync::Refusal;
use sync::blob::protocol::{Held, Named, Part};
use sync::blob::sealed::{BlobFault, CHUNK_BYTES, HEADER_BYTES, Header, open, seal, tag_of};
use sync::blob::shelf::Shelf;
use sync::blob::{BlobId, MAX_BLOB_BYTES};
use sync::grant::KeyId;
use sync::wire::{Bytes, Fixed};
use sync::wrap::Secret;
use uuid::Uuid;

const KEY: KeyId = KeyId(Uuid::from_bytes([5; 16]));

fn secret(byte: u8) -> Secret {
    Secret::new([byte; 32])
}

fn sealed(key: u8, plain: &[u8]) -> Vec<u8> {
    let secret = secret(key);
    let header = Header { key: KEY, tag: tag_of(&secret, &mut &plain[..]).unwrap() };
    let mut out = Vec::new();
    seal(header, &secret, &mut &plain[..], &mut out).unwrap();
    out
}

fn opened(key: u8, sealed: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    match open(&secret(key), &mut &sealed[..], &mut out) {
        Ok(()) => Ok(out),
        Err(BlobFault::Refused(refusal)) => Err(refusal),
        Err(other) => panic!("{other}"),
    }
}

fn scan(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 + at / 251) as u8).collect()
}

#[test]
fn a_file_of_any_size_comes_back() {
    for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 500_000] {
        assert_eq!(opened(1, &sealed(1, &scan(length))), Ok(scan(length)), "{length} bytes");
    }
}

#[test]
fn the_same_scan_is_one_blob_for_one_subject_and_nothing_alike_for_another() {
    let (one, again, other) = (sealed(1, &scan(300)), sealed(1, &scan(300)), sealed(2, &scan(300)));
    assert_eq!(one, again);
    // Beyond magic, version and the key's id, which both were given here, no 16 bytes stand in both.
    let pieces: BTreeSet<&[u8]> = one[21..].windows(16).collect();
    assert!(other[21..].windows(16).all(|piece| !pieces.contains(piece)));
    assert_eq!(opened(2, &one), Err(Refusal::BadSignature));
}

#[test]
fn a_file_that_changes_while_it_is_sealed_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    let header = Header { key: KEY, tag: tag_of(&secret(1), &mut &scan(70_000)[..]).unwrap() };
    let kept = shelf.store(|out| seal(header, &secret(1), &mut &scan(70_001)[..], out));
    assert!(matches!(kept, Err(BlobFault::Changed)), "{kept:?}");
    assert_eq!(files(dir.path()), 0);
}

#[test]
fn chunks_that_change_places_or_go_missing_do_not_open() {
    let whole = sealed(1, &scan(3 * CHUNK_BYTES));
    let chunk = CHUNK_BYTES + 16;
    let mut swapped = whole.clone();
    swapped[HEADER_BYTES..HEADER_BYTES + 2 * chunk].rotate_left(chunk);
    assert_eq!(opened(1, &swapped), Err(Refusal::BadSignature));
    // Cut between two chunks: none of what is left says that it is the last.
    assert_eq!(opened(1, &whole[..HEADER_BYTES + 2 * chunk]), Err(Refusal::Truncated));
    let of_another = [&whole[..HEADER_BYTES], &sealed(1, &scan(10))[HEADER_BYTES..]].concat();
    assert_eq!(opened(1, &of_another), Err(Refusal::BadSignature));
    let longer = [whole.as_slice(), &[0]].concat();
    assert_eq!(opened(1, &longer), Err(Refusal::BadSignature));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_changed_byte_and_no_cut_goes_unnoticed(length in 0usize..200, at in any::<prop::sample::Index>(), flip in 1u8..) {
        let whole = sealed(1, &scan(length));
        let mut changed = whole.clone();
        changed[at.index(whole.len())] ^= flip;
        prop_assert!(opened(1, &changed).is_err() || at.index(whole.len()) < 21, "byte {}", at.index(whole.len()));
        prop_assert!(opened(1, &whole[..at.index(whole.len())]).is_err());
    }

    #[test]
    fn a_blob_arrives_whatever_is_cut_repeated_or_out_of_place(
        length in 1usize..5_000,
        moves in prop::collection::vec((0u64..6_000, 1usize..900, any::<bool>()), 0..40),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let bytes = sealed(1, &scan(length));
        let blob = name(&bytes);
        let mut shelf = Shelf::open(dir.path()).unwrap();
        for (offset, count, restarts) in moves {
            let begin = (offset as usize).min(bytes.len());
            let end = (begin + count).min(bytes.len());
            shelf.take(&part(blob, &bytes, begin, end)).unwrap();
            if restarts {
                shelf = Shelf::open(dir.path()).unwrap();
            }
        }
        while let Held::Part { bytes: have } = shelf.held(blob).unwrap() {
            let end = (have as usize + 700).min(bytes.len());
            shelf.take(&part(blob, &bytes, have as usize, end)).unwrap();
        }
        prop_assert_eq!(shelf.read(blob, 0).unwrap(), bytes);
        prop_assert_eq!(files(dir.path()), 1);
    }
}

#[test]
fn bytes_of_another_hash_are_refused_and_begin_anew() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    let right = sealed(1, &scan(100));
    let blob = name(&right);
    let mut wrong = right.clone();
    wrong[60] ^= 1;
    let taken = shelf.take(&part(blob, &wrong, 0, wrong.len()));
    assert!(matches!(taken, Err(BlobFault::Refused(Refusal::BadChain { .. }))), "{taken:?}");
    assert!(matches!(shelf.read(blob, 0), Err(BlobFault::Refused(Refusal::NotFound { .. }))));
    assert_eq!(shelf.held(blob).unwrap(), Held::Part { bytes: 0 });
    let size = right.len() as u64;
    assert_eq!(shelf.take(&part(blob, &right, 0, right.len())).unwrap(), Held::Whole { bytes: size });
}

#[test]
fn what_is_too_large_is_refused_by_name_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    let huge = Part { of: of(name(&[])), size: MAX_BLOB_BYTES + 1, offset: 0, bytes: Bytes(vec![1]) };
    assert!(matches!(shelf.take(&huge), Err(BlobFault::Refused(Refusal::TooLarge { .. }))));
    let zeros = vec![0; 1 << 20];
    let stored = shelf.store(|out| {
        for _ in 0..=MAX_BLOB_BYTES >> 20 {
            out.write_all(&zeros)?;
        }
        Ok(())
    });
    assert!(matches!(stored, Err(BlobFault::Refused(Refusal::TooLarge { .. }))), "{stored:?}");
    assert_eq!(files(dir.path()), 0);
}

#[test]
fn what_a_crash_left_is_collected_and_what_an_event_names_stays() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    let keep = |bytes: &[u8]| shelf.store(|out| Ok(out.write_all(bytes)?)).unwrap().0;
    let (named, orphan) = (keep(b"named"), keep(b"orphan"));
    assert_eq!(keep(b"named"), named);
    std::fs::write(dir.path().join("making"), b"half").unwrap();
    let shelf = Shelf::open(dir.path()).unwrap();
    assert_eq!(files(dir.path()), 2);
    assert_eq!(shelf.collect(&BTreeSet::from([named])).unwrap(), 1);
    assert_eq!(shelf.read(named, 0).unwrap(), b"named");
    assert!(shelf.file(orphan).is_err());
}

fn part(blob: BlobId, bytes: &[u8], begin: usize, end: usize) -> Part {
    Part { of: of(blob), size: bytes.len() as u64, offset: begin as u64, bytes: Bytes(bytes[begin..end].to_vec()) }
}

/// A shelf asks for no event.
fn of(blob: BlobId) -> Named {
    Named { blob, subject: String::new() }
}

fn name(bytes: &[u8]) -> BlobId {
    BlobId(Fixed(*blake3::hash(bytes).as_bytes()))
}

fn files(dir: &Path) -> usize {
    std::fs::read_dir(dir).unwrap().count()
}
