//! Where attachments are kept: a folder, or a bucket of S3.

use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, RetryConfig};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// What a bucket that does not answer may cost one request; a station comes again by itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// The attachments' place.
#[derive(Clone, PartialEq, Eq)]
pub struct BlobPlace {
    kind: Kind,
}

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Folder(PathBuf),
    S3 { bucket: String, prefix: String, settings: Vec<(String, String)> },
}

/// A text that names no place.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAPlace {
    /// Neither a folder nor a bucket.
    #[error(
        "attachments are kept in a folder or in s3://BUCKET or s3://BUCKET/PREFIX, such as s3://motcua-blobs; got {0:?}"
    )]
    Form(String),
    /// A command line is read by every user of the machine.
    #[error(
        "say no more of S3 than s3://BUCKET/PREFIX: keys, region and endpoint are read from the environment (AWS_ACCESS_KEY_ID, \
             AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL, AWS_ALLOW_HTTP)"
    )]
    Secrets,
}

impl BlobPlace {
    /// A folder, made where there is none.
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self { kind: Kind::Folder(path.into()) }
    }

    /// A bucket; what is not said is read from the environment.
    pub fn s3(bucket: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self { kind: Kind::S3 { bucket: bucket.into(), prefix: prefix.into(), settings: Vec::new() } }
    }

    /// The same with a setting of the S3 client, by its name in the environment in small letters (`aws_endpoint_url`),
    /// before what the environment says.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let Kind::S3 { settings, .. } = &mut self.kind {
            settings.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Whether it is on this machine alone, so that other nodes of the same centre do not see it.
    pub fn is_folder(&self) -> bool {
        matches!(self.kind, Kind::Folder(_))
    }

    /// Opens it. A bucket is not asked yet: a centre takes in records also while it cannot keep attachments.
    pub(super) fn open(&self) -> Result<Arc<dyn ObjectStore>, super::DepotFault> {
        match &self.kind {
            Kind::Folder(path) => folder(path),
            Kind::S3 { bucket, prefix, settings } => bucket_of(bucket, prefix, settings),
        }
    }
}

fn folder(path: &Path) -> Result<Arc<dyn ObjectStore>, super::DepotFault> {
    std::fs::create_dir_all(path)?;
    // Said to be held means: on the disk, whatever happens to the power.
    Ok(Arc::new(LocalFileSystem::new_with_prefix(path)?.with_fsync(true)))
}

fn bucket_of(
    bucket: &str,
    prefix: &str,
    settings: &[(String, String)],
) -> Result<Arc<dyn ObjectStore>, super::DepotFault> {
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
    for (name, value) in settings {
        builder = builder.with_config(name.parse()?, value);
    }
    let allow_http = settings.iter().any(|(name, value)| name == "aws_allow_http" && value == "true")
        || std::env::var("AWS_ALLOW_HTTP").is_ok_and(|allowed| allowed == "true");
    let client = ClientOptions::new()
        .with_timeout(PATIENCE)
        .with_connect_timeout(Duration::from_secs(5))
        .with_allow_http(allow_http);
    let retry = RetryConfig { max_retries: 2, retry_timeout: PATIENCE, ..RetryConfig::default() };
    let store = builder.with_client_options(client).with_retry(retry).build()?;
    Ok(if prefix.is_empty() { Arc::new(store) } else { Arc::new(PrefixStore::new(store, prefix)) })
}

impl FromStr for BlobPlace {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let Some(place) = text.strip_prefix("s3://") else {
            let is_folder = !text.is_empty() && !text.contains("://");
            return if is_folder { Ok(Self::folder(text)) } else { Err(NotAPlace::Form(text.to_owned())) };
        };
        if place.contains(['@', '?', '#']) {
            return Err(NotAPlace::Secrets);
        }
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let fits = bucket.len() >= 3
            && bucket.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b));
        if fits { Ok(Self::s3(bucket, prefix.trim_end_matches('/'))) } else { Err(NotAPlace::Form(text.to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket_and_holds_no_secret() {
        let read = |text: &str| text.parse::<BlobPlace>();
        assert!(read("/srv/motcua/blobs") == Ok(BlobPlace::folder("/srv/motcua/blobs")));
        assert!(read("s3://motcua-blobs") == Ok(BlobPlace::s3("motcua-blobs", "")));
        assert!(read("s3://motcua-blobs/hanoi/") == Ok(BlobPlace::s3("motcua-blobs", "hanoi")));
        for text in ["", "s3://", "s3://ab", "s3://Großes", "https://x"] {
            assert!(matches!(read(text), Err(NotAPlace::Form(_))), "{text}");
        }
        for text in ["s3://key:secret@bucket", "s3://bucket?aws_secret_access_key=x"] {
            let fault = read(text).err().unwrap();
            assert_eq!(fault, NotAPlace::Secrets);
            assert!(!fault.to_string().contains("secret@") && fault.to_string().contains("AWS_ACCESS_KEY_ID"));
        }
    }
}
