//! The commands: one a use case, each only passes on. They run on threads of their own, neither the window's nor the few that
//! carry all calls, so that a slow disk or a network that swallows everything holds up nobody else.

pub mod board;
pub mod counter;
pub mod dock;
pub mod kiosk;

use crate::shell::Shell;
use station::api::{About, Problem};
use tauri::State;

/// Which window this is.
#[tauri::command]
#[specta::specta]
pub async fn about(shell: State<'_, Shell>) -> Result<About, Problem> {
    shell.ask(|shell| shell.opened().map(|opened| opened.about())).await
}
