//! The thread of an announcer: one phrase after the other, never two at once.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::post::{Post, Worker};
use crate::announcer::Voice;
use crate::status::{DeviceState, DeviceStatus, Fault, Knowledge};

/// How often the thread looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(100);
/// The longest that a phrase may take: this, and a time for each letter.
const PHRASE: Duration = Duration::from_secs(8);
const LETTER: Duration = Duration::from_millis(150);

struct Phrase {
    text: String,
    reply: Sender<Result<(), Fault>>,
}

/// Asks a supervised announcer to speak. Clones ask the same one.
#[derive(Clone)]
pub struct AnnouncerHandle {
    post: Post,
    phrases: Sender<Phrase>,
}

impl AnnouncerHandle {
    /// Says a phrase when those before it were said; the answer comes when it was said or could not be.
    #[must_use]
    pub fn say(&self, text: &str) -> Receiver<Result<(), Fault>> {
        let (reply, answer) = channel();
        if let Err(unsent) = self.phrases.send(Phrase { text: text.to_owned(), reply }) {
            // The thread ended; our caller holds the receiver.
            let _ = unsent.0.reply.send(Err(Fault::VoiceAbsent));
        }
        answer
    }

    /// How the announcer is, as far as is known.
    #[must_use]
    pub fn status(&self) -> DeviceStatus {
        self.post.status()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.post.name()
    }
}

pub(super) fn start(handle: Post, post: Post, voice: Box<dyn Voice>) -> io::Result<(AnnouncerHandle, Worker)> {
    let (phrases, waiting) = channel();
    let run = post.clone();
    let worker = post.start(move || run_announcer(&run, &waiting, voice))?;
    Ok((AnnouncerHandle { post: handle, phrases }, worker))
}

fn run_announcer(post: &Post, waiting: &Receiver<Phrase>, mut voice: Box<dyn Voice>) {
    let checked = voice.check();
    post.publish(status(checked, voice.standing()));
    while !post.stopped() {
        match waiting.recv_timeout(LOOK) {
            Ok(phrase) => say(post, voice.as_mut(), &phrase),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn say(post: &Post, voice: &mut dyn Voice, phrase: &Phrase) {
    let letters = u32::try_from(phrase.text.chars().count()).unwrap_or(u32::MAX);
    let deadline = Instant::now() + PHRASE + LETTER.saturating_mul(letters);
    let said = voice.say(&phrase.text, deadline);
    if let Err(fault) = said {
        tracing::warn!(device = post.name(), phrase = phrase.text, %fault, "not said aloud");
    }
    post.publish(status(said, voice.standing()));
    // Who asked may have gone.
    let _ = phrase.reply.send(said);
}

/// How a voice is that did as it was asked, or not, and what is wrong besides.
fn status(said: Result<(), Fault>, standing: Option<Fault>) -> DeviceStatus {
    match said.and(standing.map_or(Ok(()), Err)) {
        Ok(()) => DeviceStatus::new(DeviceState::Ready, Vec::new(), Knowledge::Inferred),
        Err(fault) => DeviceStatus::inferred(fault),
    }
}
