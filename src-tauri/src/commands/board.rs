//! The board's command; see `station`'s `roles::board`.

use crate::shell::Shell;
use station::api::{BoardView, Problem};
use tauri::State;

#[tauri::command(async)]
#[specta::specta]
pub fn board_view(shell: State<'_, Shell>) -> Result<BoardView, Problem> {
    Ok(shell.hall()?.board_view())
}
