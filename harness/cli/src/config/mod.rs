//! `proofhouse.toml`.

mod indirect;
mod load;
mod model;

pub(crate) use indirect::read_indirect;
pub(crate) use load::load;
pub(crate) use model::{
    ConfigFile, DataMode, EffectName, IdentityTable, LoginTable, OAuth2Table, OperationTable, RefreshTable,
};
