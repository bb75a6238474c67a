//! The commands: one a use case, each only passes on. They run off the main thread, so that a slow disk never freezes a
//! window.

pub mod board;
pub mod counter;
pub mod dock;
pub mod kiosk;

use crate::shell::Shell;
use station::api::{About, Problem};
use tauri::State;

/// Which window this is.
#[tauri::command(async)]
#[specta::specta]
pub fn about(shell: State<'_, Shell>) -> Result<About, Problem> {
    shell.opened().map(|opened| opened.about())
}
