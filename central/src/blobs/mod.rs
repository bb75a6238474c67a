//! Attachments at the centre. Parts are staged in a folder of this node, each durable when it is answered, so that an upload
//! goes on where it stopped after any crash; when all is there and the hash is right, the blob is put into the object
//! store as one object under its own hash, and only then is it said to be held whole.

mod place;

pub use place::{BlobPlace, NotAPlace};

use crate::service::BUSY_RETRY_MS;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use sync::blob::BlobId;
use sync::blob::protocol::{Blobs, GetAsk, Held, MAX_PART_BYTES, Named, Part};
use sync::blob::sealed::BlobFault;
use sync::blob::shelf::Shelf;
use sync::wire::Bytes;
use sync::{CentreFault, Refusal};
use tokio::runtime::Runtime;

/// Beyond this a blob is put in pieces of this size, so that no whole blob stands in memory.
const PIECE_BYTES: usize = 8 << 20;
/// So many blobs can be worked on at once; two whose hashes begin alike wait for each other.
const LOCKS: usize = 64;

/// Why the attachments' place cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum DepotFault {
    /// The folder.
    #[error("the attachments' folder: {0}")]
    Io(#[from] std::io::Error),
    /// The object store.
    #[error("the attachments' place: {0}")]
    Place(#[from] object_store::Error),
}

/// The attachments that the centre keeps. Asks nobody whether he may: that is the service's to know.
pub struct Depot {
    objects: Arc<dyn ObjectStore>,
    arriving: Shelf,
    locks: [Mutex<()>; LOCKS],
    /// Gone only while it is dropped.
    runtime: Option<Runtime>,
}

impl Depot {
    /// Opens the place, and the folder in which parts are staged.
    ///
    /// # Errors
    /// See [`DepotFault`]. A bucket that does not answer is no error here.
    pub fn open(place: &BlobPlace, arriving: &Path) -> Result<Self, DepotFault> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .thread_name("attachments")
            .build()?;
        let objects = {
            let _entered = runtime.enter();
            place.open()?
        };
        let locks = std::array::from_fn(|_| Mutex::default());
        Ok(Self { objects, arriving: Shelf::open(arriving)?, locks, runtime: Some(runtime) })
    }

    fn lock(&self, blob: BlobId) -> MutexGuard<'_, ()> {
        let at = usize::from(blob.0.0[0]) % LOCKS;
        self.locks[at].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the object store, on a thread that may.
    fn wait<T>(&self, answer: impl Future<Output = object_store::Result<T>>) -> object_store::Result<T> {
        let gone = || object_store::Error::Generic { store: "attachments", source: "the service stops".into() };
        self.runtime.as_ref().ok_or_else(gone)?.block_on(answer)
    }

    /// The size of a blob in the object store, where it is there.
    fn size(&self, blob: BlobId) -> Result<Option<u64>, CentreFault> {
        match self.wait(self.objects.head(&object(blob))) {
            Ok(about) => Ok(Some(about.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(fault) => Err(unserved(&fault)),
        }
    }

    /// Puts a blob whose hash was right where it belongs, and clears it from the staging folder.
    fn settle(&self, blob: BlobId) -> Result<Held, CentreFault> {
        let file = self.arriving.file(blob)?;
        let bytes = file.metadata().map_err(BlobFault::from)?.len();
        self.wait(self.upload(&object(blob), file)).map_err(|fault| unserved(&fault))?;
        self.arriving.remove(blob).map_err(BlobFault::from)?;
        tracing::debug!(bytes, "an attachment is whole");
        Ok(Held::Whole { bytes })
    }

    async fn upload(&self, to: &ObjectPath, mut file: File) -> object_store::Result<()> {
        let first = piece(&mut file)?;
        if first.len() < PIECE_BYTES {
            return self.objects.put(to, PutPayload::from(first)).await.map(drop);
        }
        let mut upload = self.objects.put_multipart(to).await?;
        let mut next = first;
        while !next.is_empty() {
            let sent = upload.put_part(PutPayload::from(next)).await;
            let read = match sent {
                Ok(()) => piece(&mut file),
                Err(fault) => Err(fault),
            };
            next = match read {
                Ok(next) => next,
                Err(fault) => {
                    // What cannot be cleared away now is the bucket's own rules' to clear.
                    let _ = upload.abort().await;
                    return Err(fault);
                }
            };
        }
        upload.complete().await.map(drop)
    }
}

impl Blobs for Depot {
    fn held(&self, of: &Named) -> Result<Held, CentreFault> {
        match Blobs::held(&self.arriving, of)? {
            Held::Part { bytes: 0 } => Ok(match self.size(of.blob)? {
                Some(bytes) => Held::Whole { bytes },
                None => Held::Part { bytes: 0 },
            }),
            // All of it is here and not yet where it belongs: the next put, of no bytes, tries that again.
            Held::Part { bytes } | Held::Whole { bytes } => Ok(Held::Part { bytes }),
        }
    }

    fn put(&self, part: &Part) -> Result<Held, CentreFault> {
        let blob = part.of.blob;
        let _alone = self.lock(blob);
        let staged = Blobs::held(&self.arriving, &part.of)?;
        if let Held::Whole { .. } = staged {
            return self.settle(blob);
        }
        if staged == (Held::Part { bytes: 0 })
            && let Some(bytes) = self.size(blob)?
        {
            return Ok(Held::Whole { bytes });
        }
        match self.arriving.put(part)? {
            Held::Whole { .. } => self.settle(blob),
            held => Ok(held),
        }
    }

    fn get(&self, ask: &GetAsk) -> Result<Bytes, CentreFault> {
        let (blob, from) = (ask.of.blob, ask.offset);
        let range = from..from.saturating_add(MAX_PART_BYTES as u64);
        match self.wait(self.objects.get_range(&object(blob), range)) {
            Ok(bytes) => Ok(Bytes(bytes.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Err(not_held(blob)),
            // A range that begins at the end is an error to some stores, and to us the end.
            Err(fault) => match self.size(blob)? {
                Some(size) if from >= size => Ok(Bytes::default()),
                Some(_) => Err(unserved(&fault)),
                None => Err(not_held(blob)),
            },
        }
    }
}

impl Drop for Depot {
    fn drop(&mut self) {
        // It may be dropped where nobody may wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// `ab/abcdef…`, so that no folder holds millions.
fn object(blob: BlobId) -> ObjectPath {
    let name = blob.to_string();
    ObjectPath::from_iter([&name[..2], &name])
}

fn piece(file: &mut File) -> object_store::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = file.take(PIECE_BYTES as u64).read_to_end(&mut bytes);
    read.map_err(|fault| object_store::Error::Generic { store: "attachments", source: fault.into() })?;
    Ok(bytes)
}

fn not_held(blob: BlobId) -> CentreFault {
    Refusal::NotFound { what: format!("blob {blob}") }.into()
}

/// Ours to mend, and logged here, once; what is staged stays.
fn unserved(fault: &object_store::Error) -> CentreFault {
    tracing::error!(%fault, "attachments cannot be kept or read");
    CentreFault::Busy { retry_after_ms: BUSY_RETRY_MS }
}
