//! Joins the siblings: files to a history, a database to a catalog, both to findings.

mod accept;
mod apply;
mod backup;
mod check;
mod demo;
mod files;
mod journal;
mod judge;
mod load;
mod look;
mod models;
mod naming;
mod proofs;
mod record;
mod refused;
mod repair;
mod room;
mod rows;
mod runs;
mod stage;
mod status;
mod undo;

pub(crate) use accept::{WantedAcceptance, accept};
pub(crate) use apply::{WantedApply, prepare_apply};
pub(crate) use backup::{
    WantedBackup, WantedRestore, back_up, counted, plan_restore, restore, table, usual_folder,
};
pub(crate) use check::check;
pub(crate) use demo::{Demo, prepare as prepare_demo};
pub(crate) use files::write_whole;
pub(crate) use load::{Connection, Setting};
pub(crate) use naming::Allowed;
pub(crate) use proofs::place as place_of_proof;
pub(crate) use repair::{Form, Repaired, Wanted, repair};
pub(crate) use runs::Ready;
pub(crate) use status::standing;
pub(crate) use undo::{WantedUndo, prepare_undo};

/// Told what is going on, for a progress line.
pub(crate) type Progress<'a> = &'a mut dyn FnMut(&str);
