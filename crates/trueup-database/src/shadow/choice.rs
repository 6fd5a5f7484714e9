//! Which shadow a history is replayed on: decided from what is at hand and what is needed, and said aloud.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{LocalServer, ShadowError};

/// What the user asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShadowRequest {
    Auto,
    Embedded,
    /// Binaries in this folder; without one, the best that are installed.
    Local(Option<PathBuf>),
    Url,
}

/// What the history and the live database ask of a shadow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    pub live_major: Option<u32>,
    /// Extensions that the history creates.
    pub extensions: BTreeSet<String>,
    /// Collations of the ICU provider are used.
    pub icu: bool,
}

/// What could be a shadow here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AtHand {
    pub embedded: Option<Offer>,
    pub local: Vec<LocalServer>,
}

/// What the embedded server can do, known without starting it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub version: u32,
    pub version_text: String,
    pub extensions: BTreeSet<String>,
    /// Extensions of which it has only the declarations.
    pub stand_ins: BTreeSet<String>,
    pub icu: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub which: Which,
    /// What was chosen and why, in one sentence.
    pub sentence: String,
    /// Nobody asked for anything and nothing is lacking: not worth saying.
    pub is_usual: bool,
    /// What this shadow cannot check, a sentence each.
    pub unchecked: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// With these of its bundled extensions made available.
    Embedded {
        extensions: Vec<String>,
    },
    Local(LocalServer),
    Url,
}

/// Chooses. An error means that what was asked for is not here.
pub fn choose(request: &ShadowRequest, need: &Need, at_hand: &AtHand) -> Result<Choice, ShadowError> {
    match request {
        ShadowRequest::Url => Ok(Choice {
            which: Which::Url,
            sentence: "the history is replayed in a scratch database on the server of the shadow's URL".to_owned(),
            is_usual: false,
            unchecked: Vec::new(),
        }),
        ShadowRequest::Embedded => match candidates(need, at_hand).into_iter().find(Candidate::is_embedded) {
            Some(embedded) => Ok(embedded.chosen(need, "as asked for")),
            None => Err(ShadowError::NotAtHand(
                "this build of trueup has no embedded PostgreSQL; use --shadow local or --shadow postgresql://…"
                    .to_owned(),
            )),
        },
        ShadowRequest::Local(folder) => {
            let local = candidates(need, at_hand).into_iter().filter(|candidate| !candidate.is_embedded());
            match local.min_by_key(Candidate::rank) {
                Some(best) => Ok(best.chosen(need, "as asked for")),
                None => Err(ShadowError::NotAtHand(no_binaries(folder.as_ref()))),
            }
        }
        ShadowRequest::Auto => automatic(need, at_hand),
    }
}

fn automatic(need: &Need, at_hand: &AtHand) -> Result<Choice, ShadowError> {
    let candidates = candidates(need, at_hand);
    let embedded_lacks =
        candidates.iter().find(|candidate| candidate.is_embedded()).map(|one| one.lacks.clone());
    let Some(best) = candidates.into_iter().min_by_key(Candidate::rank) else {
        return Err(ShadowError::NotAtHand(
            "there is no PostgreSQL to replay the history on: this build has no embedded one, and neither initdb \
             nor postgres was found; install PostgreSQL, or use --shadow postgresql://…"
                .to_owned(),
        ));
    };
    let reason = match embedded_lacks {
        None => "because this build has no embedded one".to_owned(),
        Some(_) if best.is_embedded() && best.lacks.is_empty() && best.stood_in.is_empty() => {
            "which has all that the history needs".to_owned()
        }
        Some(_) if best.is_embedded() && best.lacks.is_empty() => {
            "which has or knows all that the history needs".to_owned()
        }
        Some(_) if best.is_embedded() => "because nothing better is installed here".to_owned(),
        Some(lacks) => format!("because the embedded one lacks {}", in_words(&lacks)),
    };
    let is_usual = best.is_embedded() && best.lacks.is_empty() && best.stood_in.is_empty();
    Ok(Choice { is_usual, ..best.chosen(need, &reason) })
}

struct Candidate {
    which: Which,
    version: u32,
    name: String,
    /// What is needed and not there, in words.
    lacks: Vec<String>,
    /// Extensions that are there by their declarations only.
    stood_in: Vec<String>,
    older_than_live: bool,
    distance: u32,
}

