//! The main job, played at the sandbox's vendors by the same code.

mod cast;
mod mails;
mod show;
mod stage;
mod story;

pub(crate) use show::{Played, text};
pub(crate) use story::play;
