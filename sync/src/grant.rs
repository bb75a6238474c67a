//! Grants: a content key, wrapped to a group of readers. They travel beside the chain, so they can be destroyed.

use crate::Refusal;
use crate::protocol::{GroupCard, WrappedKey};
use crate::sign::tagged;
use crate::wire::to_cbor;
use crate::wrap::{Secret, unwrap_with, wrap_to};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The group of the centre that can restore what all others have lost.
pub const RECOVERY: &str = "recovery";

/// Names a content key. Random, so it tells nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub Uuid);

/// One content key for one group.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Grant {
    /// Which content key.
    pub key: KeyId,
    /// Whose records it opens: the text of a subject. Empty on the wire: the events that name the key say it.
    pub subject: String,
    /// Who can unwrap it.
    pub group: String,
    /// With which of the group's keys.
    pub epoch: u32,
    /// The wrapped key.
    pub wrapped: WrappedKey,
}

impl Grant {
    /// Wraps `content_key` for a group.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when the group's key is unusable.
    pub fn new(key: KeyId, subject: &str, group: &GroupCard, content_key: &Secret) -> Result<Self, Refusal> {
        let info = info(key, subject, &group.name, group.epoch);
        let wrapped = wrap_to(&group.public, &info, content_key)?;
        Ok(Self { key, subject: subject.to_owned(), group: group.name.clone(), epoch: group.epoch, wrapped })
    }

    /// The content key, for a member of the group; `None` when this grant is for another key, subject, group or epoch.
    pub fn open(&self, group_private: &Secret) -> Option<Secret> {
        unwrap_with(group_private, &info(self.key, &self.subject, &self.group, self.epoch), &self.wrapped)
    }
}

/// Binds a wrapped key to what it is for.
pub(crate) fn info(key: KeyId, subject: &str, group: &str, epoch: u32) -> Vec<u8> {
    tagged("motcua/grant/1", &to_cbor(&(key, subject, group, epoch)))
}
