//! Pictures of the screens, each once: the first time that the play comes to it.

use crate::fault::{Doing, Outcome};
use crate::webdriver::Window;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of pictures.
#[derive(Debug)]
pub struct Shots {
    folder: PathBuf,
}

impl Shots {
    /// Makes the folder.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(folder: &Path) -> Outcome<Self> {
        fs::create_dir_all(folder).doing(format_args!("making {}", folder.display()))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Writes `<name>.png`, unless it is there.
    ///
    /// # Errors
    /// When the window is gone or the file cannot be written.
    pub fn take(&self, window: &Window, name: &str) -> Outcome<()> {
        let file = self.folder.join(format!("{name}.png"));
        if file.exists() { Ok(()) } else { window.screenshot(&file) }
    }
}
