//! How a device is: a typed state, typed faults with stable codes, and how we know.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// The state of a device, from not there to in trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Nothing answers at its address.
    Absent,
    /// Being opened.
    Opening,
    /// Works, and says so.
    Ready,
    /// At work.
    Busy,
    /// Works, with less than it should have (paper near its end, no status back).
    Degraded,
    /// Stopped by something that a person can clear (paper out, cover open).
    Blocked,
    /// Stopped by something that standing before it does not clear (line lost, junk in its answers).
    Faulted,
}

/// How a status is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Knowledge {
    /// The device said so.
    Reported,
    /// Concluded by the driver, for instance from a line that closed.
    Inferred,
    /// Nothing is known: the device has no way to say, or has not said yet.
    Unknown,
}

/// What to do about a fault: the one question that a program asks of it before it tries again or calls somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Worth trying again by itself.
    Retry,
    /// The line must be opened anew; the supervisor does it.
    Reconnect,
    /// A person at the device.
    Operator,
    /// A technician: an address, a setting, a permission, a missing program.
    Config,
    /// The far side speaks another language than it was said to, or its words arrive damaged: cable, speed, model.
    Protocol,
    /// This very request was refused, and the same request will be refused again: never retried by itself.
    Rejected,
    /// We asked for what cannot be: our own mistake, to be reported to whoever maintains this program.
    Bug,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident $code:literal $state:ident $remedy:ident;)*) => {
        /// A fault of a device. The code is stable: it stands in the failure catalogue, in logs and in tests.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fault { $($(#[$doc])* $name,)* }

        impl Fault {
            /// Every fault there is, so that a catalogue can prove it is whole.
            pub const ALL: &[Fault] = &[$(Fault::$name,)*];

            /// The stable code, such as `PRINT-PAPER-OUT`.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Fault::$name => $code,)* } }

            /// The fault with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> { Self::ALL.iter().copied().find(|fault| fault.code() == code) }

            /// The state that a device with this fault is in.
            #[must_use]
            pub const fn state(self) -> DeviceState { match self { $(Fault::$name => DeviceState::$state,)* } }

            /// What to do about it.
            #[must_use]
            pub const fn remedy(self) -> Remedy { match self { $(Fault::$name => Remedy::$remedy,)* } }
        }
    };
}

