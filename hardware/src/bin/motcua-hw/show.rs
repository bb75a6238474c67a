//! Shows something on a text display, and asks on a rating pad.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use hardware::display::{Content, DisplayDriver, DisplayProfile};
use hardware::rating::{PadProfile, RatingPad};
use hardware::{Address, Call, Fault};
use serde_json::json;

use crate::{Done, answer, refused};

/// What to show.
#[derive(Args)]
pub struct Show {
    /// Where the display is.
    address: Address,
    /// What it can do.
    #[arg(long, default_value = "vfd-2x20")]
    profile: String,
    #[command(flatten)]
    what: What,
    /// The desk that a ticket is called to.
    #[arg(long, default_value_t = 1)]
    desk: u16,
    /// The how-manieth call it is.
    #[arg(long, default_value_t = 1)]
    times: u8,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct What {
    /// A notice.
    #[arg(long)]
    text: Option<String>,
    /// A ticket that is called.
    #[arg(long)]
    call: Option<String>,
    /// A ticket that is being served.
    #[arg(long)]
    serving: Option<String>,
    /// Nothing.
    #[arg(long)]
    clear: bool,
}

impl Show {
    fn content(self) -> Content {
        let (desk, times) = (self.desk, self.times);
        match self.what {
            What { text: Some(text), .. } => Content::Text { text },
            What { call: Some(number), .. } => Content::Call(Call { number, desk, times }),
            What { serving: Some(number), .. } => Content::Serving { number, desk },
            What { .. } => Content::Blank,
        }
    }

    /// Shows it; exit code 5 when the display has no way to say that it did.
    pub fn run(self) -> Done {
        let profile = DisplayProfile::named(&self.profile)?;
        let address = self.address.clone();
        let shown = DisplayDriver::open(&address, profile).and_then(|mut display| display.show(&self.content()));
        Ok(match shown {
            Ok(shown) => {
                answer(&json!({ "shown": shown }));
                if shown.acknowledged { ExitCode::SUCCESS } else { ExitCode::from(5) }
            }
            Err(fault) => refused(fault),
        })
    }
}

/// Whom to ask.
#[derive(Args)]
pub struct Rate {
    /// Where the pad is.
    address: Address,
    /// What it sends.
    #[arg(long, default_value = "byte-5")]
    profile: String,
    /// How long to wait for a press.
    #[arg(long, default_value_t = 30_000)]
    timeout_ms: u64,
}

impl Rate {
    /// Asks once; exit code 6 when nothing was pressed in time.
    pub fn run(self) -> Done {
        let profile = PadProfile::named(&self.profile)?;
        let of = profile.levels;
        Ok(match self.ask(profile) {
            Ok(Some(level)) => {
                answer(&json!({ "rated": level, "of": of }));
                ExitCode::SUCCESS
            }
            Ok(None) => {
                answer(&json!({ "rated": null }));
                ExitCode::from(6)
            }
            Err(fault) => refused(fault),
        })
    }

    fn ask(&self, profile: PadProfile) -> Result<Option<u8>, Fault> {
        let mut pad = RatingPad::open(&self.address, profile)?;
        pad.invite()?;
        let deadline = Instant::now() + Duration::from_millis(self.timeout_ms);
        while Instant::now() < deadline {
            if let Some(level) = pad.listen(None, deadline)?.first().copied() {
                pad.thank()?;
                pad.rest()?;
                return Ok(Some(level));
            }
        }
        pad.rest()?;
        if pad.sends_junk() { Err(Fault::PadJunk) } else { Ok(None) }
    }
}
