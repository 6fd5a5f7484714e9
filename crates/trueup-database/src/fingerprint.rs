//! Hashes of catalogs and scripts: what a proof was made for, in a few characters.

use trueup_model::Catalog;
use trueup_model::proof::Fingerprint;
use trueup_model::repair::{Script, ScriptPart};

/// Changes whenever the same catalog would be hashed otherwise: an older proof then counts for nothing.
const FORM: &str = "trueup fingerprint 1\n";

/// Of everything in a catalog but the version of its server. Two servers spell some expressions in two ways, so that
/// only fingerprints from one server tell whether something has changed.
pub fn of_catalog(catalog: &Catalog) -> Fingerprint {
    let mut hasher = blake3::Hasher::new();
    hasher.update(FORM.as_bytes());
    for entry in catalog.entries() {
        hasher.update(format!("{entry:?}\n").as_bytes());
    }
    Fingerprint(*hasher.finalize().as_bytes())
}

/// Of what a script does, not of what it says about itself.
pub fn of_script(script: &Script) -> Fingerprint {
    let mut hasher = blake3::Hasher::new();
    hasher.update(FORM.as_bytes());
    let mut take = |part: &ScriptPart| {
        hasher.update(&part.text.len().to_le_bytes());
        hasher.update(part.text.as_bytes());
        hasher.update(&[u8::from(part.transactional)]);
    };
    script.up.iter().for_each(&mut take);
    if let Ok(down) = &script.down {
        down.iter().for_each(&mut take);
    }
    hasher.update(&[u8::from(script.down.is_ok())]);
    hasher.update(&script.up.len().to_le_bytes());
    Fingerprint(*hasher.finalize().as_bytes())
}
