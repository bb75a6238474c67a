//! The counter's commands; see `station`'s `roles::counter`.

use crate::shell::Shell;
use station::api::dossiers::{
    AmendAsk, AmendView, AuthorityView, BookView, DossierList, DossierView, MoneyAsk, TillView, WorkAsk,
};
use station::api::papers::{HandedOver, PapersView, SheetsCounted};
use station::api::queue::{PauseWhy, TransferAsk};
use station::api::{
    AcceptAsk, Accepted, CounterView, EarlierView, OfficerTile, PaperOffer, Person, Problem, ProcedureTile, Quote,
    TicketRow,
};
use station::outbox::OutboxView;
use tauri::State;

#[tauri::command]
#[specta::specta]
pub async fn counter_officers(shell: State<'_, Shell>) -> Result<Vec<OfficerTile>, Problem> {
    shell.ask(move |shell| shell.station()?.counter_officers()).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_sign_in(shell: State<'_, Shell>, officer: String, pin: String) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_sign_in(&officer, &pin)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_sign_out(shell: State<'_, Shell>) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_sign_out()).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_view(shell: State<'_, Shell>) -> Result<CounterView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_view()).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_call_next(shell: State<'_, Shell>) -> Result<Option<TicketRow>, Problem> {
    shell.ask(move |shell| shell.station()?.counter_call_next()).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_recall(shell: State<'_, Shell>) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_recall()).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_no_show(shell: State<'_, Shell>) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_no_show()).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_close(shell: State<'_, Shell>) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_close()).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_park(shell: State<'_, Shell>) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_park()).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_take_back(shell: State<'_, Shell>, visit: String) -> Result<TicketRow, Problem> {
    shell.ask(move |shell| shell.station()?.counter_take_back(&visit)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_send_back(shell: State<'_, Shell>, visit: Option<String>) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_send_back(visit.as_deref())).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_transfer(shell: State<'_, Shell>, to: TransferAsk) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_transfer(to)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_add_service(shell: State<'_, Shell>, procedure: String) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_add_service(&procedure)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_pause(shell: State<'_, Shell>, why: PauseWhy) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_pause(why)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_resume(shell: State<'_, Shell>) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_resume()).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_open_person(shell: State<'_, Shell>) -> Result<Option<Person>, Problem> {
    shell.ask(move |shell| shell.station()?.counter_open_person()).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_earlier(shell: State<'_, Shell>, number: String) -> Result<EarlierView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_earlier(&number)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_read_chip(shell: State<'_, Shell>, can: Option<String>) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_read_chip(can.as_deref())).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_chip_photo(shell: State<'_, Shell>) -> Result<Option<String>, Problem> {
    shell.ask(move |shell| shell.station()?.counter_chip_photo()).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_procedures(shell: State<'_, Shell>, words: String) -> Result<Vec<ProcedureTile>, Problem> {
    shell.ask(move |shell| shell.station()?.counter_procedures(&words)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_quote(
    shell: State<'_, Shell>,
    procedure: String,
    pages: Option<u32>,
    copies: Option<u32>,
) -> Result<Quote, Problem> {
    shell.ask(move |shell| shell.station()?.counter_quote(&procedure, pages, copies)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_offers(shell: State<'_, Shell>, procedure: String) -> Result<Vec<PaperOffer>, Problem> {
    shell.ask(move |shell| shell.station()?.counter_offers(&procedure)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_accept(shell: State<'_, Shell>, ask: AcceptAsk) -> Result<Accepted, Problem> {
    shell.ask(move |shell| shell.station()?.counter_accept(ask)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_register(shell: State<'_, Shell>, ask: AcceptAsk) -> Result<Accepted, Problem> {
    shell.ask(move |shell| shell.station()?.counter_register(ask)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_dossiers(shell: State<'_, Shell>, words: String) -> Result<DossierList, Problem> {
    shell.ask(move |shell| shell.station()?.counter_dossiers(&words)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_dossier(shell: State<'_, Shell>, dossier: String) -> Result<DossierView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_dossier(&dossier)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_work(
    shell: State<'_, Shell>,
    dossier: String,
    ask: WorkAsk,
    note: String,
) -> Result<DossierView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_work(&dossier, ask, &note)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_authority(
    shell: State<'_, Shell>,
    procedure: String,
    residence: String,
) -> Result<AuthorityView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_authority(&procedure, &residence)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_amend_view(shell: State<'_, Shell>, dossier: String) -> Result<AmendView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_amend_view(&dossier)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_amend(shell: State<'_, Shell>, dossier: String, ask: AmendAsk) -> Result<DossierView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_amend(&dossier, ask)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_settle(
    shell: State<'_, Shell>,
    dossier: String,
    event: String,
    note: String,
) -> Result<DossierView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_settle(&dossier, &event, &note)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_money(
    shell: State<'_, Shell>,
    dossier: String,
    ask: MoneyAsk,
    note: String,
) -> Result<DossierView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_money(&dossier, ask, &note)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_till(shell: State<'_, Shell>) -> Result<TillView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_till()).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_close_till(shell: State<'_, Shell>, counted: u32) -> Result<TillView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_close_till(counted)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_control_slip(shell: State<'_, Shell>, dossier: String) -> Result<String, Problem> {
    shell.ask(move |shell| shell.station()?.counter_control_slip(&dossier)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_book(shell: State<'_, Shell>, from: String, until: String) -> Result<BookView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_book(&from, &until)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_papers(shell: State<'_, Shell>) -> Result<PapersView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_papers()).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_hand_over(
    shell: State<'_, Shell>,
    to: String,
    rows: Vec<SheetsCounted>,
) -> Result<HandedOver, Problem> {
    shell.ask(move |shell| shell.station()?.counter_hand_over(&to, rows)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_hand_over_paper(shell: State<'_, Shell>, number: String) -> Result<HandedOver, Problem> {
    shell.ask(move |shell| shell.station()?.counter_hand_over_paper(&number)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_receive_papers(shell: State<'_, Shell>, dossiers: Vec<String>) -> Result<PapersView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_receive_papers(&dossiers)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_return(shell: State<'_, Shell>, dossier: String) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_return(&dossier)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_settle_paper(shell: State<'_, Shell>, visit: String, came_out: bool) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_settle_paper(&visit, came_out)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_reprint(shell: State<'_, Shell>, visit: String) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_reprint(&visit)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_admit(shell: State<'_, Shell>, text: String) -> Result<TicketRow, Problem> {
    shell.ask(move |shell| shell.station()?.counter_admit(&text)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_outbox(
    shell: State<'_, Shell>,
    open: bool,
    before: Option<String>,
) -> Result<OutboxView, Problem> {
    shell.ask(move |shell| shell.station()?.counter_outbox(open, before.as_deref())).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_ask_again(shell: State<'_, Shell>, id: String) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_ask_again(&id)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_export_aside(shell: State<'_, Shell>, id: String) -> Result<String, Problem> {
    shell.ask(move |shell| shell.station()?.counter_export_aside(&id)).await
}

#[tauri::command]
#[specta::specta]
pub async fn counter_reissue(shell: State<'_, Shell>) -> Result<(), Problem> {
    shell.ask(move |shell| shell.station()?.counter_reissue()).await
}