faults! {
    /// The roll is empty.
    PaperOut "PRINT-PAPER-OUT" Blocked Operator;
    /// The roll is nearly empty; printing goes on.
    PaperNearEnd "PRINT-PAPER-NEAR-END" Degraded Operator;
    /// The cover is open.
    CoverOpen "PRINT-COVER-OPEN" Blocked Operator;
    /// The cutter is jammed.
    CutterJam "PRINT-CUTTER-JAM" Blocked Operator;
    /// The print head is too hot; it recovers by itself.
    HeadHot "PRINT-HEAD-HOT" Blocked Retry;
    /// The printer says it is off line and gives no cause.
    PrinterOffline "PRINT-OFFLINE" Blocked Operator;
    /// The printer says it has an error that only switching it off, or a service, clears.
    PrinterBroken "PRINT-BROKEN" Faulted Operator;
    /// The line to a printer that cannot answer took no more bytes of a job for longer than the slowest line would need.
    PrinterStalled "PRINT-STALLED" Faulted Reconnect;
    /// A job began and its end is not known: it is not printed again until a person has looked.
    PrintInDoubt "PRINT-IN-DOUBT" Ready Operator;
    /// The journal of print jobs cannot be written or read: nothing is printed that is not noted first.
    PrintJournal "PRINT-JOURNAL" Ready Operator;
    /// A job that was printed is asked for again with other paper under the same name.
    PrintJobChanged "PRINT-JOB-CHANGED" Ready Config;
    /// The line is open and the printer does not answer.
    PrinterNoAnswer "PRINT-NO-ANSWER" Faulted Reconnect;
    /// The printer answers with bytes that are no status.
    PrinterJunk "PRINT-JUNK" Faulted Protocol;
    /// The line to the printer closed.
    PrinterLineLost "PRINT-LINE-LOST" Faulted Reconnect;
    /// The printer's address cannot be opened: nothing is there.
    PrinterAbsent "PRINT-ABSENT" Absent Reconnect;
    /// The printer is there, and this account may not use it.
    PrinterDenied "PRINT-DENIED" Faulted Config;
    /// The printer is there, and another program holds it.
    PrinterInUse "PRINT-IN-USE" Faulted Reconnect;
    /// The print spooler has no queue of this name.
    QueueAbsent "PRINT-QUEUE-ABSENT" Absent Config;
    /// The queue is stopped: it takes jobs and prints none.
    QueueStopped "PRINT-QUEUE-STOPPED" Blocked Operator;
    /// The queue takes no jobs.
    QueueRejecting "PRINT-QUEUE-REJECTING" Blocked Operator;
    /// The print spooler does not answer.
    SpoolerDown "PRINT-SPOOLER-DOWN" Faulted Reconnect;
    /// The spooler gave this very job up, or somebody canceled it.
    JobRejected "PRINT-JOB-REJECTED" Ready Rejected;
    /// Paper is jammed in the printer.
    PaperJam "PRINT-JAM" Blocked Operator;
    /// The document printer, its queue or its folder is not there.
    DocumentPrinterAbsent "DOC-PRINT-ABSENT" Absent Config;
    /// This account may not use the document printer or write into its folder.
    DocumentPrinterDenied "DOC-PRINT-DENIED" Faulted Config;
    /// The document printer's queue is stopped or takes no jobs.
    DocumentPrinterStopped "DOC-PRINT-STOPPED" Blocked Operator;
    /// The print spooler does not answer.
    DocumentSpoolerDown "DOC-PRINT-SPOOLER-DOWN" Faulted Reconnect;
    /// The document printer needs a person: paper, cover, a jam.
    DocumentPrinterBlocked "DOC-PRINT-BLOCKED" Blocked Operator;
    /// The document printer cannot be reached by the spooler.
    DocumentPrinterOffline "DOC-PRINT-OFFLINE" Blocked Operator;
    /// The spooler refused this very document, gave it up, or somebody canceled it.
    DocumentRefused "DOC-PRINT-REFUSED" Ready Rejected;
    /// The number of a job was used before for another document.
    DocumentNumberReused "DOC-PRINT-NUMBER-REUSED" Ready Bug;
    /// The folder takes no more files: the disk is full or failed.
    DocumentFolderFull "DOC-PRINT-FULL" Faulted Operator;
    /// What was to be printed does not fit this printer (a QR code wider than the paper).
    PaperUnprintable "PRINT-UNPRINTABLE" Ready Rejected;
    /// The line to the scanner closed.
    ScannerLineLost "SCAN-LINE-LOST" Faulted Reconnect;
    /// The scanner's address cannot be opened: nothing is there.
    ScannerAbsent "SCAN-ABSENT" Absent Reconnect;
    /// The scanner is there, and this account may not use it.
    ScannerDenied "SCAN-DENIED" Faulted Config;
    /// The scanner is there, and another program holds it.
    ScannerInUse "SCAN-IN-USE" Faulted Reconnect;
    /// What was scanned is not the text it should be: the scanner is set to another encoding.
    ScanEncoding "SCAN-ENCODING" Ready Config;
    /// More than 4 kB with no end.
    ScanTooLong "SCAN-TOO-LONG" Ready Config;
    /// The document scanner's address cannot be opened: it is off, unplugged, or the folder is not there.
    DocumentScannerAbsent "DOC-SCAN-ABSENT" Absent Reconnect;
    /// The document scanner is there, and this account may not use it.
    DocumentScannerDenied "DOC-SCAN-DENIED" Absent Config;
    /// The program that drives document scanners is not installed.
    DocumentScannerToolAbsent "DOC-SCAN-TOOL-ABSENT" Absent Config;
    /// Another program scans.
    DocumentScannerBusy "DOC-SCAN-BUSY" Blocked Retry;
    /// Paper is jammed in the feeder; the pages before it are kept.
    DocumentScannerJam "DOC-SCAN-JAM" Blocked Operator;
    /// The document scanner's cover is open.
    DocumentScannerCoverOpen "DOC-SCAN-COVER-OPEN" Blocked Operator;
    /// There was no paper in the feeder, or no file came into the folder.
    DocumentScannerEmpty "DOC-SCAN-EMPTY" Ready Operator;
    /// The document scanner cannot scan as it was asked to (resolution, colours, source, size).
    DocumentScannerOption "DOC-SCAN-OPTION" Ready Config;
    /// The document scanner failed in the midst; the pages before are kept.
    DocumentScannerFailed "DOC-SCAN-FAILED" Faulted Retry;
    /// The document scanner was silent for too long and was stopped.
    DocumentScannerTimeout "DOC-SCAN-TIMEOUT" Faulted Retry;
    /// The folder for the pages cannot be written: full, or no permission.
    DocumentScannerFolder "DOC-SCAN-FOLDER" Ready Config;
    /// There is no card reader of this name.
    ChipReaderAbsent "CHIP-READER-ABSENT" Absent Reconnect;
    /// The system's service for card readers does not run.
    ChipServiceDown "CHIP-SERVICE-DOWN" Faulted Reconnect;
    /// Another program holds the card in the reader.
    ChipReaderBusy "CHIP-READER-BUSY" Faulted Reconnect;
    /// The reader is empty.
    ChipNoCard "CHIP-NO-CARD" Ready Operator;
    /// The card was taken away while it was read. Says nothing about the key.
    ChipRemoved "CHIP-REMOVED" Ready Operator;
    /// The card weighed the key and refused it. The same key is never sent again by itself.
    ChipWrongKey "CHIP-WRONG-KEY" Ready Rejected;
    /// The card has blocked this key.
    ChipLocked "CHIP-LOCKED" Ready Rejected;
    /// The card does not open with a key of this kind: it wants the machine-readable zone.
    ChipKeyKind "CHIP-KEY-KIND" Ready Rejected;
    /// The chip's answers make no sense.
    ChipUnreadable "CHIP-UNREADABLE" Ready Operator;
    /// What is on the chip is not what was signed.
    ChipForged "CHIP-FORGED" Ready Rejected;
    /// The chip cannot prove that it is no copy.
    ChipClone "CHIP-CLONE" Ready Rejected;
    /// The card did not answer in time.
    ChipTimeout "CHIP-TIMEOUT" Ready Operator;
    /// The line to the board closed.
    BoardLineLost "BOARD-LINE-LOST" Faulted Reconnect;
    /// The board does not acknowledge.
    BoardNoAnswer "BOARD-NO-ANSWER" Faulted Reconnect;
    /// The board's address cannot be opened: nothing is there.
    BoardAbsent "BOARD-ABSENT" Absent Reconnect;
    /// The board is there, and this account may not use it.
    BoardDenied "BOARD-DENIED" Faulted Config;
    /// The board is there, and another program holds it.
    BoardInUse "BOARD-IN-USE" Faulted Reconnect;
    /// The board refused what it was told to show.
    BoardRefused "BOARD-REFUSED" Ready Rejected;
    /// The line to the display closed.
    DisplayLineLost "DISPLAY-LINE-LOST" Faulted Reconnect;
    /// The display takes no bytes, or does not acknowledge.
    DisplayNoAnswer "DISPLAY-NO-ANSWER" Faulted Reconnect;
    /// The display's address cannot be opened.
    DisplayAbsent "DISPLAY-ABSENT" Absent Reconnect;
    /// What was to be shown may not be shown in public, or does not fit this display.
    DisplayRefused "DISPLAY-REFUSED" Ready Rejected;
    /// The rating pad's address cannot be opened.
    PadAbsent "PAD-ABSENT" Absent Reconnect;
    /// The line to the rating pad closed.
    PadLineLost "PAD-LINE-LOST" Faulted Reconnect;
    /// The rating pad sends what is no button of its profile.
    PadJunk "PAD-JUNK" Degraded Protocol;
    /// There is no Vietnamese voice on this machine; phrases go to the log.
    VoiceAbsent "VOICE-ABSENT" Degraded Config;
    /// The voice did not finish in time and was stopped.
    VoiceHung "VOICE-HUNG" Degraded Retry;
    /// The voice ended with an error.
    VoiceFailed "VOICE-FAILED" Degraded Config;
    /// A recorded clip that a phrase needs is not there; the next voice spoke, if there is one.
    VoiceClipMissing "VOICE-CLIP-MISSING" Degraded Config;
    /// There is no program that plays sound.
    VoicePlayerAbsent "VOICE-PLAYER-ABSENT" Degraded Config;
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// One thing that is wrong with a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What is wrong.
    pub code: Fault,
    /// How this is known.
    pub known: Knowledge,
    /// Since when it is so.
    pub since: Timestamp,
}

