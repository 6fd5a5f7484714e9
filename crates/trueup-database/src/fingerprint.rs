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

/// Of a text whatever its line ends are: tools that keep versions change these.
pub fn of_text(text: &str) -> Fingerprint {
    Fingerprint(*blake3::hash(text.replace("\r\n", "\n").as_bytes()).as_bytes())
}

/// Of what a script does on its way up, not of what it says about itself, nor of its way back.
pub fn of_script(script: &Script) -> Fingerprint {
    let mut hasher = blake3::Hasher::new();
    hasher.update(FORM.as_bytes());
    let mut take = |part: &ScriptPart| {
        hasher.update(&part.text.len().to_le_bytes());
        hasher.update(part.text.as_bytes());
        let rows = part.copy_data.as_deref().unwrap_or_default();
        hasher.update(&rows.len().to_le_bytes());
        hasher.update(rows.as_bytes());
        hasher.update(&[u8::from(part.transactional)]);
    };
    script.up.iter().for_each(&mut take);
    hasher.update(&script.up.len().to_le_bytes());
    Fingerprint(*hasher.finalize().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(up: &[&str], down: Result<&[&str], &str>) -> Script {
        let part = |text: &&str| ScriptPart::new("", *text, true);
        Script {
            title: String::new(),
            head: Vec::new(),
            up: up.iter().map(part).collect(),
            down: down.map(|parts| parts.iter().map(part).collect()).map_err(str::to_owned),
        }
    }

    #[test]
    fn a_script_is_known_by_what_it_does() {
        let known = of_script(&script(&["a", "b"], Ok(&["c"])));
        let mut spoken_of = script(&["a", "b"], Ok(&["c"]));
        spoken_of.title = "another".to_owned();
        spoken_of.up[0].comment = "said otherwise".to_owned();
        assert_eq!(known, of_script(&spoken_of));
        assert_eq!(known, of_script(&script(&["a", "b"], Err("none"))));
        for other in
            [script(&["ab"], Ok(&["c"])), script(&["a", "b", "c"], Ok(&[])), script(&["b", "a"], Ok(&["c"]))]
        {
            assert_ne!(known, of_script(&other));
        }
        let mut alone = script(&["a", "b"], Ok(&["c"]));
        alone.up[1].transactional = false;
        assert_ne!(known, of_script(&alone));
    }
}