fn candidates(need: &Need, at_hand: &AtHand) -> Vec<Candidate> {
    let embedded = at_hand.embedded.iter().map(|offer| {
        let all = offer.extensions.union(&offer.stand_ins).cloned().collect();
        let extensions = need.extensions.intersection(&offer.extensions).cloned().collect();
        let mut candidate = candidate(
            Which::Embedded { extensions },
            format!("the embedded PostgreSQL {}", offer.version_text),
            (offer.version, &all, offer.icu),
            need,
        );
        candidate.stood_in = need.extensions.intersection(&offer.stand_ins).cloned().collect();
        candidate
    });
    let local = at_hand.local.iter().map(|server| {
        candidate(
            Which::Local(server.clone()),
            format!("PostgreSQL {} of {}", short_version(&server.version_text), server.bin.display()),
            (server.version, &server.extensions, server.icu),
            need,
        )
    });
    embedded.chain(local).collect()
}

fn candidate(
    which: Which,
    name: String,
    (version, extensions, icu): (u32, &BTreeSet<String>, bool),
    need: &Need,
) -> Candidate {
    let major = version / 10_000;
    let mut lacks: Vec<String> =
        need.extensions.difference(extensions).map(|name| format!("the extension {name}")).collect();
    if need.icu && !icu {
        lacks.push("ICU collations".to_owned());
    }
    let live = need.live_major.unwrap_or(major);
    if major < live {
        lacks.push(format!("what is new in PostgreSQL {live}"));
    }
    let older_than_live = major < live;
    Candidate {
        which,
        version,
        name,
        lacks,
        stood_in: Vec::new(),
        older_than_live,
        distance: major.abs_diff(live),
    }
}

impl Candidate {
    fn is_embedded(&self) -> bool {
        matches!(self.which, Which::Embedded { .. })
    }

    /// The lowest is the best. Nothing is better than to lack nothing; then the embedded server, which starts
    /// fastest; among the others the one nearest to the live server.
    fn rank(&self) -> (usize, bool, bool, u32, Reverse<u32>) {
        let complete_and_embedded = self.lacks.is_empty() && self.is_embedded();
        (
            self.lacks.len(),
            self.older_than_live,
            !complete_and_embedded,
            self.distance * 2 + u32::from(!self.is_embedded()),
            Reverse(self.version),
        )
    }

    /// What the catalogs of the live server keep and those of an older shadow do not.
    fn not_compared(&self, need: &Need) -> Option<String> {
        let kept_since_18 = need.live_major? >= 18 && self.version / 10_000 < 18;
        kept_since_18.then(|| {
            format!(
                "{} keeps no names and no validity of NOT NULL constraints: they are not compared",
                self.name
            )
        })
    }

    fn chosen(self, need: &Need, reason: &str) -> Choice {
        let mut unchecked: Vec<String> = self
            .lacks
            .iter()
            .map(|lack| {
                format!("{} lacks {lack}: statements that need it fail there and are not checked", self.name)
            })
            .collect();
        unchecked.extend(self.not_compared(need));
        if !self.stood_in.is_empty() {
            unchecked.push(format!(
                "{} knows {} by declaration only: rows that a migration computes with it are not checked",
                self.name,
                in_words(&self.stood_in)
            ));
        }
        let live = need.live_major.unwrap_or(self.version / 10_000);
        if self.version / 10_000 > live {
            unchecked.push(format!(
                "the database runs PostgreSQL {live} and the shadow is {}: a statement that only the newer one \
                 accepts is not noticed",
                self.name
            ));
        }
        Choice {
            which: self.which,
            sentence: format!("the history is replayed on {}, {reason}", self.name),
            is_usual: false,
            unchecked,
        }
    }
}

fn no_binaries(folder: Option<&PathBuf>) -> String {
    match folder {
        Some(folder) => format!(
            "there is no PostgreSQL 13 or newer in {}: both initdb and postgres are needed; \
             name the folder that holds them: --shadow local:FOLDER",
            folder.display()
        ),
        None => {
            "no PostgreSQL 13 or newer is installed where trueup looks: both initdb and postgres are needed; \
                 name the folder that holds them: --shadow local:FOLDER"
                .to_owned()
        }
    }
}