/// How a device is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceStatus {
    /// Its state.
    pub state: DeviceState,
    /// Everything that is wrong, the gravest first. Empty when nothing is.
    pub causes: Vec<Cause>,
    /// How the state is known.
    pub knowledge: Knowledge,
    /// Since when it is so.
    pub since: Timestamp,
}

impl DeviceStatus {
    /// A status that begins now.
    #[must_use]
    pub fn new(state: DeviceState, faults: Vec<Fault>, knowledge: Knowledge) -> Self {
        let since = Timestamp::now();
        let causes = faults.into_iter().map(|code| Cause { code, known: knowledge, since }).collect();
        Self { state, causes, knowledge, since }
    }

    /// The status that a fault concluded by the driver makes.
    #[must_use]
    pub fn inferred(fault: Fault) -> Self {
        Self::new(fault.state(), vec![fault], Knowledge::Inferred)
    }

    /// The gravest fault.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.faults().next()
    }

    /// Everything that is wrong, the gravest first.
    pub fn faults(&self) -> impl Iterator<Item = Fault> + '_ {
        self.causes.iter().map(|cause| cause.code)
    }

    /// Whether the device can do its work now.
    #[must_use]
    pub fn works(&self) -> bool {
        matches!(self.state, DeviceState::Ready | DeviceState::Busy | DeviceState::Degraded)
    }

    /// Whether `other` says the same, whenever it began.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.state == other.state && self.knowledge == other.knowledge && self.faults().eq(other.faults())
    }

    /// The same, with each cause that was already there before keeping the time at which it began.
    #[must_use]
    pub fn following(mut self, before: &Self) -> Self {
        for cause in &mut self.causes {
            if let Some(known) = before.causes.iter().find(|known| known.code == cause.code) {
                cause.since = known.since;
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_named_for_their_device() {
        let codes: HashSet<_> = Fault::ALL.iter().map(|fault| fault.code()).collect();
        assert_eq!(codes.len(), Fault::ALL.len());
        for code in codes {
            let devices = ["PRINT-", "SCAN-", "CHIP-", "DOC-", "BOARD-", "DISPLAY-", "PAD-", "VOICE-"];
            assert!(devices.iter().any(|device| code.starts_with(device)), "{code}");
        }
    }

    #[test]
    fn what_a_remedy_promises_agrees_with_the_state() {
        for fault in Fault::ALL {
            let (state, remedy) = (fault.state(), fault.remedy());
            // A refused request says nothing against the device; a blocked device waits for a person, or for itself.
            assert!(remedy != Remedy::Rejected || state == DeviceState::Ready, "{fault}");
            assert!(
                state != DeviceState::Blocked || matches!(remedy, Remedy::Operator | Remedy::Retry),
                "{fault} is blocked and asks for {remedy:?}"
            );
        }
    }

    #[test]
    fn a_status_serialises_with_codes() {
        let status = DeviceStatus::inferred(Fault::PaperOut);
        let json = serde_json::to_value(&status).unwrap();
        assert_eq!(json["state"], "blocked");
        assert_eq!(json["causes"][0]["code"], "PRINT-PAPER-OUT");
        assert_eq!(json["causes"][0]["known"], "inferred");
        assert_eq!(json["knowledge"], "inferred");
    }

    #[test]
    fn a_cause_that_stays_keeps_its_time() {
        let begun = Timestamp::UNIX_EPOCH;
        let mut before = DeviceStatus::inferred(Fault::PaperOut);
        before.causes[0].since = begun;
        let both = vec![Fault::CoverOpen, Fault::PaperOut];
        let after = DeviceStatus::new(DeviceState::Blocked, both, Knowledge::Reported).following(&before);
        assert_ne!(after.causes[0].since, begun);
        assert_eq!(after.causes[1].since, begun);
    }
}
