//! The board's command; see `station`'s `roles::board`.

use crate::shell::Shell;
use station::api::{BoardView, Problem};
use tauri::State;

#[tauri::command]
#[specta::specta]
pub async fn board_view(shell: State<'_, Shell>) -> Result<BoardView, Problem> {
    shell.ask(move |shell| Ok(shell.hall()?.board_view())).await
}