fn short_version(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or(text)
}

fn in_words(things: &[String]) -> String {
    match things {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn here(local: &[(u32, &[&str])]) -> AtHand {
        let server = |(major, extensions): &(u32, &[&str])| LocalServer {
            bin: PathBuf::from(format!("/pg/{major}/bin")),
            version: major * 10_000,
            version_text: format!("{major}.0"),
            extensions: names(extensions),
            icu: true,
        };
        AtHand {
            embedded: Some(Offer {
                version: 170_005,
                version_text: "17.5".to_owned(),
                extensions: names(&["citext", "plpgsql"]),
                stand_ins: names(&["pgcrypto"]),
                icu: false,
            }),
            local: local.iter().map(server).collect(),
        }
    }

    #[track_caller]
    fn check(request: ShadowRequest, need: Need, at_hand: &AtHand, expected: &str, unchecked: &[&str]) {
        let choice = choose(&request, &need, at_hand).unwrap();
        assert_eq!(choice.sentence, expected);
        assert_eq!(choice.unchecked, unchecked);
    }

    #[test]
    fn the_embedded_one_where_it_lacks_nothing() {
        check(
            ShadowRequest::Auto,
            Need { live_major: Some(17), extensions: names(&["citext"]), icu: false },
            &here(&[(17, &["citext"])]),
            "the history is replayed on the embedded PostgreSQL 17.5, which has all that the history needs",
            &[],
        );
    }

    #[test]
    fn the_nearest_local_one_that_has_the_extension() {
        check(
            ShadowRequest::Auto,
            Need { live_major: Some(15), extensions: names(&["postgis"]), icu: false },
            &here(&[(18, &["postgis"]), (15, &["postgis"]), (14, &["postgis"]), (16, &[])]),
            "the history is replayed on PostgreSQL 15.0 of /pg/15/bin, because the embedded one lacks the extension \
             postgis",
            &[],
        );
    }

    #[test]
    fn a_newer_live_server_needs_a_newer_shadow() {
        let need = Need { live_major: Some(18), ..Need::default() };
        check(
            ShadowRequest::Auto,
            need.clone(),
            &here(&[(15, &[]), (18, &[])]),
            "the history is replayed on PostgreSQL 18.0 of /pg/18/bin, because the embedded one lacks what is new in \
             PostgreSQL 18",
            &[],
        );
        check(
            ShadowRequest::Auto,
            need,
            &here(&[(15, &[])]),
            "the history is replayed on the embedded PostgreSQL 17.5, because nothing better is installed here",
            &[
                "the embedded PostgreSQL 17.5 lacks what is new in PostgreSQL 18: statements that need it fail there \
              and are not checked",
                "the embedded PostgreSQL 17.5 keeps no names and no validity of NOT NULL constraints: they are not \
                 compared",
            ],
        );
    }

    #[test]
    fn a_gap_is_said() {
        check(
            ShadowRequest::Auto,
            Need { live_major: Some(15), extensions: names(&["pgcrypto", "timescaledb"]), icu: true },
            &here(&[]),
            "the history is replayed on the embedded PostgreSQL 17.5, because nothing better is installed here",
            &[
                "the embedded PostgreSQL 17.5 lacks the extension timescaledb: statements that need it fail there and \
                 are not checked",
                "the embedded PostgreSQL 17.5 lacks ICU collations: statements that need it fail there and are not \
                 checked",
                "the embedded PostgreSQL 17.5 knows pgcrypto by declaration only: rows that a migration computes with \
                 it are not checked",
                "the database runs PostgreSQL 15 and the shadow is the embedded PostgreSQL 17.5: a statement that \
                 only the newer one accepts is not noticed",
            ],
        );
    }

    #[test]
    fn what_was_asked_for_and_is_not_here_is_an_error() {
        let error = choose(
            &ShadowRequest::Local(Some(PathBuf::from("/opt/pg"))),
            &Need::default(),
            &AtHand::default(),
        );
        assert!(error.unwrap_err().to_string().starts_with("there is no PostgreSQL 13 or newer in /opt/pg"));
        assert!(choose(&ShadowRequest::Auto, &Need::default(), &AtHand::default()).is_err());
    }
}
